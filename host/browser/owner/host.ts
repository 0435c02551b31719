// What the engine asks of a store: the commands that a host answers.

import { Answered } from '../../core/abi.ts'
import type { Engine } from '../../core/engine.ts'
import type { EngineHost } from '../../core/engine-host.ts'
import { ReplyError } from '../../core/errors.ts'
import { hostCommands } from '../../core/generated/host-commands.ts'
import { refusesTokens } from '../../core/plain-host.ts'
import { encodeReply, type HostReply, OK, Simple } from '../../core/reply.ts'

export interface StoreFacts {
  engine(): Engine
  /** Replaces the log by a snapshot. */
  save(): Promise<void>
  /** Everything written so far is kept when this resolves. */
  flush(): Promise<void>
  /** Whether an answer may come later: where calls answer at once it may not. */
  mayWait: boolean
  /** An answer came later: its session became ready. */
  answered(): void
  /** Unix time in ms. */
  nowMs(): number
}

export class StoreHost implements EngineHost {
  readonly #facts: StoreFacts
  #savedMs: number
  #isSaving = false

  constructor(facts: StoreFacts) {
    this.#facts = facts
    this.#savedMs = facts.nowMs()
  }

  log(): void {}

  configure(name: string, value: string): string | undefined {
    return refusesTokens(name, value)
  }

  info(): string {
    return ''
  }

  command(session: number, number: number): (typeof Answered)[keyof typeof Answered] {
    const name = hostCommands.get(number) ?? ''
    const engine = this.#facts.engine()
    const later = this.#facts.mayWait && engine.mayAnswerLater ? this.#later(name) : undefined
    if (!later) {
      engine.answer(session, encodeReply(this.#now(name)))
      return Answered.now
    }
    void later
      .catch((error: unknown) => new ReplyError(`ERR ${(error as Error).message}`))
      .then((reply) => {
        if (engine.crash) return undefined
        engine.answer(session, encodeReply(reply))
        return this.#facts.answered()
      })
    return Answered.later
  }

  #later(name: string): Promise<HostReply> | undefined {
    if (name === 'save') return this.#save().then(() => OK)
    if (name === 'waitaof') return this.#facts.flush().then(() => [1, 0])
    return undefined
  }

  #now(name: string): HostReply {
    switch (name) {
      case 'bgsave':
        return this.#saveSoon('Background saving started')
      case 'bgrewriteaof':
        return this.#saveSoon('Background append only file rewriting started')
      case 'lastsave':
        return Math.floor(this.#savedMs / 1000)
      case 'wait':
        return 0
      case 'waitaof':
        return [0, 0]
      case 'config|rewrite':
        return new ReplyError('ERR The server is running without a config file')
      default:
        return new ReplyError(`ERR ${name.toUpperCase()} is not available in a browser`)
    }
  }

  #saveSoon(answer: string): HostReply {
    if (this.#isSaving) return new ReplyError('ERR Background save already in progress')
    queueMicrotask(() => void this.#save().catch(() => undefined))
    return new Simple(answer)
  }

  async #save(): Promise<void> {
    this.#isSaving = true
    try {
      await this.#facts.save()
      this.#savedMs = this.#facts.nowMs()
    } finally {
      this.#isSaving = false
    }
  }
}
