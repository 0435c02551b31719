/** The server under test, as its users start it: the built command line in a process of its own. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { serverArguments, start, type TestServer } from './process.ts'
import { startRedis } from './redis.ts'

const CLI = path.resolve(import.meta.dirname, '../../dist/node/cli.js')

/**
 * With `WADI_UNDER_TEST=redis-server` the tests compare redis-server with itself: what fails then is
 * a fault of the test.
 */
export const underTest = process.env['WADI_UNDER_TEST'] ?? 'wadi'

/** Starts Wadi on a private port, with DEBUG allowed and nothing saved. */
export function startWadi(options: { port?: number; args?: string[] } = {}): Promise<TestServer> {
  if (underTest === 'redis-server') return startRedis(options)
  if (!existsSync(CLI)) throw new Error('The server is not built: npm run build')
  return start({
    name: 'wadi',
    ...(options.port === undefined ? {} : { port: options.port }),
    command: (port, dir) => [
      process.execPath,
      CLI,
      ...serverArguments(port, dir),
      ...(options.args ?? []),
    ],
  })
}
