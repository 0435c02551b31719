// SHUTDOWN and the signals: save what must be saved, let go of what is held, leave.

import { ReplyError } from '../core/errors.ts'
import { type HostReply, OK } from '../core/reply.ts'
import { ANSWERED, type HostCall, type HostCommands, NO_TRANSACTION } from './commands.ts'
import type { Logger } from './logger.ts'

export interface ShutdownWish {
  /** Whether to save a last snapshot; undefined: if snapshots are configured. */
  save: boolean | undefined
  /** Does not wait for replicas that lag. */
  now: boolean
  /** Leaves whatever fails. */
  force: boolean
}

/** A part of the server makes ready to leave; it throws when the server must not leave. */
export type ShutdownStep = (wish: ShutdownWish, signal: AbortSignal) => Promise<void> | void

export interface ShutdownParts {
  log: Logger
  /** Lets writes of clients wait, or go on. */
  hold(on: boolean): void
  /** Lets go of connections and listening sockets. */
  letGo(): void
  /** Ends the script in the middle of which a command has come, and what it did is gone; false when there is none. */
  endScript(): boolean
  leave(): void
}

export class Shutdown {
  readonly #steps: ShutdownStep[] = []
  readonly #parts: ShutdownParts
  readonly #log: Logger
  #running: AbortController | undefined

  constructor(parts: ShutdownParts) {
    this.#parts = parts
    this.#log = parts.log
  }

  /** Steps run in the order of their registration. */
  addStep(step: ShutdownStep): void {
    this.#steps.push(step)
  }

  register(commands: HostCommands): void {
    commands.onLate(
      'shutdown',
      (call) => this.#command(call),
      (call) => this.#commandAtOnce(call),
    )
  }

  /**
   * Answers whether the server leaves; false when a step failed or the shutdown was aborted. Nobody's write
   * is done meanwhile: it would be missing from what the steps make safe.
   */
  async run(wish: ShutdownWish): Promise<boolean> {
    this.#log.warning('User requested shutdown...')
    this.#parts.hold(true)
    const hasLeft = await this.#runSteps(wish)
    if (!hasLeft) this.#parts.hold(false)
    return hasLeft
  }

  async #runSteps(wish: ShutdownWish): Promise<boolean> {
    const running = (this.#running = new AbortController())
    try {
      for (const step of this.#steps) {
        await this.#runStep(step, wish, running.signal)
        if (running.signal.aborted) return false
      }
    } catch {
      return false
    } finally {
      this.#running = undefined
    }
    this.#parts.letGo()
    this.#log.warning('Redis is now ready to exit, bye bye...')
    this.#parts.leave()
    return true
  }

  /**
   * In the middle of a script, which may have written: it ends, nobody hears anything any more, and the log says
   * nothing of what it did. What others were told is made safe as at any end.
   */
  #commandAtOnce(call: HostCall): HostReply | typeof ANSWERED {
    const wish = wishOf(call)
    if (wish === 'abort') return this.#abort()
    if (!this.#parts.endScript()) throw NO_TRANSACTION
    queueMicrotask(() => {
      this.#parts.letGo()
      void this.run({ save: false, now: true, force: true })
    })
    return ANSWERED
  }

  #abort(): HostReply {
    if (!this.#running) throw new ReplyError('ERR No shutdown in progress.')
    this.#log.notice('Shutdown manually aborted.')
    this.#running.abort()
    return OK
  }

  async #runStep(step: ShutdownStep, wish: ShutdownWish, signal: AbortSignal): Promise<void> {
    try {
      await step(wish, signal)
    } catch (error) {
      this.#log.warning(String(error instanceof Error ? error.message : error))
      if (!wish.force) throw error
    }
  }

  async #command(call: HostCall): Promise<HostReply> {
    const wish = wishOf(call)
    if (wish === 'abort') return this.#abort()
    // The engine's own call must be over before it is called again.
    await Promise.resolve()
    if (await this.run(wish)) return new Promise(() => undefined)
    throw new ReplyError('ERR Errors trying to SHUTDOWN. Check logs.')
  }
}

function wishOf(call: HostCall): ShutdownWish | 'abort' {
  return parseShutdown(call.args.slice(1).map((_, i) => call.word(i + 1)))
}

/** `[NOSAVE | SAVE] [NOW] [FORCE]` or `ABORT`, in lower case. @throws {ReplyError} */
export function parseShutdown(words: readonly string[]): ShutdownWish | 'abort' {
  const has = (word: string) => words.includes(word)
  const isKnown = words.every((word) => /^(nosave|save|now|force|abort)$/.test(word))
  const contradicts = (has('abort') && words.length > 1) || (has('save') && has('nosave'))
  if (!isKnown || contradicts) throw new ReplyError('ERR syntax error')
  if (has('abort')) return 'abort'
  const save = has('save') ? true : has('nosave') ? false : undefined
  return { save, now: has('now'), force: has('force') }
}
