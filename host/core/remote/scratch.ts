// A place for replies that came from elsewhere, where WebAssembly can make their texts: copying them there takes less time
// than one text saves.

import { ReplyDecoder, readText } from '../decode.ts'
import { nativeText } from '../native-text.ts'

/** Pieces of more bytes are decoded where they are. */
const SCRATCH_BYTES = 65536
/** Texts of more bytes are not made faster so. */
const TEXT_BYTES = 256

interface Scratch {
  readonly bytes: Uint8Array
  readonly decoder: ReplyDecoder
}

let scratch: Scratch | null | undefined
let isTaken = false

function make(): Scratch | null {
  const memory = new WebAssembly.Memory({ initial: SCRATCH_BYTES / 65536 })
  const native = nativeText({ memory, call: () => 0, glance: () => 0 }, 0, () => '')
  if (!native) return null
  return {
    bytes: new Uint8Array(memory.buffer),
    decoder: new ReplyDecoder(readText, native, TEXT_BYTES),
  }
}

/** A decoder set to these bytes, which `leaveScratch` gives back; undefined where there is none, or it is in use. */
export function takeScratch(bytes: Uint8Array): ReplyDecoder | undefined {
  if (isTaken || bytes.length > SCRATCH_BYTES) return undefined
  scratch ??= make()
  if (!scratch) return undefined
  isTaken = true
  scratch.bytes.set(bytes)
  scratch.decoder.reset(scratch.bytes, 0, bytes.length)
  return scratch.decoder
}

export function leaveScratch(): void {
  isTaken = false
}
