// A session over several shards. It lives outside them: in a gateway object for a WebSocket, in the worker for a
// request. It holds what a session is (protocol, database, name, who it is, the queue of MULTI); commands go
// to their shards with it, those of one frame in one call a shard, all shards at a time.

import { concat } from '../../host/core/bytes.ts'
import { encodeCommand } from '../../host/core/encode.ts'
import { commandName } from '../../host/core/keys.ts'
import type { Identity } from '../../host/http/index.ts'
import { mergeParts, mergeReplies, scanReply, scanStart } from './merge.ts'
import {
  bulkReply,
  errorReply,
  integerReply,
  isError,
  nullReply,
  OK,
  QUEUED,
  splitReplies,
} from './replies.ts'
import type { Request } from './requests.ts'
import { type Route, routeOf } from './routes.ts'
import type { SlotMap } from './slots.ts'

/** What a session is; it can be parked as it stands. */
export interface SessionState {
  id: number
  protocol: 2 | 3
  db: number
  name: string
  identity?: Identity
  /** The commands since MULTI. */
  queue?: Uint8Array[][]
  /** A command was refused while queueing. */
  isAborted?: boolean
}

export interface SessionParts {
  map: SlotMap
  /** Runs commands on a shard, and answers their raw replies. */
  exchange(shard: number, commands: Uint8Array, identity: Identity): Promise<Uint8Array>
  /** Who logs in with these arguments of AUTH. */
  login(args: readonly string[]): Promise<Identity | undefined>
  connected?: Connected
}

/** What only a connection can do: subscriptions, and a session that stays on a shard. */
export interface Connected {
  /** Carries out a command of the SUBSCRIBE family; answers the confirmations. */
  subscribe(name: string, args: readonly Uint8Array[]): Promise<Uint8Array>
  readonly subscriptions: number
  /** The shard where keys are watched. */
  readonly watching: number | undefined
  /** Runs commands on the session of that shard which watches; their raw replies. */
  onWatching(shard: number, commands: Uint8Array): Promise<Uint8Array>
  unwatch(): void
}

type Args = readonly Uint8Array[]

const decoder = new TextDecoder()
const NOAUTH = errorReply('NOAUTH Authentication required.')
const CROSSSLOT = errorReply("CROSSSLOT Keys in request don't hash to the same slot")
const WRONGPASS = errorReply('WRONGPASS invalid username-password pair or user is disabled.')
const NEEDS_CONNECTION = errorReply('ERR this needs a connection: it is not for a request')
const BEFORE_LOGIN = /^(auth|hello|quit|reset)$/
const WHILE_SUBSCRIBED = /^([ps]?(un)?subscribe|ping|quit|reset)$/
const NEVER_QUEUED = /^(exec|discard|multi|watch|reset|quit)$/

export class ShardedSession {
  readonly state: SessionState
  /** The client asked to be closed. */
  isOver = false
  readonly #parts: SessionParts

  constructor(state: SessionState, parts: SessionParts) {
    this.state = state
    this.#parts = parts
  }

  /** Runs the commands of a frame; their replies, in order. */
  async run(requests: readonly Request[]): Promise<Uint8Array> {
    const replies: (Uint8Array | Promise<Uint8Array>)[] = []
    let batches = new Map<number, Batch>()
    const flush = async (): Promise<void> => {
      const full = batches
      batches = new Map()
      await Promise.all([...full].map(([shard, batch]) => this.#send(shard, batch)))
    }
    const ask = (shard: number, args: Args): Promise<Uint8Array> => {
      const batch = batches.get(shard) ?? new Batch()
      batches.set(shard, batch)
      return batch.add(args)
    }
    for (const { args } of requests) {
      if (this.isOver) break
      const route = routeOf(args, this.#parts.map)
      const refused = this.#refusal(args, route)
      if (refused) replies.push(refused)
      else if (route.kind === 'one') replies.push(ask(route.shard, args))
      else if (route.kind === 'parts') {
        const all = route.parts.map(({ shard, places }) =>
          ask(shard, partOf(args, places, route.first)),
        )
        replies.push(Promise.all(all).then((parts) => mergeParts(parts, route)))
      } else if (route.kind === 'all') {
        const all = Array.from({ length: this.#parts.map.shards }, (_, shard) => ask(shard, args))
        replies.push(Promise.all(all).then((whole) => mergeReplies(whole, route.merge)))
      } else {
        await flush()
        replies.push(await (route.kind === 'scan' ? this.#scan(args) : this.#own(args)))
      }
    }
    await flush()
    return concat(await Promise.all(replies.map((reply) => Promise.resolve(reply))))
  }

  /** Why a command goes nowhere now, or that it was queued. */
  #refusal(args: Args, route: Route): Uint8Array | undefined {
    const { state } = this
    const name = nameOf(args)
    if (!state.identity && !BEFORE_LOGIN.test(name)) return NOAUTH
    const isSubscribed = state.protocol === 2 && (this.#parts.connected?.subscriptions ?? 0) > 0
    if (isSubscribed && !WHILE_SUBSCRIBED.test(name))
      return errorReply(
        `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      )
    const queues = state.queue !== undefined && !NEVER_QUEUED.test(name)
    if (
      route.kind === 'refused' ||
      (queues && route.kind !== 'one' && name !== 'ping' && name !== 'echo')
    ) {
      if (queues) state.isAborted = true
      return route.kind === 'refused' ? errorReply(route.error) : CROSSSLOT
    }
    if (!queues) return undefined
    if (commandName(args.map((arg) => decoder.decode(arg))) === undefined) {
      state.isAborted = true
      return undefined // The shard says what is wrong with it.
    }
    state.queue!.push([...args])
    return QUEUED
  }

  /** Sends a batch to its shard, and hands its replies out. */
  async #send(shard: number, batch: Batch): Promise<void> {
    try {
      batch.resolve(await this.#exchange(shard, batch.commands))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      batch.resolve(
        batch.commands.map(() => errorReply(`ERR the shard failed: ${message.split('\n')[0]}`)),
      )
    }
  }

  async #exchange(shard: number, commands: readonly Args[]): Promise<Uint8Array[]> {
    const { identity, db, protocol } = this.state
    const bytes = concat(this.#inProtocol(commands))
    const replies = splitReplies(
      await this.#parts.exchange(shard, bytes, { ...(identity ?? NOBODY), db }),
    )
    return protocol === 3 ? replies.slice(1) : replies
  }

  #inProtocol(commands: readonly Args[]): Uint8Array[] {
    const all = commands.map((command) => encodeCommand(command))
    return this.state.protocol === 3 ? [encodeCommand(['HELLO', 3]), ...all] : all
  }

  /** One step of a walk: the cursor says which shard it has come to. */
  async #scan(args: Args): Promise<Uint8Array> {
    const start = scanStart(args, this.#parts.map.shards)
    if (!start) return errorReply('ERR invalid cursor')
    const [reply] = await this.#exchange(start.shard, [start.args])
    return isError(reply!) ? reply! : scanReply(reply!, start.shard, this.#parts.map.shards)
  }

  /** Commands that the session answers itself. */
  async #own(args: Args): Promise<Uint8Array> {
    const { state } = this
    const text = args.map((arg) => decoder.decode(arg))
    switch (nameOf(args)) {
      case 'ping':
        return this.#ping(args)
      case 'echo':
        return args.length === 2 ? bulkReply(args[1]!) : wrongNumber('echo')
      case 'multi':
        if (state.queue) return errorReply('ERR MULTI calls can not be nested')
        state.queue = []
        return OK
      case 'exec':
        return this.#exec()
      case 'discard':
        return this.#discard()
      case 'watch':
        return this.#watch(args)
      case 'unwatch':
        this.#parts.connected?.unwatch()
        return OK
      case 'auth':
        return this.#auth(text)
      case 'hello':
        return this.#hello(text)
      case 'select':
        return this.#select(args)
      case 'client':
        return this.#client(text)
      case 'reset':
        return this.#reset()
      case 'quit':
        this.isOver = true
        return OK
      default:
        return this.#subscribe(nameOf(args), args)
    }
  }

  #ping(args: Args): Uint8Array {
    const isSubscribed = this.state.protocol === 2 && this.#parts.connected?.subscriptions
    if (isSubscribed)
      return concat([
        new TextEncoder().encode('*2\r\n'),
        bulkReply('pong'),
        bulkReply(args[1] ?? ''),
      ])
    return args.length > 1 ? bulkReply(args[1]!) : new TextEncoder().encode('+PONG\r\n')
  }

  async #exec(): Promise<Uint8Array> {
    const { queue, isAborted } = this.state
    if (!queue) return errorReply('ERR EXEC without MULTI')
    this.#leaveMulti()
    const { watching } = this.#parts.connected ?? {}
    try {
      if (isAborted)
        return errorReply('EXECABORT Transaction discarded because of previous errors.')
      const routes = queue.map((args) => routeOf(args, this.#parts.map))
      const slots = new Set(routes.map((route) => (route.kind === 'one' ? route.slot : undefined)))
      slots.delete(undefined)
      if (slots.size > 1) return CROSSSLOT
      const keyed = routes.find((route) => route.kind === 'one' && route.slot !== undefined)
      const shard = keyed?.kind === 'one' ? keyed.shard : (watching ?? 0)
      if (watching !== undefined && watching !== shard) return CROSSSLOT
      const whole = [[MULTI], ...queue, [EXEC]]
      const replies =
        watching === undefined
          ? await this.#exchange(shard, whole)
          : splitReplies(
              await this.#parts.connected!.onWatching(
                shard,
                concat(whole.map((command) => encodeCommand(command))),
              ),
            )
      return replies.at(-1)!
    } finally {
      this.#parts.connected?.unwatch()
    }
  }

  #discard(): Uint8Array {
    if (!this.state.queue) return errorReply('ERR DISCARD without MULTI')
    this.#leaveMulti()
    this.#parts.connected?.unwatch()
    return OK
  }

  #leaveMulti(): void {
    delete this.state.queue
    delete this.state.isAborted
  }

  async #watch(args: Args): Promise<Uint8Array> {
    const { connected, map } = this.#parts
    if (!connected) return NEEDS_CONNECTION
    if (this.state.queue) return errorReply('ERR WATCH inside MULTI is not allowed')
    if (args.length < 2) return wrongNumber('watch')
    // As routes go, WATCH is EXISTS: of its keys, all must be in one slot.
    const route = routeOf([EXISTS, ...args.slice(1)], map)
    if (route.kind !== 'one') return CROSSSLOT
    if (connected.watching !== undefined && connected.watching !== route.shard) return CROSSSLOT
    return connected.onWatching(route.shard, encodeCommand(args))
  }

  async #auth(text: readonly string[]): Promise<Uint8Array> {
    if (text.length < 2 || text.length > 3) return wrongNumber('auth')
    const identity = await this.#parts.login(text.slice(1))
    if (!identity) return WRONGPASS
    this.state.identity = identity
    this.state.db = identity.db ?? this.state.db
    return OK
  }

  async #hello(text: readonly string[]): Promise<Uint8Array> {
    const auth = text.findIndex((word, at) => at > 1 && word.toLowerCase() === 'auth')
    if (auth > 0) {
      const reply = await this.#auth(['AUTH', ...text.slice(auth + 1, auth + 3)])
      if (isError(reply)) return reply
    }
    if (!this.state.identity)
      return errorReply(
        'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
      )
    const rest = auth > 0 ? [...text.slice(0, auth), ...text.slice(auth + 3)] : text
    const before = this.state.protocol
    this.state.protocol = 2
    const [reply] = await this.#exchange(0, [rest.map((word) => new TextEncoder().encode(word))])
    if (isError(reply!)) this.state.protocol = before
    else if (text.length > 1) this.state.protocol = text[1] === '3' ? 3 : 2
    return reply!
  }

  async #select(args: Args): Promise<Uint8Array> {
    const [reply] = await this.#exchange(0, [args])
    if (!isError(reply!)) this.state.db = Number(decoder.decode(args[1]))
    return reply!
  }

  #client(text: readonly string[]): Uint8Array {
    const { state } = this
    switch (text[1]?.toLowerCase()) {
      case 'id':
        return integerReply(state.id)
      case 'getname':
        return state.name ? bulkReply(state.name) : nullReply(state.protocol)
      case 'setname':
        state.name = text[2] ?? ''
        return OK
      case 'setinfo':
      case 'no-evict':
      case 'no-touch':
        return OK
      default:
        return errorReply(
          `ERR CLIENT ${(text[1] ?? '').toUpperCase()} is not there in a store of several shards`,
        )
    }
  }

  #reset(): Uint8Array {
    this.#leaveMulti()
    this.#parts.connected?.unwatch()
    this.state.protocol = 2
    this.state.db = 0
    this.state.name = ''
    return new TextEncoder().encode('+RESET\r\n')
  }

  #subscribe(name: string, args: Args): Promise<Uint8Array> | Uint8Array {
    if (!name.endsWith('subscribe'))
      return errorReply(`ERR ${name.toUpperCase()} is not there in a store of several shards`)
    const { connected } = this.#parts
    if (!connected) return NEEDS_CONNECTION
    if (args.length < 2 && !name.includes('un')) return wrongNumber(name)
    return connected.subscribe(name, args)
  }
}

/** Commands for one shard, and who waits for their replies. */
class Batch {
  readonly commands: Args[] = []
  readonly #waiting: ((reply: Uint8Array) => void)[] = []

  add(args: Args): Promise<Uint8Array> {
    this.commands.push(args)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  resolve(replies: readonly Uint8Array[]): void {
    for (const [i, resolve] of this.#waiting.entries())
      resolve(replies[i] ?? errorReply('ERR the shard gave no reply'))
  }
}

const utf8 = new TextEncoder()
const MULTI = utf8.encode('MULTI')
const EXEC = utf8.encode('EXEC')
const EXISTS = utf8.encode('EXISTS')
const NOBODY: Identity = { id: 'nobody', user: 'default', expiresMs: 0 }

const nameOf = (args: Args): string => decoder.decode(args[0]).toLowerCase()

const wrongNumber = (name: string): Uint8Array =>
  errorReply(`ERR wrong number of arguments for '${name}' command`)

/** The command with those of its keys alone that are at these places; nothing follows its keys. */
function partOf(args: Args, places: readonly number[], first: number): Args {
  return [...args.slice(0, first), ...places.map((place) => args[place]!)]
}
