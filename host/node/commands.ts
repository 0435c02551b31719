// The commands that need the host: the engine has checked name, arity, access and context, and calls here.
// Persistence, replication and others register theirs.

import { Answered } from '../core/abi.ts'
import type { Engine } from '../core/engine.ts'
import { ReplyError } from '../core/errors.ts'
import { hostCommands } from '../core/generated/host-commands.ts'
import { encodeReply, type HostReply } from '../core/reply.ts'
import type { Logger } from './logger.ts'

/** One call of a host command. */
export class HostCall {
  readonly session: number
  /** The command's name in the table, `config|rewrite`, whatever it was renamed to. */
  readonly name: string
  readonly args: readonly Uint8Array[]
  /** The number of the caller's database. */
  readonly db: number

  constructor(session: number, name: string, args: readonly Uint8Array[], db = 0) {
    this.session = session
    this.name = name
    this.args = args
    this.db = db
  }

  /** An argument as text, '' when there are not so many. */
  text(index: number): string {
    return Buffer.from(this.args[index] ?? []).toString()
  }

  /** An argument as a word to compare with, in lower case. */
  word(index: number): string {
    return this.text(index).toLowerCase()
  }
}

/** What a command returns that had the engine reply itself, or has no reply. */
export const ANSWERED = Symbol('answered')

/** Replies at once. A `ReplyError`, thrown or returned, is the reply. */
export type HostCommand = (call: HostCall) => HostReply | typeof ANSWERED

/** Replies later: the session waits until then. A transaction cannot, and is refused. */
export type LateHostCommand = (call: HostCall) => Promise<HostReply | typeof ANSWERED>

export const NO_TRANSACTION = new ReplyError('ERR Command not allowed inside a transaction')

export class HostCommands {
  readonly #commands = new Map<string, HostCommand>()
  readonly #lateCommands = new Map<string, LateHostCommand>()
  readonly #engine: () => Engine
  readonly #log: Logger
  /** Called when an answer came later: its session became ready. */
  readonly #answered: () => void
  /** Sessions that wait for an answer, each with its own call. */
  readonly #waiting = new Map<number, HostCall>()

  constructor(engine: () => Engine, log: Logger, answered: () => void) {
    this.#engine = engine
    this.#log = log
    this.#answered = answered
  }

  /**
   * Registers a command, `bgsave`, or a subcommand, `config|rewrite`; of DEBUG, whose subcommands the table
   * does not have, `debug|sleep`. It may not call the engine.
   */
  on(name: string, command: HostCommand): void {
    this.#commands.set(name, command)
  }

  /**
   * Registers one that replies later; what it does after its first `await` may call the engine. In a
   * transaction it is refused, unless there is a way to reply at once, which is taken in the middle of a script, too.
   */
  onLate(name: string, command: LateHostCommand, atOnce?: HostCommand): void {
    this.#lateCommands.set(name, command)
    this.#commands.delete(name)
    if (atOnce) this.#commands.set(name, atOnce)
  }

  /** Runs the command that the engine hands over. */
  run(session: number, number: number): (typeof Answered)[keyof typeof Answered] {
    const args = this.#engine().arguments()
    const name = nameOf(number, args)
    const call = new HostCall(session, name, args, this.#engine().callDatabase)
    const late = this.#lateCommands.get(name)
    const waits = !this.#engine().isHearing || !this.#commands.has(name)
    if (late && waits && this.#engine().mayAnswerLater) {
      this.#waiting.set(session, call)
      void this.#answerLater(call, late)
      return Answered.later
    }
    const reply = this.#call(call, late !== undefined)
    if (reply !== ANSWERED) this.#answer(session, reply)
    return Answered.now
  }

  /** A session is closed: nobody waits for its answer any more. */
  forget(session: number): void {
    this.#waiting.delete(session)
  }

  #call(call: HostCall, isLate: boolean): HostReply | typeof ANSWERED {
    const command = this.#commands.get(call.name)
    if (!command && isLate) return NO_TRANSACTION
    if (!command) {
      const name = call.name.replace('|', ' ')
      return new ReplyError(`ERR ${name} is not available in this server`)
    }
    try {
      return command(call)
    } catch (error) {
      return this.#failure(call, error)
    }
  }

  async #answerLater(call: HostCall, command: LateHostCommand): Promise<void> {
    let reply: HostReply | typeof ANSWERED
    try {
      reply = await command(call)
    } catch (error) {
      reply = this.#failure(call, error)
    }
    // The client may be gone, and its session another's.
    if (this.#waiting.get(call.session) !== call) return
    this.#waiting.delete(call.session)
    if (reply !== ANSWERED) this.#answer(call.session, reply)
    this.#answered()
  }

  #failure(call: HostCall, error: unknown): ReplyError {
    if (error instanceof ReplyError) return error
    const { message, stack } = error instanceof Error ? error : new Error(String(error))
    this.#log.warning(`${call.name} failed: ${stack ?? message}`)
    return new ReplyError(`ERR ${message}`)
  }

  #answer(session: number, reply: HostReply): void {
    this.#engine().answer(session, encodeReply(reply))
  }
}

function nameOf(number: number, args: readonly Uint8Array[]): string {
  const name = hostCommands.get(number) ?? ''
  return name === 'debug' ? `debug|${String(Buffer.from(args[1]!)).toLowerCase()}` : name
}
