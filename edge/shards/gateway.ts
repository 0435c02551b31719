// A gateway: the object where the sockets of a store with several shards end. It holds their sessions; the data is in
// the shards. It sleeps like any other object: what its sessions have on shards are seats there (seat.ts), and
// a shard that has something for them calls.

import { DurableObject } from 'cloudflare:workers'
import { encodeCommand } from '../../host/core/encode.ts'
import {
  acceptedProtocol,
  type Caller,
  type Identity,
  RefusedError,
  TOO_MANY,
} from '../../host/http/index.ts'
import { type Bulk, CALL_BYTES, incoming } from '../bulk.ts'
import { countedOf } from '../caller.ts'
import { RequestLimits } from '../limits.ts'
import { Parked } from '../sessions/parked.ts'
import { isSame } from '../sessions/same.ts'
import { Close } from '../sessions/socket.ts'
import { accessOf, type Settings, settingsOf, type WadiEnv } from '../settings.ts'
import { Facts } from '../store/facts.ts'
import { sqliteOf } from '../store/sql.ts'
import { Attached } from './attached.ts'
import { factsOf } from './client-command.ts'
import type { ClientFacts } from './clients.ts'
import { clientsOf, exchangeOn, gatewayName, shardStub, type StoreName } from './place.ts'
import { type KeptGuest, readGuest, writeGuest } from './kept.ts'
import { errorReply } from './replies.ts'
import { ProtocolError, RequestReader } from './requests.ts'
import type { Delivery, SeatAnswer } from './seat.ts'
import { ShardedSession } from './session.ts'
import { newState } from './session-state.ts'

/** So long after a change a session is kept for a sleep. */
const KEEP_MS = 500

/** Numbers of clients are never used twice: so many are set aside at a time. */
const NUMBERS = 1000

/** What a client may send while a call of its waits. */
const HELD_BYTES = 32 << 20

/** Which gateway of which store this is. */
interface Post {
  store: StoreName
  number: number
}

interface Guest {
  id: number
  caller: Caller
  session: ShardedSession
  attached: Attached
  reader: RequestReader
  /** What is done for it, one after the other. */
  work: Promise<void>
  kept?: Uint8Array
  inRows: boolean
}

export class WadiGateway extends DurableObject<WadiEnv> {
  readonly #settings: Settings
  readonly #limits: RequestLimits
  readonly #parked: Parked
  readonly #facts: Facts
  readonly #guests = new Map<WebSocket, Guest>()
  /** Closed from here; the runtime still knows them for a moment. */
  readonly #ended = new WeakSet<WebSocket>()
  #post: Post | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #count = 0
  #reserved = 0

  constructor(ctx: DurableObjectState, env: WadiEnv) {
    super(ctx, env)
    this.#settings = settingsOf(env)
    this.#limits = new RequestLimits(this.#settings.limits)
    const sql = sqliteOf(ctx.storage)
    this.#parked = new Parked(sql)
    this.#facts = new Facts(sql)
    this.#post = this.#facts.get('post') as Post | undefined
    const sockets = ctx.getWebSockets()
    this.#parked.keepOnly(new Set(sockets.map(idOf)))
    if (!sockets.length) this.#beginAnew()
  }

  /** Whoever was here before is gone without a word, as after a deploy: the shards must not serve them. */
  #beginAnew(): void {
    const post = this.#post
    if (!post) return
    const name = gatewayName(post.store, post.number)
    for (let shard = 0; shard < post.store.map.shards; shard++)
      this.ctx.waitUntil(shardStub(this.env, post.store, shard).leave(name).catch(ignore))
  }

  override async fetch(request: Request): Promise<Response> {
    const caller = JSON.parse(request.headers.get('wadi-caller') ?? '{}') as Caller
    const post = JSON.parse(request.headers.get('wadi-gateway') ?? '{}') as Post
    if (caller.identity && !(await this.#isKnown(post.store, caller.identity)))
      return new Response(NO_USER, { status: 403 })
    this.#take(post)
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket]
    const id = this.#nextId(post)
    this.ctx.acceptWebSocket(server, [String(id)])
    const state = newState(id, Date.now(), caller.identity)
    this.#guests.set(server, this.#guest(server, { state, caller }))
    this.#keep()
    const protocol = acceptedProtocol(request.headers.get('sec-websocket-protocol') ?? undefined)
    return new Response(null, {
      status: 101,
      webSocket: client,
      ...(protocol && { headers: { 'sec-websocket-protocol': protocol } }),
    })
  }

  #take(post: Post): void {
    if (JSON.stringify(this.#post) === JSON.stringify(post)) return
    this.#post = post
    this.#facts.set('post', post)
  }

  /** The number of a new client: it says at which gateway the client is. */
  #nextId({ store, number }: Post): number {
    if (this.#count === this.#reserved) {
      this.#count = (this.#facts.get('numbers') as number | undefined) ?? 0
      this.#reserved = this.#count + NUMBERS
      this.#facts.set('numbers', this.#reserved)
    }
    return ++this.#count * store.map.shards + number
  }

  override async webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): Promise<void> {
    const bytes =
      typeof message === 'string' ? new TextEncoder().encode(message) : new Uint8Array(message)
    const guest = this.#guestOf(socket)
    if (!guest) return socket.close(Close.error)
    if (bytes.length > this.#settings.maxFrameBytes) return this.#end(socket, Close.tooBig)
    const counted = countedOf({ ...guest.caller, identity: guest.session.state.identity })
    if (this.#limits.take(counted, Date.now())) return this.#end(socket, Close.policy, TOO_MANY)
    await this.#next(guest, () => this.#run(socket, guest, bytes))
  }

  /** Does something for a client after all that was begun before. */
  #next(guest: Guest, work: () => void | Promise<void>): Promise<void> {
    guest.work = guest.work.then(work)
    return guest.work
  }

  async #run(socket: WebSocket, guest: Guest, bytes: Uint8Array): Promise<void> {
    const { session, reader, attached } = guest
    if (!this.#guests.has(socket)) return
    const { identity } = session.state
    if (identity?.expiresMs && identity.expiresMs <= Date.now())
      return this.#end(socket, Close.policy)
    session.state.lastMs = Date.now()
    try {
      if (attached.isWaiting) {
        reader.hold(bytes)
        if (reader.rest.length > HELD_BYTES) return this.#end(socket, Close.policy)
      } else {
        const { replies, rest } = await session.run(reader.read(bytes))
        reader.unread(rest)
        this.#send(socket, replies)
        if (session.isOver) this.#end(socket, Close.normal)
      }
    } catch (error) {
      if (error instanceof ProtocolError)
        this.#send(socket, errorReply(`ERR Protocol error: ${error.message}`))
      this.#end(socket, error instanceof ProtocolError ? Close.normal : Close.error)
    }
    this.#keepSoon()
  }

  #send(socket: WebSocket, bytes: Uint8Array): void {
    if (!bytes.length) return
    try {
      socket.send(bytes)
    } catch {
      // It closes just now: `webSocketClose` follows.
    }
  }

  override webSocketClose(socket: WebSocket): void {
    this.#end(socket, Close.normal)
  }

  override webSocketError(socket: WebSocket): void {
    this.#end(socket, Close.error)
  }

  #end(socket: WebSocket, code: number, reason?: string): void {
    const guest = this.#guestOf(socket)
    this.#guests.delete(socket)
    this.#ended.add(socket)
    if (guest) this.#leave(guest)
    try {
      socket.close(code, reason)
    } catch {
      // It is closed already.
    }
  }

  #leave({ id, attached, inRows }: Guest): void {
    if (inRows) this.#parked.drop(id)
    const { store, number } = this.#post!
    for (const shard of attached.shards) {
      const left = shardStub(this.env, store, shard).leave(gatewayName(store, number), id)
      this.ctx.waitUntil(left.catch(ignore))
    }
  }

  // ── what shards and other gateways call ────────────────────────────────────────────────────

  /** Takes what a shard has for clients here; answers those that are gone. */
  deliver(deliveries: Delivery[]): number[] {
    const gone: number[] = []
    for (const delivery of deliveries) {
      const socket = this.#socketOf(delivery.guest)
      const guest = socket && this.#guestOf(socket)
      if (!socket || !guest) gone.push(delivery.guest)
      else void this.#next(guest, () => this.#receive(socket, guest, delivery))
    }
    return gone
  }

  async #receive(socket: WebSocket, guest: Guest, delivery: Delivery): Promise<void> {
    if (!this.#guests.has(socket)) return
    if (delivery.isOver) return this.#end(socket, Close.policy)
    const { bytes, isAnswer } = guest.attached.take(delivery)
    this.#send(socket, bytes)
    // What came behind the call that waited is run now.
    if (isAnswer) await this.#run(socket, guest, new Uint8Array(0))
  }

  /** Those of these clients that are here. */
  alive(guests: number[]): number[] {
    return guests.filter((guest) => this.#socketOf(guest) !== undefined)
  }

  /** All clients here. */
  clients(): ClientFacts[] {
    const nowMs = Date.now()
    return this.ctx.getWebSockets().flatMap((socket) => {
      const guest = this.#guestOf(socket)
      if (!guest) return []
      const { store, number } = this.#post!
      return factsOf(guest.session.state, guest, {
        address: `${guest.caller.address ?? '0.0.0.0'}:0`,
        localAddress: `${gatewayName(store, number)}:0`,
        nowMs,
        inputBytes: guest.reader.rest.length,
      })
    })
  }

  /** Ends clients, behind what was begun for them. */
  kill(guests: number[]): void {
    for (const id of guests) {
      const socket = this.#socketOf(id)
      const guest = socket && this.#guestOf(socket)
      if (guest) void this.#next(guest, () => this.#end(socket, Close.normal))
    }
  }

  #socketOf(id: number): WebSocket | undefined {
    return this.ctx.getWebSockets(String(id)).find((socket) => !this.#ended.has(socket))
  }

  // ── clients over a sleep ───────────────────────────────────────────────────────────────────

  #guestOf(socket: WebSocket): Guest | undefined {
    return this.#guests.get(socket) ?? this.#restore(socket)
  }

  #guest(socket: WebSocket, kept: Omit<KeptGuest, 'rest'> & { rest?: Uint8Array }): Guest {
    const { state, caller } = kept
    const { store, number } = this.#post!
    const gateway = gatewayName(store, number)
    const attached = new Attached(
      {
        map: store.map,
        state,
        lost: () => this.#end(socket, Close.error),
        seat: async (shard, call) => {
          const { identity = NOBODY, db } = state
          if (call.commands.length > CALL_BYTES) throw new Error('the commands are too large')
          const answer = (await shardStub(this.env, store, shard).seat(
            {
              ...call,
              gateway,
              guest: state.id,
              identity: { ...identity, db },
              ...(caller.address !== undefined && { address: caller.address }),
              ...(caller.isRest && { isRest: true }),
            },
            { ...store, shard },
          )) as SeatAnswer<Bulk> | { message: string }
          if ('message' in answer) throw new Error(answer.message)
          return { ...answer, replies: await incoming(answer.replies) }
        },
      },
      kept.links,
    )
    const session = new ShardedSession(state, {
      map: store.map,
      exchange: (shard, commands, identity) =>
        exchangeOn(this.env, store, shard, commands, { ...caller, identity }),
      login: (args) => this.#login(store, args),
      clients: clientsOf(this.env, store),
      attached,
    })
    const reader = new RequestReader(kept.rest)
    return {
      id: state.id,
      caller,
      session,
      attached,
      reader,
      work: Promise.resolve(),
      inRows: false,
    }
  }

  /** A token, or a user with a password whom the first shard knows. */
  async #login(store: StoreName, args: readonly string[]): Promise<Identity | undefined> {
    const [user, secret] = args.length === 1 ? ['default', args[0]!] : (args as [string, string])
    const known = await accessOf(this.env).identify(secret)
    if (known && (user === known.user || user === 'default'))
      return (await this.#isKnown(store, known)) ? known : undefined
    if (args.length === 1) return undefined
    const isRight = await shardStub(this.env, store, 0).knows(user, secret)
    return isRight ? { id: `user:${user}`, user, expiresMs: 0 } : undefined
  }

  /** Whether there is the user that a signed token names. */
  async #isKnown(store: StoreName, identity: Identity): Promise<boolean> {
    if (!identity.id.startsWith('signed:')) return true
    try {
      await exchangeOn(this.env, store, 0, encodeCommand(['PING']), { identity })
      return true
    } catch (error) {
      if (error instanceof RefusedError && error.status === 403) return false
      throw error
    }
  }

  #keepSoon(): void {
    this.#timer ??= setTimeout(() => this.#keep(), KEEP_MS)
  }

  /** Keeps what sessions are, for when this object sleeps. */
  #keep(): void {
    clearTimeout(this.#timer ?? null)
    this.#timer = undefined
    for (const [socket, guest] of this.#guests) {
      const { session, attached, reader, caller } = guest
      const { state } = session
      const bytes = writeGuest({ state, caller, links: attached.links, rest: reader.rest })
      if (guest.kept && isSame(guest.kept, bytes)) continue
      guest.kept = bytes
      const facts = { id: guest.id, order: 0, counted: {} }
      guest.inRows = this.#parked.put(socket, facts, bytes, guest.inRows)
    }
  }

  /** A socket that outlived a sleep. */
  #restore(socket: WebSocket): Guest | undefined {
    const attachment = socket.deserializeAttachment()
    if (!attachment || !this.#post || this.#ended.has(socket)) return undefined
    const bytes = this.#parked.get(attachment)
    if (!bytes.length) return undefined
    const guest = this.#guest(socket, readGuest(bytes))
    guest.inRows = attachment.parked === undefined
    guest.kept = bytes
    this.#guests.set(socket, guest)
    return guest
  }
}

const NOBODY: Identity = { id: 'nobody', user: 'default', expiresMs: 0 }

const NO_USER = 'WRONGPASS invalid username-password pair or user is disabled.'

const ignore = (): void => undefined

const idOf = (socket: WebSocket): number =>
  (socket.deserializeAttachment() as { id: number } | null)?.id ?? 0
