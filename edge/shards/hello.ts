// HELLO: a shard says what it has to say of the server, and this session puts its own number in.

import {
  arrayReply,
  errorReply,
  integerReply,
  isError,
  itemsOf,
  mapReply,
  textOf,
} from './replies.ts'
import type { Speaker } from './session-parts.ts'

const utf8 = new TextEncoder()
const UNKNOWN = errorReply(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
)

export async function hello(
  session: Speaker,
  text: readonly string[],
  auth: (words: readonly string[]) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const { state } = session
  const at = text.findIndex((word, place) => place > 1 && word.toLowerCase() === 'auth')
  if (at > 0 && at + 2 < text.length) {
    const reply = await auth(['AUTH', ...text.slice(at + 1, at + 3)])
    if (isError(reply)) return reply
  }
  if (!state.identity) return UNKNOWN
  const rest = at > 0 ? [...text.slice(0, at), ...text.slice(at + 3)] : text
  const command = rest.length > 1 ? rest : ['HELLO', String(state.protocol)]
  const reply = await greeting(session, command)
  if (isError(reply)) return reply
  state.protocol = command[1] === '3' ? 3 : 2
  const name = rest.findIndex((word, place) => place > 1 && word.toLowerCase() === 'setname')
  if (name > 0) state.name = rest[name + 1] ?? state.name
  return withId(reply, state.id, state.protocol)
}

/** What shards say of the server, by the protocol that was asked for: all of them say the same, as long as they run. */
const greetings = new Map<string, Uint8Array>()

async function greeting(session: Speaker, command: readonly string[]): Promise<Uint8Array> {
  const version = command[1]!
  const known = command.length === 2 && greetings.get(version)
  if (known) return known
  const { state } = session
  const before = state.protocol
  // Asked in RESP2, so that the reply is the first.
  state.protocol = 2
  const [reply] = await session.exchange(0, [command.map((word) => utf8.encode(word))])
  state.protocol = before
  if (command.length === 2 && !isError(reply!)) greetings.set(version, reply!.slice())
  return reply!
}

function withId(reply: Uint8Array, id: number, protocol: number): Uint8Array {
  const items = itemsOf(reply)
  const at = items.findIndex((item) => textOf(item) === 'id')
  const own = items.map((item, place) => (place === at + 1 ? integerReply(id) : item))
  return protocol === 3 ? mapReply(own) : arrayReply(own)
}
