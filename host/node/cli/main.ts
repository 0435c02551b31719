// wadi cli: what redis-cli does, for machines that have none.

import { readFileSync } from 'node:fs'
import readline from 'node:readline'
import { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { systemMessage } from '../system-error.ts'
import { REDIS_VERSION } from '../version.ts'
import { bigKeys, hotKeys, scan } from './keys.ts'
import { LinkError } from './link.ts'
import { type Options, parseOptions, UsageError } from './options.ts'
import { pipe } from './pipe.ts'
import { Repl } from './repl.ts'
import { Session, type Terminal } from './session.ts'
import { usage } from './usage.ts'
import { latency, stat } from './watch.ts'

const UNSAFE =
  "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n"

/** Runs with the arguments behind `cli`, in latin1; answers the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const { stdin, stdout, stderr, env } = process
  stdout.on('error', () => process.exit(1))
  const terminal: Terminal = {
    print: (text) => void stdout.write(text, 'latin1'),
    complain: (text) => void stderr.write(text, 'latin1'),
  }
  try {
    const options = parseOptions(argv, { isTerminal: stdout.isTTY, env })
    if (options.isPasswordVisible && options.warnsOfPassword && !options.asksPassword)
      terminal.complain(UNSAFE)
    if (options.asksPassword) options.password = await askPassword()
    return await run(new Session(options, terminal), stdin)
  } catch (error) {
    if (error instanceof UsageError && error.isOutput) terminal.print(error.message)
    else if (error instanceof UsageError) terminal.complain(error.message)
    else if (error instanceof LinkError) terminal.complain(`${error.message}\n`)
    else throw error
    return 1
  }
}

async function run(session: Session, stdin: NodeJS.ReadStream): Promise<number> {
  const { options, terminal } = session
  switch (options.mode) {
    case 'help':
      terminal.print(usage)
      return 0
    case 'version':
      terminal.print(`redis-cli ${REDIS_VERSION} (wadi)\n`)
      return 0
    case 'pipe':
      return pipe(session, stdin as AsyncIterable<Buffer>)
    case 'scan':
      return scan(session)
    case 'bigkeys':
      return bigKeys(session, false)
    case 'memkeys':
      return bigKeys(session, true)
    case 'hotkeys':
      return hotKeys(session)
    case 'latency':
      return latency(session)
    case 'stat':
      return stat(session)
    case 'eval':
      return runCommand(session, evalCommand(options))
    default:
      if (options.command.length || options.stdin) return runCommand(session, withInput(options))
      return new Repl(session, stdin, process.stdout).run()
  }
}

/** One command, as often as it is asked for. */
async function runCommand(session: Session, command: string[]): Promise<number> {
  const { repeat, intervalMs, failsOnError } = session.options
  await session.connect()
  let code = 0
  for (let left = repeat; left !== 0 && code === 0; left--) {
    const isAnswered = await session.run(command)
    if (!isAnswered || (failsOnError && session.hasFailed)) code = 1
    else if (intervalMs && left !== 1) await pause(intervalMs)
  }
  session.close()
  return code
}

/** `EVAL script count key … arg …`: a comma among the words ends the keys. */
function evalCommand({ script, command }: Options): string[] {
  const comma = command.indexOf(',')
  const keys = comma < 0 ? command : command.slice(0, comma)
  const args = comma < 0 ? [] : command.slice(comma + 1)
  const path = Buffer.from(script, 'latin1').toString()
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    throw new UsageError(`Can't open file '${script}': ${systemMessage(error)}\n`)
  }
  return ['EVAL', text, String(keys.length), ...keys, ...args]
}

/** The command with what standard input says, behind it or in the place of a word. */
function withInput({ command, stdin }: Options): string[] {
  if (!stdin) return command
  const text = readFileSync(0, 'latin1')
  if (stdin.tag === undefined) return [...command, text]
  const at = command.indexOf(stdin.tag)
  if (at < 0) throw new UsageError('Using -X option but stdin tag not match.\n')
  return command.with(at, text)
}

/** Asks without showing what is typed. */
async function askPassword(): Promise<string> {
  process.stderr.write('Please input password: ')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = readline.createInterface({
    input: process.stdin,
    output: silent,
    terminal: process.stdin.isTTY,
  })
  const [line] = await Promise.race([
    new Promise<[string]>((resolve) => lines.once('line', (text) => resolve([text]))),
    new Promise<[string]>((resolve) => lines.once('close', () => resolve(['']))),
  ])
  lines.close()
  process.stderr.write('\n')
  return Buffer.from(line).toString('latin1')
}
