// From a request to commands, and from their replies to a response.

import { concat } from '../core/bytes.ts'
import { IncompleteReply, type Reply, ReplyDecoder, readText } from '../core/decode.ts'
import { type Argument, encodeCommand } from '../core/encode.ts'
import { ReplyError } from '../core/errors.ts'
import { TOKEN_PARAMETER } from './caller.ts'
import { type Encoding, RequestError, toJson } from './json.ts'

/** What makes a session more than one answer a command cannot come as a request. */
const SESSION_COMMANDS =
  /^(p|s)?(un)?subscribe$|^(monitor|hello|quit|reset|sync|psync|replconf|auth|select|watch|unwatch)$/i

const TRANSACTION_COMMANDS = /^(multi|exec|discard)$/i

/** @throws {RequestError} the command needs a connection */
export function checkCommand(args: readonly Argument[], inTransaction = false): void {
  const name = String(args[0])
  const isReplyMode = /^client$/i.test(name) && /^reply$/i.test(String(args[1]))
  if (
    SESSION_COMMANDS.test(name) ||
    isReplyMode ||
    (inTransaction && TRANSACTION_COMMANDS.test(name))
  )
    throw new RequestError(`ERR ${name.toUpperCase()} needs a connection: it is not for a request`)
}

export function encodeCommands(commands: readonly (readonly Argument[])[]): Uint8Array {
  return concat(commands.map((command) => encodeCommand(command)))
}

/** So many replies; those that did not come are errors. */
export function decodeReplies(bytes: Uint8Array, count: number, encoding: Encoding): Reply[] {
  const decoder = new ReplyDecoder(readText)
  decoder.reset(bytes, 0, bytes.length)
  const replies: Reply[] = []
  try {
    for (let i = 0; i < count; i++) replies.push(decoder.decode(encoding === 'base64'))
  } catch (error) {
    if (!(error instanceof IncompleteReply)) throw error
    while (replies.length < count) replies.push(new ReplyError('ERR the session was closed'))
  }
  return replies
}

/** Whether so many replies are complete. */
export function isWhole(bytes: Uint8Array, count: number): boolean {
  const decoder = new ReplyDecoder(readText)
  decoder.reset(bytes, 0, bytes.length)
  try {
    for (let i = 0; i < count; i++) decoder.decode(true)
    return true
  } catch (error) {
    if (error instanceof IncompleteReply) return false
    throw error
  }
}

/** Whether a reply says that one has to log in first. */
export const isUnknown = (reply: Reply | undefined): boolean =>
  reply instanceof ReplyError && reply.message.startsWith('NOAUTH ')

/** One item of a response: `{"result":…}` or `{"error":…}`. */
export function item(reply: Reply, encoding: Encoding): string {
  return reply instanceof ReplyError
    ? `{"error":${JSON.stringify(reply.message)}}`
    : `{"result":${toJson(reply, encoding)}}`
}

/**
 * The command of a path: `/set/key/value?EX=100`, with the body of a POST as one more argument in front of
 * what the query adds.
 *
 * @throws {RequestError}
 */
export function pathCommand(
  segments: readonly string[],
  query: URLSearchParams,
  body: Uint8Array | undefined,
): Argument[] {
  const args: Argument[] = segments.map(decodeSegment)
  if (body?.length) args.push(body)
  for (const [name, value] of query) {
    if (name === TOKEN_PARAMETER) continue
    args.push(name)
    if (value !== '') args.push(value)
  }
  return args
}

/** @throws {RequestError} */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new RequestError('ERR the path is not percent-encoded UTF-8')
  }
}

/** A channel or pattern of a path: clients put it there as it is, and `100%` is no encoding of anything. */
export function decodeChannel(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
