// What the engine asks of an object: the commands that a host answers, its lines in INFO, and its log.

import { Answered, type Level, sections } from '../host/core/abi.ts'
import type { Engine } from '../host/core/engine.ts'
import type { EngineHost } from '../host/core/engine-host.ts'
import { ReplyError } from '../host/core/errors.ts'
import { hostCommands } from '../host/core/generated/host-commands.ts'
import { encodeReply, type HostReply, OK, Simple } from '../host/core/reply.ts'

export interface ObjectFacts {
  engine(): Engine
  /** Replaces the log by a snapshot. */
  save(): Promise<void>
  isSaving(): boolean
  /** Tells the engine whether a token is right: the arguments of its question. */
  judge(args: readonly Uint8Array[]): Promise<void>
  /** Writes a line to the log of the worker. */
  write(line: string): void
  /** An answer came later: its session became ready. */
  answered(): void
  /** Lines for INFO, by section. */
  info(section: string): Record<string, string | number>
  nowMs(): number
}

const WARNING: Level = 3

export class ObjectHost implements EngineHost {
  readonly #facts: ObjectFacts
  #savedMs: number

  constructor(facts: ObjectFacts) {
    this.#facts = facts
    this.#savedMs = facts.nowMs()
  }

  log(level: Level, text: string): void {
    if (level >= WARNING) this.#facts.write(text)
  }

  command(session: number, number: number): (typeof Answered)[keyof typeof Answered] {
    const name = hostCommands.get(number) ?? ''
    const engine = this.#facts.engine()
    if (name === 'wadi.token') {
      void this.#judge(engine.arguments())
      return Answered.later
    }
    if (name === 'save' && engine.mayAnswerLater) {
      void this.#saveLater(session)
      return Answered.later
    }
    engine.answer(session, encodeReply(this.#reply(name)))
    return Answered.now
  }

  /** Looks at a token that AUTH has brought. */
  async #judge(args: readonly Uint8Array[]): Promise<void> {
    await this.#facts.judge(args)
    this.#facts.answered()
  }

  #reply(name: string): HostReply {
    switch (name) {
      case 'bgsave':
      case 'bgrewriteaof':
        return this.#saveSoon(name)
      case 'lastsave':
        return Math.floor(this.#savedMs / 1000)
      case 'config|rewrite': // What CONFIG SET changes is kept anyway.
        return OK
      case 'wait':
        return 0
      case 'waitaof': // Replies leave when what they tell is stored.
        return [1, 0]
      default:
        return new ReplyError(`ERR ${name.toUpperCase()} is not available in a Durable Object`)
    }
  }

  #saveSoon(name: string): HostReply {
    if (this.#facts.isSaving()) return new ReplyError('ERR Background save already in progress')
    queueMicrotask(() => void this.#save())
    return new Simple(
      name === 'bgsave'
        ? 'Background saving started'
        : 'Background append only file rewriting started',
    )
  }

  async #save(): Promise<void> {
    await this.#facts.save()
    this.#savedMs = this.#facts.nowMs()
  }

  async #saveLater(session: number): Promise<void> {
    await Promise.resolve()
    await this.#save()
    this.#facts.engine().answer(session, encodeReply(OK))
    this.#facts.answered()
  }

  configure(): undefined {
    return undefined
  }

  info(section: number): string {
    return Object.entries(this.#facts.info(sections[section] ?? ''))
      .map(([field, value]) => `${field}:${value}\r\n`)
      .join('')
  }
}
