// What can go wrong between a client and a server.

export { MaybeAppliedError, ReplyError } from '../core/errors.ts'

/** There is no connection, and calls do not wait for one (see `offlineQueue`). */
export class DisconnectedError extends Error {
  override name = 'DisconnectedError'
}
