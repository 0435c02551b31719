// The Durable Object: one store, kept in the object's SQLite, with the engine in its memory while it is awake.

import { DurableObject } from 'cloudflare:workers'
import type { Argument } from '../host/core/encode.ts'
import { concat } from '../host/core/bytes.ts'
import { encodeCommand } from '../host/core/encode.ts'
import { ReplyDecoder, readText } from '../host/core/decode.ts'
import { ReplyError } from '../host/core/errors.ts'
import { answerToken } from '../host/core/token.ts'
import { acceptedProtocol, type Caller, kindOf } from '../host/http/index.ts'
import type { Batch, BatchAnswer } from './batch.ts'
import { type Bulk, outgoing } from './bulk.ts'
import { TurnTime } from './clock.ts'
import { engineModule, luaModule } from './engine-module.ts'
import { Ending } from './ending.ts'
import { ObjectHost } from './host.ts'
import { countedOf, originOf } from './caller.ts'
import { RequestLimits } from './limits.ts'
import type { Refusal } from './refusal.ts'
import { gatewayOf, type Place, shardStub, type StoreName } from './shards/place.ts'
import type { SeatAnswer, SeatCall } from './shards/seat.ts'
import { SeatRows } from './shards/seat-rows.ts'
import { Seats } from './shards/seats.ts'
import { type SlotMap, slotsOf } from './shards/slots.ts'
import { type Settings, settingsOf, type WadiEnv } from './settings.ts'
import { Exchanges, TRUSTED } from './sessions/exchange.ts'
import { Parked } from './sessions/parked.ts'
import { Close } from './sessions/socket.ts'
import { Sockets } from './sessions/sockets.ts'
import { type Timers, Turns } from './sessions/turns.ts'
import { Dataset } from './store/dataset.ts'
import { type Sql, sqliteOf } from './store/sql.ts'

const OK_BYTE = 43

const encoder = new TextEncoder()

export class WadiObject extends DurableObject<WadiEnv> {
  readonly #time: TurnTime
  readonly #settings: Settings
  protected readonly limits: RequestLimits
  #shards: number | undefined
  #data!: Dataset
  #turns!: Turns
  #exchanges!: Exchanges
  #sockets!: Sockets
  #seats!: Seats
  readonly #ending = new Ending()

  constructor(ctx: DurableObjectState, env: WadiEnv) {
    super(ctx, env)
    this.#time = new TurnTime(() => this.nowMs())
    this.#settings = settingsOf(env)
    this.limits = new RequestLimits(this.#settings.limits)
    void ctx.blockConcurrencyWhile(async () => {
      const seats = new SeatRows(this.sql())
      await seats.callTheRoll((gateway, guests) => gatewayOf(env, gateway).alive(guests))
      this.wake()
    })
  }

  /** Unix time in ms. */
  protected nowMs(): number {
    return Date.now()
  }

  /** The object's storage. */
  protected sql(): Sql {
    return sqliteOf(this.ctx.storage)
  }

  /** A line for the log of the worker. */
  protected write(line: string): void {
    console.warn(`wadi: ${line}`)
  }

  /** Loads what is stored, and brings the sessions back that slept. */
  protected wake(): void {
    const { ctx } = this
    const sql = this.sql()
    const host = new ObjectHost({
      engine: () => this.#data.engine,
      save: () => this.#data.save(),
      isSaving: () => this.#data.isSaving,
      judge: (args) =>
        answerToken(this.#data.internal, this.#settings.tokenKeys, args, this.#time.nowMs),
      write: (line) => this.write(line),
      answered: () => this.#turns.run(() => undefined),
      info: (section) => this.#info(section),
      nowMs: () => this.#time.nowMs,
    })
    const [low, high] = crypto.getRandomValues(new Uint32Array(2))
    this.#data = new Dataset({
      module: engineModule,
      lua: luaModule,
      sql,
      clock: this.#time,
      seed: [low!, high!],
      host,
      maxMemoryBytes: this.#settings.maxMemoryBytes,
      directives: this.#settings.directives,
      users: this.#settings.users,
      pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
    })
    const timers: Timers = {
      nowMs: () => this.#time.nowMs,
      after: (ms, wake) => {
        const timer = setTimeout(wake, ms)
        return { cancel: () => clearTimeout(timer) }
      },
      soon: (wake) => void setTimeout(wake, 0),
      alarmAt: (ms) => {
        void (ms === undefined ? ctx.storage.deleteAlarm() : ctx.storage.setAlarm(ms))
      },
    }
    this.#turns = new Turns(this.#data, timers, (error) => this.#end(error))
    const parts = { data: this.#data, turns: this.#turns, timers, limits: this.limits }
    this.#exchanges = new Exchanges(parts)
    this.#sockets = new Sockets({ ...parts, parked: new Parked(sql) })
    this.#seats = new Seats(
      {
        data: this.#data,
        turns: this.#turns,
        sql,
        deliver: (gateway, deliveries) => gatewayOf(this.env, gateway).deliver(deliveries),
        pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        runIn: async (db, command) => {
          await this.#exchange(concat([encodeCommand(['SELECT', db]), encodeCommand(command)]), {})
        },
      },
      (this.#data.facts.get('shard') as number | undefined) ?? 0,
    )
    this.#takeSlots()
    this.#turns.run(() => {
      this.#sockets.wake(ctx.getWebSockets())
      this.#seats.wake()
    })
    // Logins that ran out meanwhile are over before anybody hears anything.
    this.#turns.tick()
  }

  /** The engine is ahead of what is stored, or broken: nothing is sent any more, and the object starts again. */
  #end(error: unknown): void {
    const { message } = error instanceof Error ? error : new Error(String(error))
    this.write(message)
    this.#ending.begin(this.ctx.getWebSockets(), () => this.ctx.abort(`wadi: ${message}`))
  }

  /** A WebSocket that speaks RESP. */
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get('Upgrade')?.toLowerCase() !== 'websocket')
      return new Response('a WebSocket is expected', { status: 426 })
    if (this.#ending.hasBegun) return this.#ending.wait()
    const caller = JSON.parse(request.headers.get('wadi-caller') ?? '{}') as Caller
    const store = request.headers.get('wadi-store')
    const misplaced =
      store && (await this.#claim({ ...(JSON.parse(store) as StoreName), shard: 0 }))
    if (misplaced) return new Response(misplaced.message, { status: misplaced.status })
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket]
    this.ctx.acceptWebSocket(server)
    let isOpen: boolean
    try {
      const [kind, origin, counted] = [kindOf(caller), originOf(caller), countedOf(caller)]
      isOpen = this.#sockets.open(server, kind, origin, counted, (session) => {
        if (caller.identity) this.#data.login(session, caller.identity)
      })
    } catch (error) {
      if (error instanceof ReplyError) return new Response(error.message, { status: 403 })
      throw error
    }
    if (!isOpen) server.close(Close.tryLater, 'no room for another connection')
    const protocol = acceptedProtocol(request.headers.get('sec-websocket-protocol') ?? undefined)
    return new Response(null, {
      status: 101,
      webSocket: client,
      ...(protocol && { headers: { 'sec-websocket-protocol': protocol } }),
    })
  }

  override webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): void {
    if (this.#ending.hasBegun) return
    const bytes = typeof message === 'string' ? encoder.encode(message) : new Uint8Array(message)
    if (bytes.length > this.#settings.maxFrameBytes)
      return this.#sockets.refuse(socket, Close.tooBig, 'the frame is too large')
    this.#sockets.message(socket, bytes)
  }

  override webSocketClose(socket: WebSocket): void {
    this.#ending.closed(socket)
    this.#sockets.closed(socket)
  }

  override webSocketError(socket: WebSocket): void {
    this.webSocketClose(socket)
  }

  override alarm(): void {
    this.#turns.alarm()
  }

  /**
   * Runs commands, as RESP, and answers their replies in RESP2 unless they say HELLO 3. Only code of the same worker
   * can call this: without an identity it may do everything.
   */
  async exchange(
    commands: Uint8Array,
    caller: Caller = {},
    place?: Place,
  ): Promise<Bulk | Refusal> {
    const misplaced = place && (await this.#claim(place))
    if (misplaced) return misplaced
    const replies = await this.#exchange(commands, caller)
    return replies instanceof Uint8Array ? outgoing(replies) : replies
  }

  /** Runs calls that came to the worker together; the last of them may be left for another time. */
  async exchangeAll(batch: Batch, place: Place): Promise<BatchAnswer | Refusal> {
    return (await this.#claim(place)) ?? this.#unlessEnding(() => this.#exchanges.runAll(batch))
  }

  /** The replies of a call that took longer than its batch, once; undefined: there are none. */
  async late(ticket: string): Promise<Bulk | undefined> {
    const replies = await this.#unlessEnding(() => this.#exchanges.late(ticket))
    return replies && outgoing(replies)
  }

  #exchange(commands: Uint8Array, caller: Caller): Promise<Uint8Array | Refusal> {
    return this.#unlessEnding(() => this.#exchanges.run(commands, caller))
  }

  /** An object that ends answers nothing any more, nor what fails because of it. */
  async #unlessEnding<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#ending.hasBegun) return this.#ending.wait()
    try {
      return await work()
    } catch (error) {
      if (this.#ending.hasBegun) return this.#ending.wait()
      throw error
    }
  }

  /** Runs commands on the session that a gateway's client has here. */
  async seat(call: SeatCall, place: Place): Promise<SeatAnswer<Bulk> | Refusal> {
    const misplaced = await this.#claim(place)
    if (misplaced) return misplaced
    return this.#unlessEnding(async () => {
      try {
        const { replies, ...rest } = await this.#seats.call(call)
        return { replies: outgoing(replies), ...rest }
      } catch (error) {
        if (error instanceof ReplyError) return { status: 403, message: error.message }
        throw error
      }
    })
  }

  /** A client of a gateway is gone; without one, all that it had before. */
  leave(gateway: string, guest?: number): void {
    if (guest === undefined) this.#seats.dropAll(gateway)
    else this.#seats.drop(gateway, guest)
  }

  /** Whether a user has this password. */
  async knows(user: string, password: string): Promise<boolean> {
    const nobody = { identity: { ...TRUSTED, user } }
    const bytes = await this.#exchange(encodeCommand(['AUTH', user, password]), nobody)
    return bytes instanceof Uint8Array && bytes[0] === OK_BYTE
  }

  /**
   * The store was created with so many shards: this one is told by who comes first, and asks the first shard of its
   * store. A request that has another number is refused.
   */
  async #claim({ name, map, shard }: Place): Promise<Refusal | undefined> {
    if (this.#shards === undefined) {
      const known = this.#data.facts.get('shards') as number | undefined
      this.#shards = known ?? (shard === 0 ? map.shards : await this.#askFirst(name, map))
      if (known === undefined && this.#shards === map.shards) {
        this.#data.facts.set('shards', map.shards)
        this.#data.facts.set('shard', shard)
      }
      this.#seats.shard = shard
      this.#takeSlots()
    }
    if (this.#shards === map.shards) return undefined
    const message = `ERR the store was created with ${this.#shards} shards, which does not change`
    this.#shards = undefined
    return { status: 409, message }
  }

  /** One of several shards tells its engine which slots it has. */
  #takeSlots(): void {
    const { engine, facts } = this.#data
    const shards = facts.get('shards') as number | undefined
    const shard = facts.get('shard') as number | undefined
    if (shards === undefined || shards === 1 || shard === undefined) return
    engine.slots(...slotsOf(shard, shards))
  }

  async #askFirst(name: string, map: SlotMap): Promise<number> {
    const first = shardStub(this.env, { name, map }, 0)
    return first.shards({ name, map, shard: 0 })
  }

  /** How many shards the store of this first shard has: those of the caller, if it is new. */
  async shards(place: Place): Promise<number> {
    await this.#claim(place)
    return this.#data.facts.get('shards') as number
  }

  /**
   * Runs one command for code in the same worker.
   *
   * @throws {ReplyError} the reply is an error
   */
  async call(command: readonly Argument[]): Promise<unknown> {
    const bytes = await this.#exchange(encodeCommand(command), {})
    if (!(bytes instanceof Uint8Array)) throw new ReplyError(bytes.message)
    const decoder = new ReplyDecoder(readText)
    decoder.reset(bytes, 0, bytes.length)
    const reply = decoder.decode(false)
    if (reply instanceof ReplyError) throw reply
    return reply
  }

  #info(section: string): Record<string, string | number> {
    const { rowsWritten, storedBytes, waking } = this.#data
    if (section === 'server') return { os: 'Durable Object', multiplexing_api: 'workerd' }
    if (section !== 'persistence') return {}
    return {
      edge_log_rows_written: rowsWritten,
      edge_log_bytes: storedBytes.log,
      edge_snapshot_bytes: storedBytes.snapshot,
      edge_waking_bytes: waking.logBytes + waking.snapshotBytes,
    }
  }
}
