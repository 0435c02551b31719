// A client of a gateway as bytes, for a sleep:
//
//   length of the facts u32 │ facts, as JSON │ the queue of MULTI, as RESP │ what was received and not run

import { concat } from '../../host/core/bytes.ts'
import { encodeCommand } from '../../host/core/encode.ts'
import type { Caller } from '../../host/http/index.ts'
import type { Links } from './attached.ts'
import { RequestReader } from './requests.ts'
import type { SessionState } from './session-state.ts'

export interface KeptGuest {
  state: SessionState
  caller: Caller
  links?: Links
  rest: Uint8Array
}

export function writeGuest({ state, caller, links, rest }: KeptGuest): Uint8Array {
  const { queue, ...plain } = state
  const queued = queue && concat(queue.map((args) => encodeCommand(args)))
  const facts = { state: plain, caller, links, queued: queued?.length }
  const text = new TextEncoder().encode(JSON.stringify(facts))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, text.length)
  return concat([length, text, queued ?? new Uint8Array(0), rest])
}

export function readGuest(bytes: Uint8Array): KeptGuest {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const text = new TextDecoder().decode(bytes.subarray(4, 4 + length))
  const { state, caller, links, queued } = JSON.parse(text) as KeptGuest & { queued?: number }
  const at = 4 + length + (queued ?? 0)
  if (queued !== undefined) {
    const requests = new RequestReader().read(bytes.subarray(4 + length, at))
    state.queue = requests.map(({ args }) => args)
  }
  return { state, caller, ...(links && { links }), rest: bytes.slice(at) }
}
