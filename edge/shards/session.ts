// A session over several shards. It lives outside them: in a gateway object for a WebSocket, in the worker for a
// request. It holds what a session is (protocol, database, name, who it is, the queue of MULTI); commands go
// to their shards with it, those of one frame in one call a shard, all shards at a time.

import { concat } from '../../host/core/bytes.ts'
import { encodeCommand } from '../../host/core/encode.ts'
import { commandName, mayWait } from '../../host/core/keys.ts'
import { type Identity, RefusedError } from '../../host/http/index.ts'
import { clientCommand } from './client-command.ts'
import { gather } from './gather.ts'
import { mergeParts, mergeReplies, scanReply, scanStart } from './merge.ts'
import { hello } from './hello.ts'
import { bulkReply, errorReply, isError, OK, splitReplies } from './replies.ts'
import type { Request } from './requests.ts'
import { type Route, routeOf } from './routes.ts'
import type { SessionParts } from './session-parts.ts'
import { type Args, type SessionState, takeCaching } from './session-state.ts'
import { slotOf } from './slots.ts'
import { CROSSSLOT, Transaction, watchRoute } from './transaction.ts'

const decoder = new TextDecoder()
const utf8 = new TextEncoder()
const NOAUTH = errorReply('NOAUTH Authentication required.')
const WRONGPASS = errorReply('WRONGPASS invalid username-password pair or user is disabled.')
const NEEDS_CONNECTION = errorReply('ERR this needs a connection: it is not for a request')
const NO_MONITOR = errorReply(
  'ERR MONITOR is not there in a store of several shards: no object sees all commands',
)
const BEFORE_LOGIN = /^(auth|hello|quit|reset)$/
const WHILE_SUBSCRIBED = /^([ps]?(un)?subscribe|ping|quit|reset)$/
/** They take no arguments; a shard has the error for those that come with some. */
const ALONE = /^(multi|exec|discard|unwatch|reset)$/
const LEAVES_QUEUE = /^(exec|discard|reset|quit)$/

export interface Outcome {
  replies: Uint8Array
  /** Not run yet: a call in front of them waits. */
  rest: readonly Request[]
}

export class ShardedSession {
  readonly state: SessionState
  /** The client asked to be closed. */
  isOver = false
  readonly #parts: SessionParts
  readonly #transaction: Transaction

  constructor(state: SessionState, parts: SessionParts) {
    this.state = state
    this.#parts = parts
    this.#transaction = new Transaction(state, parts, {
      show: (shard, commands) => this.#exchangeApart(shard, commands),
      run: (shard, commands) => this.#exchange(shard, commands),
    })
  }

  /** Runs the commands of a frame; their replies, in order. */
  async run(requests: readonly Request[]): Promise<Outcome> {
    const frame = new Frame(this)
    const { attached, map } = this.#parts
    let at = 0
    while (at < requests.length && !this.isOver) {
      const { args } = requests[at++]!
      const name = this.#note(args)
      frame.begin(name)
      const refused = this.#refusal(name)
      if (refused) {
        frame.say(refused)
        continue
      }
      if (this.state.queue && !LEAVES_QUEUE.test(name)) {
        const first = at - 1
        while (at < requests.length && !LEAVES_QUEUE.test(nameOf(requests[at]!.args))) at++
        await frame.flush()
        for (const reply of await this.#transaction.queue(
          requests.slice(first, at).map((request) => request.args),
        ))
          frame.say(reply)
        continue
      }
      const whole = name === 'multi' ? this.#wholeTransaction(requests, at - 1) : undefined
      if (whole) {
        const caching = takeCaching(this.state)
        if (caching) void frame.ask(whole.shard, caching)
        for (const { args: own } of requests.slice(at - 1, whole.end))
          frame.say(frame.ask(whole.shard, own))
        at = whole.end
        continue
      }
      const route = routeOf(args, map)
      if (attached && route.kind === 'one' && mayWait(args.map((arg) => decoder.decode(arg)))) {
        await frame.flush()
        const reply = await attached.wait(route.shard, encodeCommand(args))
        if (!reply) break
        frame.say(reply)
      } else if (route.kind === 'session' || route.kind === 'scan' || route.kind === 'gather') {
        await frame.flush()
        const reply = await this.#answer(args, route)
        if (reply) frame.say(reply)
      } else frame.say(this.#dispatch(frame, args, route))
    }
    const replies = await frame.end()
    return {
      replies: concat([...replies, ...(attached?.takePushes() ?? [])]),
      rest: requests.slice(at),
    }
  }

  /** Notes a command for CLIENT LIST; its name. */
  #note(args: Args): string {
    const words = args.slice(0, 2).map((arg) => decoder.decode(arg))
    const name = words[0]!.toLowerCase()
    this.state.lastCommand = commandName(words)?.replace(' ', '|') ?? name
    return name
  }

  /** Why a command goes nowhere now. */
  #refusal(name: string): Uint8Array | undefined {
    const { state } = this
    if (!state.identity && !BEFORE_LOGIN.test(name)) return NOAUTH
    const isSubscribed = state.protocol === 2 && (this.#parts.attached?.subscriptions ?? 0) > 0
    if (!isSubscribed || WHILE_SUBSCRIBED.test(name)) return undefined
    return errorReply(
      `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    )
  }

  /** A transaction that came in one frame, and that one shard can carry out as it stands. */
  #wholeTransaction(
    requests: readonly Request[],
    first: number,
  ): { shard: number; end: number } | undefined {
    if (this.state.queue || this.#parts.attached?.watching !== undefined) return undefined
    if (requests[first]!.args.length !== 1) return undefined
    const last = requests.findIndex(({ args }, at) => at > first && LEAVES_QUEUE.test(nameOf(args)))
    if (last < 0 || nameOf(requests[last]!.args) !== 'exec') return undefined
    const commands = requests.slice(first + 1, last).map(({ args }) => args)
    const shard = this.#transaction.shardOf(commands)
    return shard === undefined ? undefined : { shard, end: last + 1 }
  }

  /** Sends a command to its shards. */
  #dispatch(frame: Frame, args: Args, route: Route): Uint8Array | Promise<Uint8Array> {
    switch (route.kind) {
      case 'one':
        return frame.ask(route.shard, args)
      case 'parts': {
        const all = route.parts.map(({ shard, places }) =>
          frame.ask(shard, partOf(args, places, route.first)),
        )
        return Promise.all(all).then((parts) => mergeParts(parts, route))
      }
      case 'all': {
        const all = this.#shards().map((shard) => frame.ask(shard, args))
        return Promise.all(all).then((replies) => mergeReplies(replies, route.merge))
      }
      default:
        return route.kind === 'refused' ? errorReply(route.error) : NEEDS_CONNECTION
    }
  }

  #shards(): number[] {
    return Array.from({ length: this.#parts.map.shards }, (_, shard) => shard)
  }

  async #answer(args: Args, route: Route): Promise<Uint8Array | undefined> {
    if (route.kind === 'scan') return this.#scan(args)
    if (route.kind === 'gather')
      return gather(route.name, args, this.state.protocol, (commands) =>
        Promise.all(this.#shards().map((shard) => this.#exchange(shard, commands))),
      )
    return this.#own(args)
  }

  /** Runs commands on a shard; the reply of each. */
  async exchange(shard: number, commands: readonly Args[]): Promise<Uint8Array[]> {
    return this.#exchange(shard, commands)
  }

  async #exchange(shard: number, commands: readonly Args[]): Promise<Uint8Array[]> {
    const { attached } = this.#parts
    if (!attached?.tracking) return this.#exchangeApart(shard, commands)
    return attached.work(
      shard,
      commands.map((command) => encodeCommand(command)),
    )
  }

  /** Not on the session's seat there: what it watches and tracks does not hear of it. */
  async #exchangeApart(shard: number, commands: readonly Args[]): Promise<Uint8Array[]> {
    const { identity, db, protocol } = this.state
    const { attached } = this.#parts
    const all = commands.map((command) => encodeCommand(command))
    const isNew = protocol === 3
    const bytes = concat(isNew ? [encodeCommand(['HELLO', 3]), ...all] : all)
    try {
      const as = { ...(identity ?? NOBODY), db }
      const replies = splitReplies(await this.#parts.exchange(shard, bytes, as))
      return isNew ? replies.slice(1) : replies
    } catch (error) {
      // A request has statuses for what is refused.
      if (error instanceof RefusedError && !attached) throw error
      return all.map(() => errorReply(reasonOf(error)))
    }
  }

  /** One step of a walk: the cursor says which shard it has come to. */
  async #scan(args: Args): Promise<Uint8Array> {
    const { shards } = this.#parts.map
    if (args.length < 2) return (await this.#exchange(0, [args]))[0]!
    const start = scanStart(args, shards)
    if (!start) return errorReply('ERR invalid cursor')
    const [reply] = await this.#exchange(start.shard, [start.args])
    return isError(reply!) ? reply! : scanReply(reply!, start.shard, shards)
  }

  /** Commands that the session answers itself. */
  async #own(args: Args): Promise<Uint8Array | undefined> {
    const text = args.map((arg) => decoder.decode(arg))
    const name = nameOf(args)
    if (ALONE.test(name) && args.length > 1) {
      if (name === 'exec') {
        this.#transaction.leave()
        await this.#parts.attached?.unwatch()
      } else if (this.state.queue) this.state.isAborted = true
      return (await this.#exchange(0, [args]))[0]!
    }
    switch (name) {
      case 'ping':
        return this.#ping(args)
      case 'multi':
        return this.#transaction.begin()
      case 'exec':
        return this.#transaction.exec()
      case 'discard':
        return this.#transaction.discard()
      case 'watch':
        return this.#watch(args)
      case 'unwatch':
        await this.#parts.attached?.unwatch()
        return OK
      case 'auth':
        return this.#auth(text)
      case 'hello':
        return hello(this, text, (words) => this.#auth(words))
      case 'select':
        return this.#select(args)
      case 'client':
        return clientCommand(this, this.#parts, args)
      case 'reset':
        return this.#reset()
      case 'quit':
        this.isOver = true
        return OK
      case 'monitor':
        return NO_MONITOR
      default:
        return this.#subscribe(name, args)
    }
  }

  #ping(args: Args): Uint8Array {
    if (args.length > 2) return wrongNumber('ping')
    const isSubscribed = this.state.protocol === 2 && this.#parts.attached?.subscriptions
    if (isSubscribed)
      return concat([utf8.encode('*2\r\n'), bulkReply('pong'), bulkReply(args[1] ?? '')])
    return args.length > 1 ? bulkReply(args[1]!) : utf8.encode('+PONG\r\n')
  }

  async #watch(args: Args): Promise<Uint8Array> {
    const { attached, map } = this.#parts
    if (!attached) return NEEDS_CONNECTION
    if (args.length < 2) return wrongNumber('watch')
    const route = watchRoute(args, map)
    if (route.kind !== 'one') return CROSSSLOT
    if (attached.watching !== undefined && attached.watching !== route.shard) return CROSSSLOT
    return attached.watch(route.shard, encodeCommand(args))
  }

  async #auth(text: readonly string[]): Promise<Uint8Array> {
    if (text.length < 2) return wrongNumber('auth')
    if (text.length > 3) return errorReply('ERR syntax error')
    const identity = await this.#parts.login(text.slice(1))
    if (!identity) return WRONGPASS
    this.state.identity = identity
    this.state.db = identity.db ?? this.state.db
    return OK
  }

  async #select(args: Args): Promise<Uint8Array> {
    const [reply] = await this.#exchange(0, [args])
    if (!isError(reply!)) this.state.db = Number(decoder.decode(args[1]))
    return reply!
  }

  async #reset(): Promise<Uint8Array> {
    const { state } = this
    this.#transaction.leave()
    await this.#parts.attached?.reset()
    state.protocol = 2
    state.db = 0
    state.name = ''
    delete state.identity
    delete state.silence
    delete state.caching
    return utf8.encode('+RESET\r\n')
  }

  async #subscribe(name: string, args: Args): Promise<Uint8Array> {
    if (!name.endsWith('subscribe')) return (await this.#exchange(0, [args]))[0]!
    const { attached } = this.#parts
    if (!attached) return NEEDS_CONNECTION
    if (args.length < 2 && !name.includes('un')) return wrongNumber(name)
    if (/^s(un)?sub/.test(name) && !areTogether(args.slice(1))) return CROSSSLOT
    return attached.subscribe(name, args)
  }
}

/** The commands of one frame: what is on its way to shards, and replies in their order. */
class Frame {
  readonly #session: ShardedSession
  readonly #replies: (Uint8Array | Promise<Uint8Array>)[] = []
  #batches = new Map<number, Batch>()
  #silence: 'off' | 'skip' | undefined
  #caching: Args | undefined

  constructor(session: ShardedSession) {
    this.#session = session
  }

  /** The next command begins. */
  begin(name: string): void {
    const { state } = this.#session
    this.#silence = state.silence
    if (state.silence === 'skip') delete state.silence
    // It is for all of a transaction, and stays until that is run.
    const isHeld = name === 'client' || name === 'multi' || state.queue !== undefined
    this.#caching = isHeld ? undefined : takeCaching(state)
  }

  /** The reply of the command that began last. CLIENT REPLY ON is heard. */
  say(reply: Uint8Array | Promise<Uint8Array>): void {
    const isHeard = this.#silence === undefined || this.#isOnAgain
    this.#replies.push(isHeard ? reply : Promise.resolve(reply).then(() => new Uint8Array(0)))
  }

  get #isOnAgain(): boolean {
    return this.#silence === 'off' && this.#session.state.silence === undefined
  }

  ask(shard: number, args: Args): Promise<Uint8Array> {
    let batch = this.#batches.get(shard)
    if (!batch) this.#batches.set(shard, (batch = new Batch()))
    if (this.#caching) void batch.add(this.#caching)
    return batch.add(args)
  }

  /** Lets the shards do what they were asked. */
  async flush(): Promise<void> {
    const full = this.#batches
    this.#batches = new Map()
    await Promise.all([...full].map(([shard, batch]) => this.#send(shard, batch)))
  }

  async #send(shard: number, batch: Batch): Promise<void> {
    batch.resolve(await this.#session.exchange(shard, batch.commands))
  }

  async end(): Promise<Uint8Array[]> {
    await this.flush()
    return Promise.all(this.#replies.map((reply) => Promise.resolve(reply)))
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

const NOBODY: Identity = { id: 'nobody', user: 'default', expiresMs: 0 }

const nameOf = (args: Args): string => decoder.decode(args[0]).toLowerCase()

/** Why a shard has no answer, in one line. */
function reasonOf(error: unknown): string {
  if (error instanceof RefusedError) return error.message
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
  return `ERR the shard failed: ${line}`
}

const wrongNumber = (name: string): Uint8Array =>
  errorReply(`ERR wrong number of arguments for '${name}' command`)

/** Whether shard channels are in one slot. */
const areTogether = (channels: Args): boolean => new Set(channels.map(slotOf)).size < 2

/** The command with those of its keys alone that are at these places; nothing follows its keys. */
function partOf(args: Args, places: readonly number[], first: number): Args {
  return [...args.slice(0, first), ...places.map((place) => args[place]!)]
}
