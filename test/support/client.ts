// Commands on an engine in this process, with replies as JavaScript values.

import { Kind } from '../../host/core/abi.ts'
import type { Engine } from '../../host/core/engine.ts'
import { newEngine } from './engine.ts'
import { encode, ReplyReader, type Argument, type Reply } from './frames.ts'

/** A bulk is a buffer, a status or an error its text, an aggregate an array. */
export type Value = Buffer | string | number | null | Value[]

export class Client {
  readonly engine: Engine
  readonly #session: number

  constructor(engine: Engine = newEngine(), kind: Kind = Kind.client) {
    this.engine = engine
    this.#session = engine.open(kind)
  }

  call(...command: Argument[]): Value {
    const sent = encode(command)
    const pointer = this.engine.buffer(sent.length)
    this.engine.bytes.set(sent, pointer)
    this.engine.setTime()
    const flags = this.engine.feed(this.#session, pointer, sent.length)
    this.engine.unbuffer(pointer)
    const [reply] = new ReplyReader().push(Buffer.from(this.engine.drain(this.#session, flags)))
    if (!reply) throw new Error(`no reply to ${command.join(' ').slice(0, 80)}`)
    return value(reply)
  }

  tick(work = 1000): void {
    this.engine.tick(work)
  }
}

function value(reply: Reply): Value {
  if (reply.isNull) return null
  if (reply.isAggregate) return reply.items.map(value)
  if (reply.type === '$') return Buffer.from(reply.data)
  return reply.type === ':' ? Number(reply.text) : reply.text
}
