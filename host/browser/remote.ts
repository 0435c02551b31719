// A store whose engine runs elsewhere: in a Worker of this tab, or in that of another.

import type { Reply } from '../core/decode.ts'
import type { Argument } from '../core/encode.ts'
import type { Commands, Many } from '../core/generated/commands.ts'
import { commandMethods } from '../core/typed.ts'
import type { Link } from './client/link.ts'
import type { NearReads } from './client/near.ts'
import type { Replica } from './client/replica.ts'
import { Messages } from '../core/remote/messages.ts'
import type { RemoteSession } from '../core/remote/session.ts'
import { commandName } from '../core/remote/session-state.ts'
import { unpackError } from './client/unpack.ts'
import { Watches } from './client/watches.ts'
import { StoreClosedError } from './errors.ts'
import type { Events } from './events.ts'
import { toBytes } from './files.ts'
import type { SentError } from './protocol.ts'
import type { Surroundings } from './surroundings.ts'
import type {
  AsyncConnection,
  AsyncStore,
  ChangeHandler,
  Estimate,
  Listener,
  MessageHandler,
  Mode,
  StoreEvents,
  Taken,
} from './types.ts'

/** What brings a tab and the store's owner together. */
export interface Tie {
  readonly link: Link
  readonly isOwner: boolean
  /** Lets go of the store, after what was written is kept. */
  close(): Promise<void>
}

/** They may wait for long, and nothing else of their session moves meanwhile: each gets one of its own. */
const BLOCKING = new Set(
  'BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP BZPOPMIN BZPOPMAX BZMPOP XREAD XREADGROUP WAIT WAITAOF'.split(
    ' ',
  ),
)

export class RemoteStore extends commandMethods<Taken, true>() implements AsyncStore {
  readonly name: string
  readonly mode: Mode
  readonly #tie: Tie
  readonly #events: Events
  readonly #surroundings: Surroundings
  readonly #replica: Replica | undefined
  readonly #near: NearReads | undefined
  readonly #main: RemoteSession
  readonly #messages: Messages
  readonly #watches: Watches
  /** Sessions of blocking commands that are over. */
  readonly #spare: RemoteSession[] = []

  constructor(parts: {
    name: string
    mode: Mode
    tie: Tie
    events: Events
    surroundings: Surroundings
    replica: Replica | undefined
    near?: NearReads | undefined
  }) {
    super()
    this.name = parts.name
    this.mode = parts.mode
    this.#tie = parts.tie
    this.#events = parts.events
    this.#surroundings = parts.surroundings
    this.#replica = parts.replica
    this.#near = parts.near
    this.#main = parts.tie.link.session()
    this.#near?.serve(this.#main)
    this.#messages = new Messages(() => this.connect())
    this.#watches = new Watches(() => this.connect())
  }

  get isOwner(): boolean {
    return this.#tie.isOwner
  }

  get local(): Commands<false> | undefined {
    return this.#replica
  }

  call(...args: Argument[]): Promise<Reply> {
    if (this.#near && args.length === 2 && commandName(args) === 'GET')
      return this.#near.get(args[1]!)
    if (this.#blocks(args)) return this.#wait(args, false)
    return this.#main.call(...args)
  }

  callBytes(...args: Argument[]): Promise<Reply> {
    if (this.#blocks(args)) return this.#wait(args, true)
    return this.#main.callBytes(...args)
  }

  connect(): AsyncConnection {
    return this.#tie.link.session()
  }

  async subscribe(channels: Many<string>, handler: MessageHandler): Promise<() => void> {
    return this.#messages.subscribe(channels, handler, false)
  }

  async psubscribe(patterns: Many<string>, handler: MessageHandler): Promise<() => void> {
    return this.#messages.subscribe(patterns, handler, true)
  }

  watch(keyOrPattern: string, callback: ChangeHandler): () => void {
    return this.#watches.watch(keyOrPattern, callback)
  }

  on<K extends keyof StoreEvents>(kind: K, listener: Listener<StoreEvents[K]>): () => void {
    return this.#events.on(kind, listener)
  }

  persist(): Promise<boolean>
  persist(key: Argument): Promise<number>
  persist(key?: Argument): Promise<boolean | number> {
    if (key !== undefined) return this.call('PERSIST', key) as Promise<number>
    return this.#surroundings.keeping?.persist?.() ?? Promise.resolve(false)
  }

  async estimate(): Promise<Estimate> {
    const { usage, quota } = (await this.#surroundings.keeping?.estimate()) ?? {}
    const datasetBytes = (await this.#tie.link.ask('estimate')) as number
    return { datasetBytes, usage, quota }
  }

  async flush(): Promise<void> {
    await this.#tie.link.ask('flush')
  }

  async export(): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#tie.link.ask('export')) as Uint8Array<ArrayBuffer>
  }

  async import(
    file: Uint8Array | ArrayBuffer | Blob,
    { keep = false }: { keep?: boolean } = {},
  ): Promise<void> {
    const bytes = await toBytes(file)
    const end = this.#near?.beginAll()
    try {
      await this.#tie.link.ask('import', { file: bytes, keep })
    } finally {
      end?.()
    }
    await this.#replica?.ready
  }

  async close(): Promise<void> {
    this.#messages.close()
    this.#watches.close()
    try {
      await this.#tie.close()
    } finally {
      this.#tie.link.end(new StoreClosedError(this.name))
      this.#replica?.close()
    }
  }

  #blocks(args: readonly Argument[]): boolean {
    return BLOCKING.has(commandName(args)) && !this.#main.inMulti
  }

  /** Runs a command that may wait on a session of its own, in the database that is selected. */
  async #wait(args: Argument[], asBytes: boolean): Promise<Reply> {
    const session = this.#spare.pop() ?? this.#tie.link.session()
    const db = this.#main.database
    if (session.database !== db) void session.call('SELECT', db)
    try {
      return await (asBytes ? session.callBytes(...args) : session.call(...args))
    } finally {
      this.#spare.push(session)
    }
  }
}

/** Tells an event that came from a Worker. */
export function hear(events: Events, kind: string, event: unknown): void {
  if (kind === 'warning') events.emit('warning', event as StoreEvents['warning'])
  else if (kind === 'quota') events.emit('quota', unpackError(event as SentError))
  else if (kind === 'error') events.emit('error', unpackError(event as SentError))
}
