import type { Caller } from '../host/http/index.ts'
import type { Counted } from './limits.ts'

/** Whom the limits count. */
export function countedOf({
  identity,
  address,
}: { [K in keyof Caller]: Caller[K] | undefined }): Counted {
  return { ...(identity && { token: identity.id }), ...(address !== undefined && { address }) }
}
