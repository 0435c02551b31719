/** The server under test, as its users start it: the built command line in a process of its own. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { serverArguments, start, type TestServer } from './process.ts'

const CLI = path.resolve(import.meta.dirname, '../../dist/node/cli.js')

/**
 * Another program may stand in for Wadi. With `WADI_UNDER_TEST=redis-server` the tests compare
 * redis-server with itself, and what fails then is a fault of the test.
 */
const underTest = process.env['WADI_UNDER_TEST']

/** Starts Wadi on a private port, with DEBUG allowed and nothing saved. */
export function startWadi(options: { port?: number; args?: string[] } = {}): Promise<TestServer> {
  if (!underTest && !existsSync(CLI)) throw new Error('The server is not built: npm run build')
  const program = underTest ? underTest.split(' ') : [process.execPath, CLI]
  return start({
    name: 'wadi',
    ...(options.port === undefined ? {} : { port: options.port }),
    command: (port, dir) => [...program, ...serverArguments(port, dir), ...(options.args ?? [])],
  })
}
