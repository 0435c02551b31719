// CLIENT of a session over several shards. What has an effect on the session alone is kept here; a shard is shown the
// command first, for its opinion of the arguments and of the user's rights.

import { type ClientFacts, killClients, listClients } from './clients.ts'
import { bulkReply, errorReply, integerReply, isError, nullReply, OK } from './replies.ts'
import type { SessionParts, Speaker } from './session-parts.ts'
import type { Args, SessionState } from './session-state.ts'

const utf8 = new TextEncoder()
const decoder = new TextDecoder()

const NOT_TRACKING = errorReply(
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
)
const NO_REDIRECT = errorReply(
  'ERR CLIENT TRACKING with REDIRECT is not there in a store of several shards: use RESP3',
)

/** Undefined: nothing is to be answered. */
export async function clientCommand(
  session: Speaker,
  parts: SessionParts,
  args: Args,
): Promise<Uint8Array | undefined> {
  const { state } = session
  const words = args.map((arg) => decoder.decode(arg))
  const ask = async (command: Args): Promise<Uint8Array> =>
    (await session.exchange(0, [command]))[0]!
  const shown = async (done: () => void): Promise<Uint8Array> => {
    const reply = await ask(args)
    if (!isError(reply)) done()
    return reply
  }
  switch (words[1]?.toLowerCase()) {
    case 'id':
      return args.length === 2 ? integerReply(state.id) : ask(args)
    case 'getname':
      if (args.length !== 2) return ask(args)
      return state.name ? bulkReply(state.name) : nullReply(state.protocol)
    case 'setname':
      return shown(() => (state.name = words[2]!))
    case 'setinfo':
      return shown(() => {
        if (/^lib-name$/i.test(words[2]!)) state.library = words[3]!
        else state.libraryVersion = words[3]!
      })
    case 'info': {
      if (args.length !== 2) return ask(args)
      const own = (await parts.clients.all()).find(({ id }) => id === state.id)
      return own ? bulkReply(`${own.line}\n`) : ask(args)
    }
    case 'list': {
      const refused = await ask(['CLIENT', 'LIST'].map((word) => utf8.encode(word)))
      return isError(refused) ? refused : listClients(words, parts.clients)
    }
    case 'kill': {
      if (args.length < 3) return ask(args)
      // No shard has such a client: this asks whether the user may.
      const nobody = ['CLIENT', 'KILL', 'ID', String(Number.MAX_SAFE_INTEGER)]
      const refused = await ask(nobody.map((word) => utf8.encode(word)))
      return isError(refused) ? refused : killClients(words, state.id, parts.clients)
    }
    case 'reply':
      return reply(state, words) ?? (/^(off|skip)$/i.test(words[2] ?? '') ? undefined : ask(args))
    case 'tracking':
      return tracking(parts, args, words, ask)
    case 'trackinginfo':
      return ask(args)
    case 'caching':
      return caching(state, parts, words) ?? ask(args)
    case 'getredir':
      if (args.length !== 2) return ask(args)
      return integerReply(parts.attached?.tracking ? 0 : -1)
    case 'unblock':
      return errorReply('ERR CLIENT UNBLOCK is not there in a store of several shards')
    default:
      return ask(args)
  }
}

/** CLIENT REPLY ON | OFF | SKIP; undefined: none of them, or nothing to answer. */
function reply(state: SessionState, words: readonly string[]): Uint8Array | undefined {
  if (words.length !== 3) return undefined
  switch (words[2]!.toLowerCase()) {
    case 'on':
      delete state.silence
      return OK
    case 'off':
      state.silence = 'off'
      return undefined
    case 'skip':
      state.silence ??= 'skip'
      return undefined
    default:
      return undefined
  }
}

async function tracking(
  { attached }: SessionParts,
  args: Args,
  words: readonly string[],
  ask: (command: Args) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const isOn = /^on$/i.test(words[2] ?? '')
  if (!attached || (!isOn && !/^off$/i.test(words[2] ?? ''))) return ask(args)
  if (words.some((word, at) => at > 2 && /^redirect$/i.test(word))) return NO_REDIRECT
  return attached.track(args, isOn)
}

/** CLIENT CACHING YES | NO, which holds for the next command; undefined: there is something wrong with it. */
function caching(
  state: SessionState,
  { attached }: SessionParts,
  words: readonly string[],
): Uint8Array | undefined {
  const wanted = words[2]?.toUpperCase()
  if (words.length !== 3) return undefined
  if (!attached?.tracking) return NOT_TRACKING
  const options = new Set(attached.tracking.map((word) => word.toUpperCase()))
  if (wanted === 'YES') {
    if (!options.has('OPTIN'))
      return errorReply(
        'ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
      )
  } else if (wanted === 'NO') {
    if (!options.has('OPTOUT'))
      return errorReply(
        'ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
      )
  } else return errorReply('ERR syntax error')
  state.caching = wanted
  return OK
}

/** A session as CLIENT LIST shows it. */
export function factsOf(
  state: SessionState,
  { attached }: Pick<SessionParts, 'attached'>,
  at: { address: string; localAddress: string; nowMs: number; inputBytes: number },
): ClientFacts {
  const [channels, patterns, shardChannels] = attached?.counts ?? [0, 0, 0]
  const isSubscriber = channels + patterns + shardChannels > 0
  const options = attached?.tracking
  const flags =
    (isSubscriber ? 'P' : '') +
    (state.queue ? 'x' : '') +
    (attached?.isWaiting ? 'b' : '') +
    (options ? 't' : '') +
    (options?.some((word) => /^bcast$/i.test(word)) ? 'B' : '')
  const queued = (state.queue ?? []).flat().reduce((sum, arg) => sum + arg.length, 0)
  const ageS = Math.floor((at.nowMs - state.createdMs) / 1000)
  const fields = {
    id: state.id,
    addr: at.address,
    laddr: at.localAddress,
    fd: -1,
    name: state.name,
    age: ageS,
    idle: Math.floor((at.nowMs - state.lastMs) / 1000),
    flags: flags || 'N',
    db: state.db,
    sub: channels,
    psub: patterns,
    ssub: shardChannels,
    multi: state.queue?.length ?? -1,
    qbuf: at.inputBytes,
    'qbuf-free': 0,
    'argv-mem': 0,
    'multi-mem': queued,
    rbs: 0,
    rbp: 0,
    obl: 0,
    oll: 0,
    omem: 0,
    'tot-mem': at.inputBytes + queued,
    events: 'r',
    cmd: state.lastCommand,
    user: state.identity?.user ?? '(none)',
    redir: options ? 0 : -1,
    resp: state.protocol,
    'lib-name': state.library,
    'lib-ver': state.libraryVersion,
  }
  return {
    id: state.id,
    address: at.address,
    localAddress: at.localAddress,
    user: fields.user,
    isSubscriber,
    ageS,
    line: Object.entries(fields)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  }
}
