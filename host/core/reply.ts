// Replies of host commands as RESP. The forms used read the same in RESP2 and RESP3.

import { concat } from './bytes.ts'
import { ReplyError } from './errors.ts'

/** A simple string, `+OK`. */
export class Simple {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export const OK = new Simple('OK')

/** Strings and bytes are bulk strings, numbers integers. */
export type HostReply = Simple | ReplyError | string | Uint8Array | number | null | HostReply[]

const encoder = new TextEncoder()

export function encodeReply(reply: HostReply): Uint8Array {
  const pieces: Uint8Array[] = []
  write(reply, (piece) => pieces.push(typeof piece === 'string' ? encoder.encode(piece) : piece))
  return concat(pieces)
}

function write(reply: HostReply, put: (piece: string | Uint8Array) => void): void {
  if (reply === null) put('$-1\r\n')
  else if (reply instanceof Simple) put(`+${reply.text}\r\n`)
  else if (reply instanceof ReplyError) put(`-${reply.message}\r\n`)
  else if (typeof reply === 'number') put(`:${reply}\r\n`)
  else if (Array.isArray(reply)) {
    put(`*${reply.length}\r\n`)
    for (const item of reply) write(item, put)
  } else {
    const bytes = typeof reply === 'string' ? encoder.encode(reply) : reply
    put(`$${bytes.length}\r\n`)
    put(bytes)
    put('\r\n')
  }
}
