// Bytes between the worker and its objects. A call carries at most 32 MB as a value; what is larger goes as a stream.

/** Some of a call is its own form. */
export const CALL_BYTES = (32 << 20) - (64 << 10)

export type Bulk = Uint8Array | ReadableStream<Uint8Array>

/** Bytes as an answer carries them. */
export function outgoing(bytes: Uint8Array): Bulk {
  if (bytes.length <= CALL_BYTES) return bytes
  return new Response(bytes as Uint8Array<ArrayBuffer>).body!
}

export async function incoming(bulk: Bulk): Promise<Uint8Array> {
  if (bulk instanceof Uint8Array) return bulk
  return new Uint8Array(await new Response(bulk).arrayBuffer())
}

export const isBulk = (value: unknown): value is Bulk =>
  value instanceof Uint8Array || value instanceof ReadableStream
