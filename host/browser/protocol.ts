// What tabs and the owner's Worker say to each other: small arrays whose first item says what they are.

/** Versions of what follows; two that have none in common do not talk. */
export const PROTOCOL: Range = [1, 1]

export type Range = readonly [oldest: number, newest: number]

/** The newest version that both know; undefined: none. */
export function common(a: Range, b: Range): number | undefined {
  const newest = Math.min(a[1], b[1])
  return newest >= Math.max(a[0], b[0]) ? newest : undefined
}

/** From a tab to the owner. */
export const Up = {
  /** session, origin: opens a session; who asks there has this number in the log */
  open: 1,
  /** session, sequence, bytes: commands */
  data: 2,
  /** session */
  close: 3,
  /** id, what, argument: something that no command does */
  ask: 4,
  /** bytes: so many were taken in, and as many more may come */
  credit: 5,
  /** Is anybody there? */
  ping: 6,
  /** The tab leaves. */
  leave: 7,
} as const

/** From the owner to a tab. */
export const Down = {
  /** session, bytes: replies and pushes */
  data: 1,
  /** session, sequence: a session is open; the last request of its origin that the store has */
  opened: 2,
  /** session, reason: a session has ended, and what it asked last was not kept */
  reset: 3,
  /** id, error, value */
  told: 4,
  /** kind, event: an event of the store */
  event: 5,
  /** bytes: so many were taken in */
  credit: 6,
  pong: 7,
  /** The owner has answered whatever it will answer, and leaves. */
  leave: 8,
  /** bytes: the effects log, for a replica */
  follow: 9,
  /** Something has changed that the log does not tell: a replica is to be made anew */
  anew: 10,
} as const

export type Message = readonly unknown[]

/** Bytes that may be under way to a tab, and to the owner. */
export const WINDOW_BYTES = 1 << 20

/** Carries messages one way; the other way calls `onMessage`. */
export interface Port {
  post(message: Message, transfer?: Transferable[]): void
  onMessage: ((message: Message) => void) | undefined
  close(): void
}

/** Bytes from so many on change hands; fewer are copied sooner. */
const TRANSFER_BYTES = 16384

/** What of a message of bytes changes hands. */
export const transferOf = (bytes: Uint8Array<ArrayBuffer>): Transferable[] =>
  bytes.length < TRANSFER_BYTES || bytes.length !== bytes.buffer.byteLength ? [] : [bytes.buffer]

/** Errors as they travel: the name brings the class back. */
export interface SentError {
  name: string
  message: string
  fields: { [name: string]: unknown }
}

export function packError(error: Error): SentError {
  const fields: { [name: string]: unknown } = {}
  for (const key of Object.keys(error))
    if (key !== 'name') fields[key] = (error as unknown as { [name: string]: unknown })[key]
  return { name: error.name, message: error.message, fields }
}
