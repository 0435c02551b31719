/**
 * Hand-picked scripts: the form in which they are written.
 *
 * A script is a text with a command a line, quoted as in redis-cli (empty lines and lines that begin
 * with `#` do not count), or a list of such lines, of arrays of arguments where a Buffer is easier,
 * and of `{ raw, on }`: bytes that are sent as they are.
 * A line may begin with a connection: `b> BLPOP list 0`; without one it is connection `a`.
 * `{id:b}` and `{addr:b}` stand for the client id and the address of connection b.
 * `~ 20` waits so many milliseconds, `~ b` waits until something arrives on connection b.
 */
import { formatLine, parseLine } from '../support/command-line.ts'
import { type Command, readable } from '../support/frames.ts'
import { lines } from './values.ts'

export type Step = string | Command | { readonly raw: string | Buffer; readonly on?: string }

export interface Case {
  readonly name: string
  readonly commands: string | readonly Step[]
  /** Runs in this protocol only. */
  readonly protocol?: 2 | 3
}

export function actionsOf(commands: Case['commands']): Action[] {
  return (typeof commands === 'string' ? lines(commands) : commands).map(action)
}

export type Action =
  | { kind: 'command'; on: string; command: Command; line: string }
  | { kind: 'raw'; on: string; bytes: Buffer; line: string }
  | { kind: 'sleep'; ms: number; line: string }
  | { kind: 'await'; on: string; line: string }

const shortened = (line: string) => (line.length > 200 ? `${line.slice(0, 200)}…` : line)

function action(step: Step): Action {
  if (typeof step === 'object' && 'raw' in step) {
    const bytes = Buffer.isBuffer(step.raw) ? step.raw : Buffer.from(step.raw, 'latin1')
    return { kind: 'raw', on: step.on ?? 'a', bytes, line: `raw ${readable(bytes)}` }
  }
  if (typeof step !== 'string') {
    return { kind: 'command', on: 'a', command: step, line: shortened(formatLine(step)) }
  }
  const wait = /^~ (?:(\d+)|(\w+))$/.exec(step)
  if (wait?.[1]) return { kind: 'sleep', ms: Number(wait[1]), line: step }
  if (wait?.[2]) return { kind: 'await', on: wait[2], line: step }
  const [, on = 'a', line = ''] = /^(?:(\w+)> )?(.*)$/s.exec(step) ?? []
  return { kind: 'command', on, command: parseLine(line), line: shortened(step) }
}
