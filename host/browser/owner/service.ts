// What runs in a tab's Worker: it waits for the store's lock, opens the store when it has it, and serves this tab
// and all others until it loses it again.
//
//      ┌──────── rest ◄───────┐
//      ▼                      │
//   resting ── resume ──► waiting ── lock ──► owning ── frozen, closed: keep, tell, release ──► resting, closed
//                             ▲                 │
//                             └──── stolen ─────┘        the engine crashed: opened again
//
// A thread that slept for long may have been robbed of the lock and not know it yet: before it serves anyone
// again it looks whether the storage's epoch is still its own.

import { EngineCrash } from '../../core/errors.ts'
import type { Runtime } from '../../core/runtime.ts'
import { StaleOwnerError, StoreInUseError } from '../errors.ts'
import type { StoreEvents } from '../events.ts'
import type { Codec } from '../journal/record.ts'
import { Down, type Message, packError, type Port } from '../protocol.ts'
import type { Durability, Storage } from '../storage/storage.ts'
import type { Locks } from '../surroundings.ts'
import { Hub, type Seat } from './hub.ts'
import { Keeper } from './keeper.ts'
import { Lobby, type OpenChannel, sayOpening, stayAlone } from './lobby.ts'
import { type Claim, StoreLock } from './lock.ts'

export interface ServiceParts {
  name: string
  mode: 'worker' | 'shared'
  /** A name of this tab that no other has. */
  client: string
  durability: Durability
  recover: boolean
  maxMemoryBytes: number | undefined
  ownerTimeoutMs: number
  runtime: Runtime
  locks: Locks | undefined
  openChannel: OpenChannel | undefined
  loadEngine(): Promise<WebAssembly.Module>
  /** Lua, when the first script comes. */
  lua?: () => WebAssembly.Module | undefined
  /** Where the store is kept; undefined: nowhere. */
  findStorage(warn: (warning: StoreEvents['warning']) => void): Promise<Storage | undefined>
  codec: Codec | undefined
  /** This tab. */
  page: Page
}

/** The tab that this Worker belongs to. */
export interface Page {
  /** It owns the store now; messages go over this port from now on. */
  owned(epoch: number): Port
  /** It does not any more: another does, or nobody. */
  demoted(isGraceful: boolean): void
  /** The store cannot be opened, or was lost for good. */
  failed(error: Error): void
  event(kind: keyof StoreEvents, event: unknown): void
}

export class Service {
  #parts: ServiceParts
  #lock: StoreLock | undefined
  #hub: Hub | undefined
  #lobby: Pick<Lobby, 'close'> | undefined
  #storage: Storage | undefined
  #module: Promise<WebAssembly.Module> | undefined
  #epoch = 0
  #waiting: AbortController | undefined
  #isClosed = false
  #isOpening = false
  /** Stops saying that it opens. */
  #opening: (() => void) | undefined
  /** When something was last received, and what came while the epoch was looked at. */
  #lastUs = 0
  #held: (() => void)[] | undefined

  constructor(parts: ServiceParts) {
    this.#parts = parts
  }

  /** Begins to wait for the store, or takes it. */
  start(): void {
    const { mode } = this.#parts
    if (mode === 'worker') void this.#take('if-free')
    else this.resume()
  }

  /** Waits for the store. */
  resume(): void {
    if (this.#waiting || this.#lock || this.#isClosed) return
    void this.#take('wait')
  }

  /** The owner does not answer: takes the store away from it. */
  steal(): void {
    if (this.#lock || this.#isClosed) return
    this.#waiting?.abort()
    void this.#take('steal')
  }

  /** Lets go of the store, since this tab is about to sleep; `resume` waits for it again. */
  async rest(): Promise<void> {
    this.#waiting?.abort()
    this.#waiting = undefined
    await this.#release()
  }

  /** The tab is looked at again: what is due happens now. */
  tick(): void {
    this.#hub?.keeper.db.tick()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.rest()
  }

  // ── the lock ───────────────────────────────────────────────────────────────────────────────

  async #take(claim: Claim): Promise<void> {
    const { locks, name, page } = this.#parts
    if (!locks) return this.#open()
    const waiting = new AbortController()
    this.#waiting = waiting
    try {
      const lock = await StoreLock.take(locks, name, claim, waiting.signal)
      if (this.#waiting === waiting) this.#waiting = undefined
      if (!lock) {
        if (claim === 'if-free') page.failed(new StoreInUseError(name))
        return
      }
      if (this.#isClosed || waiting.signal.aborted) return lock.release()
      this.#lock = lock
      lock.onLost = () => this.#lose()
      await this.#open()
    } catch (error) {
      if ((error as Error).name !== 'SecurityError') return page.failed(error as Error)
      // Where storage is blocked locks are, too: it is as if there were none.
      this.#parts = { ...this.#parts, locks: undefined }
      await this.#open()
    }
  }

  /** Another has taken the lock away: what is done here does not count any more. */
  #lose(): void {
    this.#lock = undefined
    this.#opening?.()
    this.#drop(false)
    const { mode, page, name } = this.#parts
    if (mode === 'worker') page.failed(new StoreInUseError(name))
    else this.resume()
  }

  // ── the store ──────────────────────────────────────────────────────────────────────────────

  async #open(): Promise<void> {
    const lock = this.#lock
    this.#isOpening = true
    this.#opening?.()
    const opened = (this.#opening = this.#sayOpening())
    try {
      await this.#openEngine()
    } catch (error) {
      // Robbed while it opened: that is no failure of the store, whatever it ran into.
      if (this.#lock !== lock) return undefined
      if (lock && error instanceof StaleOwnerError) return this.#yield()
      this.#drop(false)
      this.#lock = undefined
      lock?.release()
      if (!this.#isClosed) this.#parts.page.failed(error as Error)
    } finally {
      this.#isOpening = false
      opened?.()
    }
  }

  #sayOpening(): (() => void) | undefined {
    const { openChannel, mode, locks, name, ownerTimeoutMs, runtime } = this.#parts
    if (!openChannel || !locks || mode === 'worker') return undefined
    return sayOpening(name, openChannel, runtime, ownerTimeoutMs / 4)
  }

  async #openEngine(): Promise<void> {
    const parts = this.#parts
    const lock = this.#lock
    // One that slept while it opened looks first, as one does that slept later.
    this.#touch()
    this.#module ??= parts.loadEngine()
    const [module, storage] = await Promise.all([
      this.#module,
      parts.findStorage((warning) => parts.page.event('warning', warning)),
    ])
    this.#storage = storage
    const keeper = await Keeper.open({
      module,
      ...(parts.lua && { lua: parts.lua }),
      runtime: this.#guarded(parts.runtime),
      storage,
      durability: parts.durability,
      isGated: true,
      codec: parts.codec,
      recover: parts.recover,
      isOwner: () => this.#lock === lock,
      maxMemoryBytes: parts.maxMemoryBytes,
      events: { emit: (kind, event) => this.#emit(kind, event) },
      onStale: () => this.#yield(),
      onSettled: () => this.#hub?.settled(),
      onFailed: (error) => {
        if (error instanceof EngineCrash) this.#crashed(error)
        else if (parts.durability === 'strict') this.#hub?.failed(error)
      },
      follow: (bytes, offset) => this.#hub?.follow(bytes, offset),
    })
    if (this.#lock !== lock || this.#isClosed) {
      keeper.abandon()
      if (this.#isClosed) lock?.release()
      return
    }
    this.#hub = new Hub(keeper, (what, argument, seat) => this.#answer(what, argument, seat))
    this.#epoch = keeper.journal?.epoch ?? Date.now()
    this.#seat(parts.page.owned(this.#epoch))
    this.#openLobby()
  }

  #openLobby(): void {
    const { openChannel, mode, name, locks } = this.#parts
    const journal = this.#hub?.keeper.journal
    if (!openChannel || !locks || mode === 'worker') {
      if (openChannel && locks) this.#lobby = { close: stayAlone(name, openChannel) }
      journal?.renewLater()
      return
    }
    const lobby = new Lobby({
      store: name,
      client: this.#parts.client,
      epoch: this.#epoch,
      openChannel,
      locks,
      seat: (port) => this.#seat(port),
      formats: (oldest) => void journal?.writeFormat(oldest).catch(() => undefined),
    })
    this.#lobby = lobby
    journal?.renewLater(() => lobby.oldestFormat)
  }

  /** The epoch is another's: so the lock was stolen, even if nobody has said so yet. */
  #yield(): void {
    const lock = this.#lock
    if (!lock) return
    this.#lose()
    lock.release()
  }

  /** All over again from storage. An engine that is not served any more may still be heard of. */
  #crashed(error: EngineCrash): void {
    if (this.#isOpening || !this.#hub?.engine.crash) return
    this.#emit('error', error)
    this.#drop(false)
    if (!this.#isClosed) void this.#open()
  }

  /** Keeps what was written, tells all tabs that this is the end, and lets others have the store. */
  async #release(): Promise<void> {
    const lock = this.#lock
    const hub = this.#hub
    this.#opening?.()
    if (hub) {
      this.#lobby?.close()
      let isKept = true
      await hub.keeper.flush().catch(() => (isKept = false))
      if (this.#hub === hub) {
        if (isKept) {
          hub.keeper.db.settle()
          hub.tell([Down.leave])
        }
        this.#drop(isKept)
      }
    }
    if (this.#lock === lock) this.#lock = undefined
    lock?.release()
  }

  /** Serves nobody any more. */
  #drop(isGraceful: boolean): void {
    const hub = this.#hub
    this.#hub = undefined
    this.#lobby?.close()
    this.#lobby = undefined
    if (!hub) return
    hub.end()
    hub.keeper.abandon()
    this.#parts.page.demoted(isGraceful)
  }

  #emit<K extends keyof StoreEvents>(kind: K, event: StoreEvents[K]): void {
    const sent = event instanceof Error ? packError(event) : event
    if (this.#hub) this.#hub.tell([Down.event, kind, sent])
    else this.#parts.page.event(kind, sent)
  }

  // ── turns ──────────────────────────────────────────────────────────────────────────────────

  /** A tab's messages come through here: after a long sleep they wait until it is known who owns the store. */
  #seat(port: Port): Seat {
    const hub = this.#hub!
    const seat = hub.seat({
      post: (message, transfer) => port.post(message, transfer),
      onMessage: undefined,
      close: () => port.close(),
    })
    const serve = (message: Message): void => {
      if (this.#hub !== hub) return
      try {
        seat.receive(message)
      } catch (error) {
        if (!(error instanceof EngineCrash)) throw error
        this.#crashed(error)
      }
    }
    port.onMessage = (message) => {
      if (this.#held) this.#held.push(() => serve(message))
      else if (this.#hasSlept()) this.#look(() => serve(message))
      else serve(message)
    }
    return seat
  }

  #touch(): void {
    this.#lastUs = this.#parts.runtime.clock.monotonicUs()
  }

  #hasSlept(): boolean {
    const before = this.#lastUs
    this.#touch()
    return this.#lastUs - before > (this.#parts.ownerTimeoutMs / 2) * 1000
  }

  #look(first: () => void): void {
    const held = [first]
    this.#held = held
    const go = (epoch: number | undefined): void => {
      this.#held = undefined
      if (epoch !== undefined && epoch !== this.#epoch) return this.#yield()
      for (const serve of held) serve()
      return undefined
    }
    const looking = this.#hub?.keeper.journal ? this.#storage?.epoch() : undefined
    if (looking) looking.then(go, () => go(undefined))
    else go(undefined)
  }

  /** A trap in a timer is a crash like any other. */
  #guarded(runtime: Runtime): Runtime {
    return {
      ...runtime,
      later: (ms, callback) =>
        runtime.later(ms, () => {
          try {
            callback()
          } catch (error) {
            if (!(error instanceof EngineCrash)) throw error
            this.#crashed(error)
          }
        }),
    }
  }

  async #answer(what: string, argument: unknown, seat: Seat): Promise<unknown> {
    const { keeper } = seat.hub
    switch (what) {
      case 'reads':
        return keeper.reads(argument as string[])
      case 'estimate':
        return keeper.db.engine.usedBytes
      case 'flush':
        return keeper.flush()
      case 'export':
        return keeper.export()
      case 'import': {
        const { file, keep } = argument as { file: Uint8Array; keep: boolean }
        return keeper.import(file, { keep }).finally(() => seat.hub.renew())
      }
      case 'follow': {
        keeper.log().gather()
        seat.follows = keeper.db.engine.logEnd
        return keeper.export()
      }
      default:
        throw new Error(`nothing is known of ${what}`)
    }
  }
}
