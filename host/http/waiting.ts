// Requests with a command that may wait (BLPOP): they run on a session that ends when the client goes, so that nothing is
// taken from a list for somebody who is not there any more.

import { concat } from '../core/bytes.ts'
import { isWhole } from './commands.ts'
import { type Caller, closedError, RefusedError, type Store, type Wire } from './store.ts'

const GONE = 'ERR the client is gone'

/**
 * Runs commands, and answers so many replies, or those that came before the session was closed.
 *
 * @throws {RefusedError} the store does not take the session, or the client is gone
 */
export async function exchangeWaiting(
  store: Store,
  commands: Uint8Array,
  count: number,
  caller: Caller,
  gone: AbortSignal,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  promise.catch(() => undefined)
  const leave = (): void => reject(new RefusedError(GONE, 503))
  gone.addEventListener('abort', leave)
  if (gone.aborted) leave()
  let wire: Wire | undefined
  try {
    wire = await store.connect(
      caller,
      (bytes) => {
        pieces.push(bytes)
        const all = concat(pieces)
        if (isWhole(all, count)) resolve(all)
      },
      (why) => (why ? reject(closedError(why)) : resolve(concat(pieces))),
    )
    if (!gone.aborted) wire.send(commands)
    return await promise
  } finally {
    gone.removeEventListener('abort', leave)
    wire?.close()
  }
}
