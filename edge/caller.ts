// What the engine and the limits are told of a caller.

import type { Caller } from '../host/http/index.ts'
import type { Counted } from './limits.ts'

/** Whom the limits count. */
export function countedOf({
  identity,
  address,
}: { [K in keyof Caller]: Caller[K] | undefined }): Counted {
  return { ...(identity && { token: identity.id }), ...(address !== undefined && { address }) }
}

/** How CLIENT LIST shows where someone comes from. */
export function originOf(caller: Caller): string {
  return `${caller.address ?? '0.0.0.0'}:0 durable-object:0 -1`
}
