// Subscriptions: handlers by channel and by pattern, over one session of their own.

import type { Reply } from '../decode.ts'

import type { Line } from './line.ts'

/** A message came: its text, the channel, and for patterns the pattern that matched. */
export type MessageHandler = (message: string, channel: string, pattern?: string) => void

type Handlers = Map<string, Set<MessageHandler>>

export class Messages {
  readonly #connect: () => Line
  #line: Line | undefined
  readonly #channels: Handlers = new Map()
  readonly #patterns: Handlers = new Map()

  constructor(connect: () => Line) {
    this.#connect = connect
  }

  subscribe(
    names: string | readonly string[],
    handler: MessageHandler,
    isPattern: boolean,
  ): (() => void) | Promise<() => void> {
    const list = typeof names === 'string' ? [names] : [...names]
    const handlers = isPattern ? this.#patterns : this.#channels
    const prefix = isPattern ? 'P' : ''
    const fresh = list.filter((name) => !handlers.has(name))
    for (const name of list) handlers.set(name, (handlers.get(name) ?? new Set()).add(handler))
    const end = (): void => {
      const gone = list.filter((name) => {
        const left = handlers.get(name)
        return left?.delete(handler) && left.size === 0 && handlers.delete(name)
      })
      if (gone.length) ignore(this.#line?.call(`${prefix}UNSUBSCRIBE`, ...gone))
    }
    if (fresh.length === 0) return end
    const answer = this.#open().call(`${prefix}SUBSCRIBE`, ...fresh)
    if (!(answer instanceof Promise)) return end
    return answer.then(
      () => end,
      (error: unknown) => {
        end()
        throw error
      },
    )
  }

  close(): void {
    this.#line?.close()
    this.#line = undefined
  }

  #open(): Line {
    if (this.#line) return this.#line
    const line = this.#connect()
    line.onPush = (push) => this.#deliver(push)
    this.#line = line
    return line
  }

  #deliver([kind, ...rest]: Reply[]): void {
    const words = rest.map(String) as [string, string, string]
    if (kind === 'message') {
      const [channel, message] = words
      for (const handler of this.#channels.get(channel) ?? []) handler(message, channel)
    } else if (kind === 'pmessage') {
      const [pattern, channel, message] = words
      for (const handler of this.#patterns.get(pattern) ?? []) handler(message, channel, pattern)
    }
  }
}

/** Lets an answer go that nobody waits for. */
export function ignore(answer: unknown): void {
  if (answer instanceof Promise) answer.catch(() => undefined)
}
