// What the embedded database needs of the runtime around it. Each home makes its own; `webRuntime` makes
// one from what every JavaScript runtime has.

import { type Clock, SystemClock, type TimeSource } from './clock.ts'
import { readText, type TextReader } from './decode.ts'
import { type TextWriter, writeText } from './encode.ts'

export interface Timer {
  cancel(): void
}

export interface Runtime {
  clock: Clock
  /** Two 32-bit numbers that nobody can guess. */
  seed(): readonly [number, number]
  /** Calls back once after so many ms, without keeping the process alive for it. */
  later(ms: number, callback: () => void): Timer
  readText: TextReader
  /** Text of up to so many bytes is made faster by WebAssembly, where it has ways with strings; none unless told. */
  nativeTextBytes?: number
  writeText: TextWriter
}

/** The globals that `webRuntime` takes its parts from. */
export interface WebGlobals extends TimeSource {
  crypto: { getRandomValues(array: Uint32Array<ArrayBuffer>): Uint32Array }
  setTimeout(callback: () => void, ms: number): unknown
  clearTimeout(timer: never): void
}

export function webRuntime(globals: WebGlobals): Runtime {
  return {
    clock: new SystemClock(globals),
    seed() {
      const [low, high] = globals.crypto.getRandomValues(new Uint32Array(2))
      return [low!, high!]
    },
    later(ms, callback) {
      const timer = globals.setTimeout(callback, ms)
      if (typeof timer === 'object') (timer as { unref?(): void }).unref?.()
      return { cancel: () => globals.clearTimeout(timer as never) }
    },
    readText,
    nativeTextBytes: 256,
    writeText,
  }
}
