// Where the service that @upstash/redis was made for answers otherwise than Redis does: over REST its way holds.
//
//   COPY k k                  0, and no error
//   XTRIM k MAXLEN ~ 30       trims as far as it may, not only whole nodes
//
// What commands that are sent and replies that come back cannot tell is the engine's, for sessions of the kind `rest`:
//
//   SCAN 0 WITHTYPE           each key with its type behind it: in Redis a syntax error
//   XREADGROUP … NOACK        makes no consumer of a reader who is none yet
//   FCALL_RO f 0              runs a function without `no-writes` until it writes: in Redis not at all

import type { Reply } from '../core/decode.ts'
import type { Argument } from '../core/encode.ts'
import { ReplyError } from '../core/errors.ts'

const SAME_KEY = 'ERR source and destination objects are the same'

/** The command as Redis is asked for what it means there. */
export function toRedis(command: readonly Argument[]): readonly Argument[] {
  const [name, key, strategy, approximately, ...rest] = command
  // LIMIT is for approximate trimming alone.
  const isLoose = is('XTRIM', name) && approximately === '~' && rest.length === 1
  return isLoose ? [name!, key!, strategy!, '=', ...rest] : command
}

/** The reply as that service gives it. */
export function fromRedis(command: readonly Argument[] | undefined, reply: Reply): Reply {
  const isSame = reply instanceof ReplyError && reply.message === SAME_KEY
  return isSame && is('COPY', command?.[0]) ? 0 : reply
}

const is = (name: string, given: Argument | undefined): boolean =>
  String(given).toUpperCase() === name
