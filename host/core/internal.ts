// The host's own session: it tells the engine what it must know, and asks.

import { Kind } from './abi.ts'
import { type Reply, ReplyDecoder, readText } from './decode.ts'
import { type Argument, encodeCommand } from './encode.ts'
import type { Engine } from './engine.ts'
import { NoRoomError, ReplyError } from './errors.ts'

export class InternalSession {
  readonly #engine: Engine
  readonly #session: number
  readonly #decoder = new ReplyDecoder(readText)

  /** @throws {NoRoomError} */
  constructor(engine: Engine) {
    this.#engine = engine
    this.#session = engine.open(Kind.internal)
    if (!this.#session) throw new NoRoomError('no room for the internal session')
  }

  /**
   * Runs a command, but never inside an import: the engine runs one command at a time. Others that
   * became ready stay in the queue.
   *
   * @throws {ReplyError}
   */
  call(...args: Argument[]): Reply {
    return this.#exchange(encodeCommand(args), false)
  }

  /** Runs a command; text comes back as bytes. @throws {ReplyError} */
  callBytes(...args: Argument[]): Reply {
    return this.#exchange(encodeCommand(args), true)
  }

  close(): void {
    this.#engine.close(this.#session)
  }

  #exchange(command: Uint8Array, asBytes: boolean): Reply {
    const engine = this.#engine
    const pointer = engine.buffer(command.length)
    engine.bytes.set(command, pointer)
    const flags = engine.feed(this.#session, pointer, command.length)
    engine.unbuffer(pointer)
    const output = engine.drain(this.#session, flags)
    this.#decoder.reset(output, 0, output.length)
    const reply = output.length ? this.#decoder.decode(asBytes) : null
    if (reply instanceof ReplyError) throw reply
    return reply
  }
}
