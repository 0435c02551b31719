// A session of an engine in the same thread: a call writes the command into linear memory, feeds it, and
// decodes the reply where it lies.

import { Flag, Kind } from './abi.ts'
import { IncompleteReply, type Reply, ReplyDecoder } from './decode.ts'
import { type Argument, CommandEncoder, encodeCommand, layShort } from './encode.ts'
import type { Engine } from './engine.ts'
import { NoRoomError, ReplyError } from './errors.ts'
import type { Runtime } from './runtime.ts'
import type { TurnClock } from './turn-clock.ts'
import { commandMethods } from './typed.ts'

/** What a connection needs of the database it belongs to. */
export interface Exchange {
  readonly engine: Engine
  readonly runtime: Runtime
  readonly turnClock: TurnClock
  /** A feed left sessions ready: hand out what they have. */
  settle(): void
  /** The effects log has bytes. */
  logged(): void
  /** A timer of the engine is due earlier than it said. */
  tick(): void
  /** A session waits: its time will be over. */
  wake(): void
  /** Ends the blocking command of a session with the reply of a timeout. */
  unblock(clientId: number): void
  /** The connection was closed by either side. */
  forget(session: number): void
}

export type PushListener = (message: Reply[]) => void

/** Commands with more arguments are sent as RESP. */
const MOST_LAID = 64

/** Confirmations of these kinds are the reply of the command that asked for them. */
const CONFIRMATIONS = /^[ps]?(un)?subscribe$/

export class Connection extends commandMethods<'wait'>() {
  /** Called with each push: published messages, invalidations. */
  onPush: PushListener | undefined

  readonly #exchange: Exchange
  readonly #engine: Engine
  readonly #time: TurnClock
  readonly #encoder: CommandEncoder
  readonly #decoder: ReplyDecoder
  /** A reply of at most so many bytes may come as text at once; -1: none. */
  readonly #textBytes: number
  #session: number
  readonly #id: number
  #waiting: ((reply: Reply) => void) | undefined

  /** @throws {NoRoomError} */
  constructor(exchange: Exchange) {
    super()
    this.#exchange = exchange
    this.#engine = exchange.engine
    this.#time = exchange.turnClock
    this.#encoder = new CommandEncoder(exchange.runtime.writeText)
    const { readText, nativeTextBytes = 0 } = exchange.runtime
    const nativeText = nativeTextBytes ? this.#engine.nativeText(readText) : undefined
    this.#decoder = new ReplyDecoder(readText, nativeText, nativeTextBytes)
    this.#textBytes = nativeText ? nativeTextBytes : -1
    this.#session = this.#engine.open(Kind.client)
    if (!this.#session) throw new NoRoomError('no room for another connection')
    const { id } = this.call('HELLO', '3') as { id: number }
    this.#id = id
  }

  /** The handle of the session in the engine; 0 once closed. */
  get session(): number {
    return this.#session
  }

  /**
   * Runs a command; text comes back as strings. A blocking command never blocks: it answers what it
   * answers when its time is over.
   *
   * @throws {ReplyError}
   */
  call(...args: Argument[]): Reply {
    return this.run(args, false)
  }

  /** Runs a command; text comes back as bytes. @throws {ReplyError} */
  callBytes(...args: Argument[]): Reply {
    return this.run(args, true)
  }

  /** Runs a command; a blocking one resolves once it is served. One at a time a connection. */
  async wait(...args: Argument[]): Promise<Reply> {
    const flags = this.#send(args)
    const reply = this.#reply(flags, false)
    if (reply !== undefined) return unwrap(reply)
    if (flags & Flag.timer) this.#exchange.tick()
    else this.#exchange.wake()
    return new Promise((resolve) => {
      this.#waiting = resolve
    }).then((value) => unwrap(value as Reply))
  }

  run(args: readonly Argument[], asBytes: boolean): Reply {
    if (!this.#session || this.#waiting || args.length >= MOST_LAID)
      return this.#runLong(this.#send(args), asBytes)
    this.#time.set()
    if (args.length === 2 && args[0] === 'GET' && !asBytes && this.#textBytes >= 0) {
      const text = this.#glance(args[1]!)
      if (text !== null) return text
    }
    if (!this.#lay(args)) return this.#runLong(this.#send(args), asBytes)
    const engine = this.#engine
    let flags
    if (asBytes || this.#textBytes < 0) {
      flags = engine.call(this.#session, engine.window, args.length)
    } else {
      const text = engine.callText(this.#session, engine.window, args.length, this.#textBytes)
      if (text !== null) return text
      flags = engine.callFlags
    }
    if (!(flags & Flag.answered))
      return this.#runLong(flags & Flag.refused ? this.#send(args) : flags, asBytes)
    const reply = this.#answer(asBytes)
    if (flags & Flag.log) this.#exchange.logged()
    return unwrap(reply)
  }

  /** GET of a short key, the shortest way; null: the way of all commands. */
  #glance(key: Argument): string | null {
    const engine = this.#engine
    const { window } = engine
    if (typeof key !== 'string' || !layShort(engine.bytes, window, key)) return null
    return engine.glance(this.#session, window, key.length, this.#textBytes)
  }

  /** The reply that a call left behind: it lies there until the engine is called again. */
  #answer(asBytes: boolean): Reply {
    const engine = this.#engine
    const start = engine.address
    const end = start + engine.callLength
    const decoder = this.#decoder
    if (decoder.reset(engine.bytes, start, end)) {
      const reply = decoder.decode(asBytes)
      if (decoder.position === end) return reply
    }
    return this.#sort(engine.bytes.slice(start, end), asBytes) ?? null
  }

  #runLong(flags: number, asBytes: boolean): Reply {
    let reply = this.#reply(flags, asBytes)
    if (reply === undefined && flags & Flag.blocked) {
      this.#exchange.unblock(this.#id)
      reply = this.#reply(0, asBytes)
    }
    return unwrap(reply ?? null)
  }

  /** Lays the arguments into the window, without RESP around them; whether they fit. */
  #lay(args: readonly Argument[]): boolean {
    const engine = this.#engine
    const { window } = engine
    const end = window + engine.windowBytes
    return this.#encoder.lay(engine.bytes, engine.words, window >>> 2, end, args)
  }

  /** Whether a blocking command waits here. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  /** Hands out what arrived without being asked for: pushes, and the reply that `wait` waits for. */
  deliver(flags: number): void {
    const reply = this.#reply(flags & Flag.more, false)
    if (reply !== undefined) {
      this.#waiting?.(reply)
      this.#waiting = undefined
    }
    if (flags & (Flag.closeAfter | Flag.closeNow)) this.close()
  }

  close(): void {
    if (!this.#session) return
    const session = this.#session
    this.#session = 0
    this.#engine.close(session)
    this.#exchange.forget(session)
    this.#waiting?.(new ReplyError('ERR the connection was closed'))
  }

  #send(args: readonly Argument[]): number {
    if (!this.#session) throw new Error('the connection is closed')
    if (this.#waiting) throw new Error('the connection waits for a blocking command')
    this.#time.set()
    const engine = this.#engine
    const start = engine.window
    const end = this.#encoder.encode(engine.bytes, start, start + engine.windowBytes, args)
    return end > 0 ? engine.feed(this.#session, start, end - start) : this.#sendLarge(args)
  }

  #sendLarge(args: readonly Argument[]): number {
    const command = encodeCommand(args, this.#exchange.runtime.writeText)
    const pointer = this.#engine.buffer(command.length)
    this.#engine.bytes.set(command, pointer)
    const flags = this.#engine.feed(this.#session, pointer, command.length)
    this.#engine.unbuffer(pointer)
    return flags
  }

  /** The reply that a feed left, `undefined` when there is none yet. */
  #reply(flags: number, asBytes: boolean): Reply | undefined {
    const engine = this.#engine
    const length = flags & Flag.more ? 0 : engine.output(this.#session)
    const whole = length ? this.#decodeHere(length, asBytes) : undefined
    const reply = whole === undefined ? this.#gather(flags, asBytes) : whole
    if (flags & Flag.log) this.#exchange.logged()
    if (flags & Flag.ready) this.#exchange.settle()
    return reply
  }

  /** Decodes a reply where it lies; `undefined` when it is not all there, or comes with others. */
  #decodeHere(length: number, asBytes: boolean): Reply | undefined {
    const engine = this.#engine
    const start = engine.address
    const decoder = this.#decoder
    if (!decoder.reset(engine.bytes, start, start + length)) return undefined
    try {
      const reply = decoder.decode(asBytes)
      if (decoder.position !== start + length) return undefined
      engine.sent(this.#session, length)
      return reply
    } catch (error) {
      if (error instanceof IncompleteReply) return undefined
      throw error
    }
  }

  /** The long way: a reply in several pieces, or pushes around it. */
  #gather(flags: number, asBytes: boolean): Reply | undefined {
    return this.#sort(this.#engine.drain(this.#session, flags), asBytes)
  }

  /** The reply among pushes, which are told later. */
  #sort(output: Uint8Array, asBytes: boolean): Reply | undefined {
    let reply: Reply | undefined
    const pushes: Reply[][] = []
    const decoder = new ReplyDecoder(this.#exchange.runtime.readText)
    decoder.reset(output, 0, output.length)
    while (decoder.position < output.length) {
      const isPush = decoder.atPush
      const value = decoder.decode(asBytes && !isPush)
      if (!isPush || isConfirmation(value)) reply = value
      else pushes.push(value as Reply[])
    }
    if (pushes.length) queueMicrotask(() => pushes.forEach((push) => this.onPush?.(push)))
    return reply
  }
}

function unwrap(reply: Reply): Reply {
  if (reply instanceof ReplyError) throw reply
  return reply
}

function isConfirmation(push: Reply): boolean {
  return Array.isArray(push) && CONFIRMATIONS.test(push[0] as string)
}
