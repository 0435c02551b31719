// A store whose engine runs in the calling thread: its calls answer at once.

import type { Connection } from '../core/connection.ts'
import type { Reply } from '../core/decode.ts'
import type { Argument } from '../core/encode.ts'
import type { Many } from '../core/generated/commands.ts'
import { commandMethods } from '../core/typed.ts'
import { Messages } from '../core/remote/messages.ts'
import { Watches } from './client/watches.ts'
import { StaleOwnerError, StoreClosedError } from './errors.ts'
import type { Events } from './events.ts'
import { toBytes } from './files.ts'
import { Keeper, type KeeperParts } from './owner/keeper.ts'
import type { StoreLock } from './owner/lock.ts'
import { Presence } from './presence.ts'
import type { Surroundings } from './surroundings.ts'
import type {
  ChangeHandler,
  Estimate,
  Listener,
  MessageHandler,
  Mode,
  StoreEvents,
  SyncStore,
  Taken,
} from './types.ts'

export interface HereParts {
  name: string
  mode: Mode
  keeper: Omit<KeeperParts, 'events' | 'onStale' | 'isGated'>
  events: Events
  lock: StoreLock | undefined
  surroundings: Surroundings
  /** Tells others that this tab shares the store with nobody; the answer ends it. */
  stayAlone: (() => () => void) | undefined
}

export class HereStore extends commandMethods<Taken>() implements SyncStore {
  readonly name: string
  readonly mode: Mode
  readonly isOwner = true
  readonly #keeper: Keeper
  #main: Pick<Connection, 'run'>
  readonly #events: Events
  readonly #messages: Messages
  readonly #watches: Watches
  readonly #surroundings: Surroundings
  readonly #presence: Presence
  readonly #leaveLobby: (() => void) | undefined
  readonly #lock: StoreLock | undefined
  /** Why it answers no more. */
  #closed: Error | undefined

  static async open(parts: HereParts): Promise<HereStore> {
    let lose = (): void => undefined
    const keeper = await Keeper.open({
      ...parts.keeper,
      events: parts.events,
      isGated: false, // calls answer at once: nothing can wait
      onStale: () => lose(),
    })
    const store = new HereStore(parts, keeper)
    lose = () => store.#lose()
    keeper.journal?.renewLater()
    return store
  }

  private constructor(parts: HereParts, keeper: Keeper) {
    super()
    this.name = parts.name
    this.mode = parts.mode
    this.#keeper = keeper
    this.#main = keeper.db.main
    this.#events = parts.events
    this.#surroundings = parts.surroundings
    this.#lock = parts.lock
    if (parts.lock) parts.lock.onLost = () => this.#lose()
    this.#messages = new Messages(() => this.connect())
    this.#watches = new Watches(() => this.connect())
    this.#leaveLobby = parts.stayAlone?.()
    this.#presence = new Presence(parts.surroundings.page, {
      shown: () => keeper.db.tick(),
      hidden: () => void keeper.flush().catch(() => undefined),
      leaving: () => void keeper.flush().catch(() => undefined),
    })
  }

  call(...args: Argument[]): Reply {
    return this.#main.run(args, false)
  }

  callBytes(...args: Argument[]): Reply {
    return this.#main.run(args, true)
  }

  connect(): Connection {
    this.#check()
    return this.#keeper.db.connect()
  }

  subscribe(channels: Many<string>, handler: MessageHandler): () => void {
    return this.#messages.subscribe(channels, handler, false) as () => void
  }

  psubscribe(patterns: Many<string>, handler: MessageHandler): () => void {
    return this.#messages.subscribe(patterns, handler, true) as () => void
  }

  watch(keyOrPattern: string, callback: ChangeHandler): () => void {
    return this.#watches.watch(keyOrPattern, callback)
  }

  on<K extends keyof StoreEvents>(kind: K, listener: Listener<StoreEvents[K]>): () => void {
    return this.#events.on(kind, listener)
  }

  persist(): Promise<boolean>
  persist(key: Argument): number
  persist(key?: Argument): Promise<boolean> | number {
    if (key !== undefined) return this.call('PERSIST', key) as number
    return this.#surroundings.keeping?.persist?.() ?? Promise.resolve(false)
  }

  async estimate(): Promise<Estimate> {
    this.#check()
    const { usage, quota } = (await this.#surroundings.keeping?.estimate()) ?? {}
    return { datasetBytes: this.#keeper.db.engine.usedBytes, usage, quota }
  }

  async flush(): Promise<void> {
    this.#check()
    await this.#keeper.flush()
  }

  async export(): Promise<Uint8Array<ArrayBuffer>> {
    this.#check()
    return this.#keeper.export()
  }

  async import(file: Uint8Array | ArrayBuffer | Blob, options?: { keep?: boolean }): Promise<void> {
    const bytes = await toBytes(file)
    this.#check()
    await this.#keeper.import(bytes, options)
  }

  async close(): Promise<void> {
    this.#end(new StoreClosedError(this.name))
    try {
      await this.#keeper.close()
    } finally {
      this.#lock?.release()
    }
  }

  /** Another tab has taken the store: nothing that is done here is kept any more. */
  #lose(): void {
    const error = new StaleOwnerError(this.#keeper.journal?.epoch ?? 0)
    this.#end(error)
    this.#keeper.abandon()
    this.#events.emit('owner', { isOwner: false, epoch: 0 })
    this.#events.emit('error', error)
  }

  /** @throws {StoreClosedError} */
  #check(): void {
    if (this.#closed) throw this.#closed
  }

  #end(error: Error): void {
    if (this.#closed) return
    this.#closed = error
    const run = (): never => {
      throw error
    }
    this.#main = { run }
    this.#presence.end()
    this.#leaveLobby?.()
    this.#messages.close()
    this.#watches.close()
  }
}
