// Why an object did not carry out a call: errors lose their fields on the way between objects.

import { RefusedError } from '../host/http/index.ts'

export interface Refusal {
  status: 403 | 409 | 429 | 503
  message: string
  /** When to try again, in s. */
  retryAfter?: number
}

/** The same as an error, where it has arrived. */
export const refused = ({ message, status, retryAfter }: Refusal): RefusedError =>
  new RefusedError(message, status, retryAfter)
