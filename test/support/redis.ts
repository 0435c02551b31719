/** The reference: a redis-server of its own for each test file. */
import { spawnSync } from 'node:child_process'
import { serverArguments, start, type TestServer } from './process.ts'

/** Why no redis-server can be started here; undefined when one can. */
export function redisMissing(): string | undefined {
  const probe = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  if (probe.error || probe.status !== 0) {
    return 'redis-server is not installed, so there is nothing to compare with'
  }
  return undefined
}

/** Starts redis-server on a private port, with DEBUG allowed and nothing saved. */
export function startRedis(options: { port?: number; args?: string[] } = {}): Promise<TestServer> {
  return start({
    name: 'redis',
    ...(options.port === undefined ? {} : { port: options.port }),
    command: (port, dir) => [
      'redis-server',
      ...serverArguments(port, dir),
      ...(options.args ?? []),
    ],
  })
}
