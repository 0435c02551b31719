// A gateway: the object where the sockets of a store with several shards end. It holds their sessions; the data is in
// the shards. It sleeps like any other object, except while a session subscribes or watches keys: for
// that it keeps a socket of its own to a shard.

import { DurableObject } from 'cloudflare:workers'
import { acceptedProtocol, type Caller, type Identity } from '../../host/http/index.ts'
import { countedOf } from '../caller.ts'
import { RequestLimits } from '../limits.ts'
import { Parked } from '../sessions/parked.ts'
import { isSame } from '../sessions/same.ts'
import { Close } from '../sessions/socket.ts'
import { accessOf, type Settings, settingsOf, type WadiEnv } from '../settings.ts'
import { sqliteOf } from '../store/sql.ts'
import { exchangeOn, shardStub, type StoreName } from './place.ts'
import { errorReply } from './replies.ts'
import { ProtocolError, RequestReader } from './requests.ts'
import { type SessionState, ShardedSession } from './session.ts'
import { Upstreams } from './upstreams.ts'

/** So long after a change a session is kept for a sleep. */
const KEEP_MS = 500

interface Kept {
  state: SessionState
  store: StoreName
  /** Half a command. */
  rest: number[]
}

interface Guest {
  id: number
  store: StoreName
  caller: Caller
  session: ShardedSession
  reader: RequestReader
  upstreams: Upstreams
  /** What is done for it, one after the other. */
  work: Promise<void>
  kept?: Uint8Array
  inRows: boolean
}

export class WadiGateway extends DurableObject<WadiEnv> {
  readonly #settings: Settings
  readonly #limits: RequestLimits
  readonly #parked: Parked
  readonly #guests = new Map<WebSocket, Guest>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #lastId: number

  constructor(ctx: DurableObjectState, env: WadiEnv) {
    super(ctx, env)
    this.#settings = settingsOf(env)
    this.#limits = new RequestLimits(this.#settings.limits)
    this.#parked = new Parked(sqliteOf(ctx.storage))
    const ids = ctx.getWebSockets().map((socket) => idOf(socket))
    this.#lastId = Math.max(0, ...ids)
    this.#parked.keepOnly(new Set(ids))
  }

  override async fetch(request: Request): Promise<Response> {
    const caller = JSON.parse(request.headers.get('wadi-caller') ?? '{}') as Caller
    const store = JSON.parse(request.headers.get('wadi-store') ?? '{}') as StoreName
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket]
    this.ctx.acceptWebSocket(server)
    const state: SessionState = { id: ++this.#lastId, protocol: 2, db: 0, name: '' }
    if (caller.identity) {
      state.identity = caller.identity
      state.db = caller.identity.db ?? 0
    }
    this.#guests.set(server, this.#guest(server, state.id, store, caller, state, []))
    this.#keep()
    const protocol = acceptedProtocol(request.headers.get('sec-websocket-protocol') ?? undefined)
    return new Response(null, {
      status: 101,
      webSocket: client,
      ...(protocol && { headers: { 'sec-websocket-protocol': protocol } }),
    })
  }

  override async webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): Promise<void> {
    const bytes =
      typeof message === 'string' ? new TextEncoder().encode(message) : new Uint8Array(message)
    const guest = this.#guests.get(socket) ?? this.#restore(socket)
    if (!guest) return socket.close(Close.error)
    if (bytes.length > this.#settings.maxFrameBytes) return socket.close(Close.tooBig)
    const counted = countedOf({ ...guest.caller, identity: guest.session.state.identity })
    if (this.#limits.take(counted, Date.now()))
      return socket.close(Close.policy, 'too many requests')
    guest.work = guest.work.then(() => this.#run(socket, guest, bytes))
    await guest.work
  }

  async #run(socket: WebSocket, guest: Guest, bytes: Uint8Array): Promise<void> {
    const { identity } = guest.session.state
    if (identity?.expiresMs && identity.expiresMs <= Date.now()) return socket.close(Close.policy)
    try {
      const replies = await guest.session.run(guest.reader.read(bytes))
      if (replies.length) socket.send(replies)
      if (guest.session.isOver) this.#end(socket, Close.normal)
    } catch (error) {
      if (error instanceof ProtocolError)
        socket.send(errorReply(`ERR Protocol error: ${error.message}`))
      this.#end(socket, error instanceof ProtocolError ? Close.normal : Close.error)
    }
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#keep(), KEEP_MS)
  }

  override webSocketClose(socket: WebSocket): void {
    this.#end(socket, Close.normal)
  }

  override webSocketError(socket: WebSocket): void {
    this.#end(socket, Close.error)
  }

  #end(socket: WebSocket, code: number): void {
    const guest = this.#guests.get(socket)
    guest?.upstreams.close()
    this.#guests.delete(socket)
    if (guest?.inRows) this.#parked.drop(guest.id)
    try {
      socket.close(code)
    } catch {
      // It is closed already.
    }
  }

  #guest(
    socket: WebSocket,
    id: number,
    store: StoreName,
    caller: Caller,
    state: SessionState,
    rest: number[],
  ): Guest {
    const upstreams = new Upstreams({
      map: store.map,
      open: (shard) => shardStub(this.env, store, shard),
      state,
      send: (bytes) => socket.send(bytes),
      lost: () => this.#end(socket, Close.error),
    })
    const session = new ShardedSession(state, {
      map: store.map,
      exchange: (shard, commands, identity) =>
        exchangeOn(this.env, store, shard, commands, { ...caller, identity }),
      login: (args) => this.#login(store, args),
      connected: upstreams,
    })
    const reader = new RequestReader(Uint8Array.from(rest))
    return { id, store, caller, session, reader, upstreams, work: Promise.resolve(), inRows: false }
  }

  /** A token, or a user with a password whom the first shard knows. */
  async #login(store: StoreName, args: readonly string[]): Promise<Identity | undefined> {
    const [user, secret] = args.length === 1 ? ['default', args[0]!] : (args as [string, string])
    const known = await accessOf(this.env).identify(secret)
    if (known && (user === known.user || user === 'default')) return known
    if (args.length === 1) return undefined
    const isRight = await shardStub(this.env, store, 0).knows(user, secret)
    return isRight ? { id: `user:${user}`, user, expiresMs: 0 } : undefined
  }

  /** Keeps what sessions are, for when this object sleeps. */
  #keep(): void {
    this.#timer = undefined
    for (const [socket, guest] of this.#guests) {
      const { state } = guest.session
      const kept: Kept & { caller: Caller } = {
        state: {
          ...state,
          ...(state.queue && { queue: state.queue.map((args) => args.map(numbers)) as never }),
        },
        store: guest.store,
        rest: numbers(guest.reader.rest),
        caller: guest.caller,
      }
      const bytes = new TextEncoder().encode(JSON.stringify(kept))
      if (guest.kept && isSame(guest.kept, bytes)) continue
      guest.kept = bytes
      guest.inRows = this.#parked.put(
        socket,
        { id: guest.id, order: 0, counted: {} },
        bytes,
        guest.inRows,
      )
    }
  }

  /** A socket that outlived a sleep. */
  #restore(socket: WebSocket): Guest | undefined {
    const attachment = socket.deserializeAttachment()
    if (!attachment) return undefined
    const text = new TextDecoder().decode(this.#parked.get(attachment))
    const { state, store, rest, caller } = JSON.parse(text) as Kept & { caller: Caller }
    if (state.queue)
      state.queue = state.queue.map((args) => args.map((arg) => Uint8Array.from(arg)))
    const guest = this.#guest(socket, attachment.id, store, caller, state, rest)
    guest.inRows = attachment.parked === undefined
    this.#guests.set(socket, guest)
    return guest
  }
}

const numbers = (bytes: Uint8Array): number[] => [...bytes]

const idOf = (socket: WebSocket): number =>
  (socket.deserializeAttachment() as { id: number } | null)?.id ?? 0
