// A store on a server: RESP over a WebSocket, with every command as a method.
//
//   const db = await connect('wss://example.com/ws', { token })
//   await db.set('greeting', 'hello', { ex: 60 })
//   const stop = await db.subscribe('news', (message) => console.log(message))
//
// Calls of a microtask leave as one frame. Who one is goes in the first frame, never in the URL, which others
// write into their logs. A lost connection is opened again and is the same session then, with its
// subscriptions; what `MaybeAppliedError` means is told in core/remote/session.ts.

import type { PushListener } from '../core/connection.ts'
import type { Reply } from '../core/decode.ts'
import type { Argument } from '../core/encode.ts'
import type { Many } from '../core/generated/commands.ts'
import type { Line } from '../core/remote/line.ts'
import { type MessageHandler, Messages } from '../core/remote/messages.ts'
import { Pipeline } from '../core/remote/pipeline.ts'
import { RemoteSession } from '../core/remote/session.ts'
import { SessionState } from '../core/remote/session-state.ts'
import { type Runtime, type Timer, webRuntime } from '../core/runtime.ts'
import { commandMethods } from '../core/typed.ts'
import type { BackoffOptions } from './backoff.ts'
import { DisconnectedError, ReplyError } from './errors.ts'
import { Socket, type WebSocketLike } from './socket.ts'

export interface ConnectOptions {
  /** A token of the server: the edge's, or a signed one. */
  token?: string
  /** A user of the server and its password; without a name the default user. */
  username?: string
  password?: string
  /** The number of the database to begin with. */
  database?: number
  /** The name that CLIENT LIST shows. */
  name?: string
  /** Whether calls wait while there is no connection; else they reject at once, with `DisconnectedError`. */
  offlineQueue?: boolean
  /** How long calls wait for a lost connection before they reject; 10 s unless told. */
  patienceMs?: number
  /** An attempt to connect that takes longer has failed; 10 s unless told. */
  timeoutMs?: number
  backoff?: BackoffOptions
  /** Makes the socket; `new WebSocket(url)` unless told. */
  webSocket?: (url: string) => WebSocketLike
  runtime?: Runtime
}

const PATIENCE_MS = 10_000
const TIMEOUT_MS = 10_000

const isMessage = ([kind]: Reply[]): boolean => kind === 'message' || kind === 'pmessage'

/** Nothing that was sent and not answered may be sent again, unless it reads. */
const LOST = { isGraceful: false }

type Taken = 'subscribe' | 'psubscribe'

/** Opens a connection. @throws the first attempt failed, or the server does not know who this is */
export function connect(url: string | URL, options: ConnectOptions = {}): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client: Client = new Client(String(url), options, (error) => {
      if (error) reject(error)
      else resolve(client)
    })
  })
}

export class Client extends commandMethods<Taken, true>() {
  /** Called when a connection is there, and when one is lost, with the reason. */
  onState: ((isConnected: boolean, reason?: string) => void) | undefined

  /** Called with pushes other than messages to handlers: invalidations of tracked keys. */
  onPush: PushListener | undefined

  readonly #session: RemoteSession
  readonly #messages: Messages
  readonly #socket: Socket
  readonly #runtime: Runtime
  readonly #waits: boolean
  readonly #patienceMs: number
  readonly #credentials: readonly Argument[] | undefined
  #patience: Timer | undefined
  /** The same session, for the handlers of messages. */
  readonly #line: Line = {
    call: (...args: Argument[]) => this.call(...args),
    onPush: undefined,
    close: () => undefined,
  }
  /** Asks the other side before the session goes on there. */
  #question: Pipeline | undefined
  /** Who waits for the first connection. */
  #first: ((error?: Error) => void) | undefined

  constructor(url: string, options: ConnectOptions, first: (error?: Error) => void) {
    super()
    this.#first = first
    this.#runtime = options.runtime ?? webRuntime(globalThis)
    this.#waits = options.offlineQueue ?? false
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS
    this.#credentials = credentials(options)
    const state = new SessionState()
    state.auth = this.#credentials
    state.name = options.name
    state.db = options.database ?? 0
    const carrier = {
      send: (_session: number, _sequence: number, bytes: Uint8Array<ArrayBuffer>) => {
        this.#socket.send(bytes)
      },
      open: () => this.#begin(),
      close: () => this.#end(),
      refused: (error: Error) => this.#refused(error),
    }
    this.#session = new RemoteSession(1, carrier, state)
    this.#session.onPush = (push) => this.#receivePush(push)
    this.#messages = new Messages(() => this.#line)
    const dial = options.webSocket ?? ((address) => new WebSocket(address))
    this.#socket = new Socket({
      dial: () => dial(url),
      runtime: this.#runtime,
      backoff: options.backoff ?? {},
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      onOpen: () => this.#session.begin(),
      onBytes: (bytes) => (this.#question ?? this.#session).receive(bytes),
      onLost: (reason) => this.#lost(reason),
    })
  }

  /** Whether there is a connection now. */
  get isConnected(): boolean {
    return this.#socket.isUp
  }

  /** Runs any command; text comes back as strings. @throws {ReplyError} */
  call(...args: Argument[]): Promise<Reply> {
    return this.#refusal() ?? this.#session.call(...args)
  }

  /** Runs any command; text comes back as bytes. @throws {ReplyError} */
  callBytes(...args: Argument[]): Promise<Reply> {
    return this.#refusal() ?? this.#session.callBytes(...args)
  }

  /** Calls back with messages on channels, also after a lost connection; the answer ends it. */
  async subscribe(channels: Many<string>, handler: MessageHandler): Promise<() => void> {
    return this.#messages.subscribe(channels, handler, false)
  }

  /** Calls back with messages on all channels that match patterns. */
  async psubscribe(patterns: Many<string>, handler: MessageHandler): Promise<() => void> {
    return this.#messages.subscribe(patterns, handler, true)
  }

  /** Ends the connection for good. */
  close(): void {
    this.#session.close()
  }

  /** There is a connection: the session becomes on it what it is. */
  #begin(): void {
    this.#patience?.cancel()
    this.#patience = undefined
    this.#session.opened(Infinity, LOST, (names) => this.#areReads(names))
    // The answer to this one comes behind those that make the session what it was.
    const isThere = (): void => this.#isThere()
    this.#session.call('PING').then(isThere, (error: unknown) => {
      // Who may not even PING is there all the same.
      if (error instanceof ReplyError) isThere()
    })
  }

  #end(): void {
    this.#patience?.cancel()
    this.#socket.close()
    this.#first?.(new DisconnectedError('the connection was ended'))
    this.#first = undefined
  }

  #refused(error: Error): void {
    this.#first?.(error)
    this.#first = undefined
    this.#session.end(error)
    this.#socket.close()
    this.onState?.(false, error.message)
  }

  #isThere(): void {
    this.#socket.succeeded()
    this.#first?.()
    this.#first = undefined
    this.onState?.(true)
  }

  #lost(reason: string): void {
    this.#question?.fail(new DisconnectedError(reason))
    this.#question = undefined
    this.#session.lost()
    const error = new DisconnectedError(`not connected: ${reason}`)
    if (this.#first) {
      this.#session.end(error)
      this.#first(error)
      this.#first = undefined
      this.#socket.close()
      return
    }
    this.#patience ??= this.#runtime.later(this.#patienceMs, () => {
      this.#patience = undefined
      this.#session.giveUp(error)
    })
    this.onState?.(false, reason)
  }

  /** Why a call cannot even wait. */
  #refusal(): Promise<never> | undefined {
    if (this.#waits || this.#socket.isUp) return undefined
    return Promise.reject(
      new DisconnectedError('not connected: the connection is being opened again'),
    )
  }

  /** Which of these commands only read, as the server says. */
  async #areReads(names: string[]): Promise<boolean[]> {
    const question = new Pipeline({
      send: (bytes) => this.#socket.send(bytes),
      push: () => undefined,
    })
    this.#question = question
    try {
      if (this.#credentials) void question.call(this.#credentials, false).catch(() => undefined)
      const infos = await question.call(['COMMAND', 'INFO', ...names], false)
      return (infos as (Reply[] | null)[]).map(
        (info) => (info?.[2] as string[] | undefined)?.includes('readonly') ?? false,
      )
    } finally {
      if (this.#question === question) this.#question = undefined
    }
  }

  #receivePush(push: Reply[]): void {
    if (isMessage(push)) this.#line.onPush?.(push)
    else this.onPush?.(push)
  }
}

function credentials({ token, username, password }: ConnectOptions): Argument[] | undefined {
  if (token !== undefined) return ['AUTH', token]
  if (password === undefined) return undefined
  return username === undefined ? ['AUTH', password] : ['AUTH', username, password]
}
