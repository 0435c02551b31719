// What the HTTP doors open onto: a store somewhere, by its name.

import { Kind } from '../core/abi.ts'
import type { Identity } from './access.ts'

/** Who asks, as far as it is known. */
export interface Caller {
  /** Undefined: one who has yet to log in. */
  identity?: Identity
  /** Where the request comes from. */
  address?: string
  /** Whether some commands mean what they mean over REST: see dialect.ts. */
  isRest?: boolean
}

/** The kind of session that a caller has in the engine. */
export const kindOf = ({ isRest }: Caller): Kind => (isRest ? Kind.rest : Kind.client)

export interface Store {
  /**
   * Runs commands in RESP on a session of their own, and answers their replies.
   *
   * @throws {RefusedError} the store does not take them now
   */
  exchange(commands: Uint8Array, caller: Caller): Promise<Uint8Array>
  /**
   * A session that goes on, for messages; `receive` gets its bytes, `closed` is called when it ends, with the reason if
   * there is one to tell.
   *
   * @throws {RefusedError} the store does not take it now
   */
  connect(
    caller: Caller,
    receive: (bytes: Uint8Array) => void,
    closed: (why?: string) => void,
  ): Promise<Wire>
}

/** The near end of a session. */
export interface Wire {
  send(bytes: Uint8Array): void
  close(): void
}

/** The store refuses a request for a reason that HTTP has a status for. */
export class RefusedError extends Error {
  override name = 'RefusedError'
  readonly status: 401 | 403 | 404 | 409 | 413 | 429 | 503
  /** When to try again, in s. */
  readonly retryAfter: number | undefined

  constructor(
    message: string,
    status: 401 | 403 | 404 | 409 | 413 | 429 | 503,
    retryAfter?: number,
  ) {
    super(message)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** Why a session is closed that asks too often. */
export const TOO_MANY = 'too many requests'

/** What a request answers whose session was closed, for this reason if one was told. */
export function closedError(why?: string): RefusedError {
  return new RefusedError(`ERR ${why || 'the session was closed'}`, why === TOO_MANY ? 429 : 503)
}
