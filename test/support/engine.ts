/** The engine in this process, with a clock that stands still: the same bytes give the same replies. */
import { Flag, Kind, WINDOW_BYTES } from '../../host/core/abi.ts'
import type { Clock } from '../../host/core/clock.ts'
import { Engine } from '../../host/core/engine.ts'
import { engineModule, luaModule } from './module.ts'

const STILL: Clock = { monotonicUs: () => 1e9, wallUs: () => 1.8e15 }

/** A new engine; it never has more memory than `maxPages` of 64 KB. */
export function newEngine(maxPages = 4096, clock: Clock = STILL): Engine {
  return new Engine({
    module: engineModule(),
    lua: luaModule,
    clock,
    seed: [1, 2],
    maxPages,
  })
}

/** What a session has answered, and whether its connection must be closed. */
export interface Answer {
  readonly bytes: Buffer
  readonly closes: boolean
}

/** A connection without a socket: pieces go in, bytes come out. */
export class Wire {
  readonly #engine: Engine
  readonly #session: number
  readonly #pieces: Uint8Array[] = []
  #closes = false

  constructor(engine: Engine) {
    this.#engine = engine
    this.#session = engine.open(Kind.client)
  }

  /** Feeds one piece as it came from a socket; after a close it is dropped. */
  receive(piece: Uint8Array): void {
    for (let at = 0; at < piece.length && !this.#closes; at += WINDOW_BYTES) {
      const flags = this.#engine.feedChunk(this.#session, piece.subarray(at, at + WINDOW_BYTES))
      this.#collect(flags)
    }
  }

  /** Feeds a piece of any size at once, from a buffer in linear memory. */
  receiveAtOnce(piece: Uint8Array): void {
    if (this.#closes) return
    const pointer = this.#engine.buffer(piece.length)
    this.#engine.bytes.set(piece, pointer)
    this.#engine.setTime()
    const flags = this.#engine.feed(this.#session, pointer, piece.length)
    this.#engine.unbuffer(pointer)
    this.#collect(flags)
  }

  #collect(flags: number): void {
    const output = this.#engine.drain(this.#session, flags)
    const state = this.#engine.status(this.#session)
    if (!(state & Flag.closeNow)) this.#pieces.push(output)
    if (state & (Flag.closeAfter | Flag.closeNow)) this.#closes = true
  }

  get answer(): Answer {
    return { bytes: Buffer.concat(this.#pieces), closes: this.#closes }
  }

  close(): void {
    this.#engine.close(this.#session)
  }
}
