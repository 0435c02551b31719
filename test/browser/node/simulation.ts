// Tabs of a browser on a virtual clock: each has a page and a Worker, which share locks, channels and storage with
// those of the others. A tab can be frozen (nothing of it runs, its locks stay), thawed, and killed.

import { Keeper } from '../../../host/browser/owner/keeper.ts'
import type { Channel } from '../../../host/browser/owner/lobby.ts'
import { Service } from '../../../host/browser/owner/service.ts'
import { RemoteStore } from '../../../host/browser/remote.ts'
import { type Init, type Scope, serveTab } from '../../../host/browser/serve.ts'
import { MemoryRecords, MemoryStorage } from '../../../host/browser/storage/memory.ts'
import type { Changes } from '../../../host/browser/storage/storage.ts'
import type { Locks, Surroundings } from '../../../host/browser/surroundings.ts'
import { Tab, type WorkerLike } from '../../../host/browser/tie.ts'
import { Events, type Warning } from '../../../host/browser/events.ts'
import type { Runtime } from '../../../host/core/runtime.ts'
import { nodeRuntime } from '../../../host/node/runtime.ts'
import type { Random } from '../../support/random.ts'
import { module } from './workshop.ts'

interface Task {
  atMs: number
  order: number
  tab: SimTab | undefined
  run: () => void
}

interface Request {
  tab: SimTab
  held: (lock: object | null) => Promise<void>
  resolve: () => void
  reject: (error: Error) => void
  signal: AbortSignal | undefined
}

interface SimLock {
  holder?: Request
  queue: Request[]
}

const STORE = 'simulated'

export class Simulation {
  nowMs = 1_700_000_000_000
  /** So long it takes to open the store. */
  openingMs = 0
  readonly random: Random
  readonly records = new MemoryRecords()
  readonly tabs: SimTab[] = []
  readonly channels = new Set<SimChannel>()
  #tasks: Task[] = []
  #order = 0
  readonly #locks = new Map<string, SimLock>()

  constructor(random: Random) {
    this.random = random
  }

  /** Something happens after some ms, unless its tab is frozen or gone by then. */
  after(ms: number, tab: SimTab | undefined, run: () => void): Task {
    const task = { atMs: this.nowMs + ms, order: this.#order++, tab, run }
    this.#tasks.push(task)
    return task
  }

  cancel(task: Task): void {
    this.#tasks = this.#tasks.filter((other) => other !== task)
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    for (;;) {
      const next = this.#tasks
        .filter(({ tab }) => !tab?.isFrozen)
        .reduce<Task | undefined>(
          (first, task) =>
            !first ||
            task.atMs < first.atMs ||
            (task.atMs === first.atMs && task.order < first.order)
              ? task
              : first,
          undefined,
        )
      if (!next || next.atMs > endMs) break
      this.cancel(next)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      if (!next.tab?.isGone) next.run()
      await new Promise(setImmediate)
    }
    this.nowMs = endMs
  }

  locksOf(tab: SimTab): Locks {
    return {
      request: (name, { ifAvailable, steal, signal }, held) =>
        new Promise<void>((resolve, reject) => {
          const request: Request = { tab, held, resolve, reject, signal }
          const lock: SimLock = this.#locks.get(name) ?? { queue: [] }
          this.#locks.set(name, lock)
          if (steal && lock.holder) {
            const { holder } = lock
            delete lock.holder
            this.after(1, holder.tab, () => holder.reject(new DOMException('stolen', 'AbortError')))
            lock.queue.unshift(request)
          } else if (ifAvailable && lock.holder) {
            this.after(1, tab, () => void held(null).then(resolve, reject))
            return
          } else lock.queue.push(request)
          signal?.addEventListener('abort', () => {
            if (!lock.queue.includes(request)) return
            lock.queue = lock.queue.filter((other) => other !== request)
            reject(new DOMException('aborted', 'AbortError'))
          })
          this.#grant(name)
        }),
    }
  }

  /** The locks of a tab that is gone are free. */
  releaseAll(tab: SimTab): void {
    for (const [name, lock] of this.#locks) {
      lock.queue = lock.queue.filter((request) => request.tab !== tab)
      if (lock.holder?.tab === tab) delete lock.holder
      this.#grant(name)
    }
  }

  async #hold(name: string, lock: SimLock, request: Request): Promise<void> {
    await request.held({})
    if (lock.holder === request) {
      delete lock.holder
      this.#grant(name)
    }
    request.resolve()
  }

  #grant(name: string): void {
    const lock = this.#locks.get(name)!
    const next = lock.holder ? undefined : lock.queue.shift()
    if (!next) return
    lock.holder = next
    this.after(1, next.tab, () => {
      void this.#hold(name, lock, next)
    })
  }
}

class SimChannel implements Channel {
  onMessage: ((message: unknown) => void) | undefined
  readonly #sim: Simulation
  readonly #tab: SimTab
  readonly #name: string
  #isClosed = false

  constructor(sim: Simulation, tab: SimTab, name: string) {
    this.#sim = sim
    this.#tab = tab
    this.#name = name
    sim.channels.add(this)
  }

  post(message: unknown): void {
    const copy = structuredClone(message)
    for (const other of this.#sim.channels) {
      if (other === this || other.#name !== this.#name) continue
      this.#sim.after(1, other.#tab, () => !other.#isClosed && other.onMessage?.(copy))
    }
  }

  close(): void {
    this.#isClosed = true
    this.#sim.channels.delete(this)
  }
}

/** Storage whose commits are carried out whether or not the tab that asked is still awake. */
class SimStorage extends MemoryStorage {
  readonly #sim: Simulation
  readonly #tab: SimTab

  constructor(sim: Simulation, tab: SimTab) {
    super(sim.records)
    this.#sim = sim
    this.#tab = tab
  }

  override commit(epoch: number, changes: Changes): Promise<void> {
    return this.#do(() => super.commit(epoch, changes))
  }

  override claim(): Promise<number> {
    return this.#do(() => super.claim(), this.#sim.openingMs)
  }

  #do<T>(work: () => Promise<T>, ms = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#sim.after(ms + this.#sim.random.below(8), undefined, () => {
        if (this.#tab.isGone && this.#sim.random.once(2)) return
        work().then(
          (value) => this.#sim.after(1, this.#tab, () => resolve(value)),
          (error: unknown) => this.#sim.after(1, this.#tab, () => reject(error)),
        )
      })
    })
  }
}

export class SimTab {
  isFrozen = false
  isGone = false
  readonly number: number
  readonly key: string
  acknowledged = 0
  maybe = 0
  readonly errors: string[] = []
  /** What it was warned of. */
  readonly warnings: string[] = []
  readonly store: Promise<RemoteStore>
  readonly #sim: Simulation

  constructor(sim: Simulation) {
    this.#sim = sim
    this.number = sim.tabs.push(this)
    this.key = `count:${this.number}`
    this.store = this.#open()
  }

  /** Adds one to its own counter, again and again, until it is told to end. */
  async write(isOver: () => boolean): Promise<void> {
    const store = await this.store
    while (!isOver()) {
      try {
        await store.incr(this.key)
        this.acknowledged++
      } catch (error) {
        if ((error as Error).name === 'MaybeAppliedError') this.maybe++
        else this.errors.push(String(error))
        if (this.errors.length > 3) return
      }
    }
  }

  kill(): void {
    this.isGone = true
    this.#sim.releaseAll(this)
  }

  async #open(): Promise<RemoteStore> {
    const { surroundings, openChannel } = this.#around()
    const init: Init = {
      name: STORE,
      mode: 'shared',
      client: `tab-${this.number}`,
      durability: 'strict',
      recover: false,
      maxMemoryBytes: undefined,
      ownerTimeoutMs: 1000,
      wasm: undefined,
      lua: undefined,
      storage: 'indexeddb',
      codec: undefined,
    }
    const events = new Events()
    const tab = new Tab({
      init,
      worker: this.#worker(),
      workerUrl: '',
      surroundings,
      openChannel,
      onEvent: (kind, event) => {
        if (kind === 'warning') this.warnings.push((event as Warning).message)
      },
      onOwner: () => undefined,
      onFailed: (error) => this.errors.push(String(error)),
      onFound: () => undefined,
      onLog: () => undefined,
    })
    await Promise.race([tab.ready, tab.link.ask('estimate')])
    await tab.ready
    return new RemoteStore({
      name: STORE,
      mode: 'shared',
      tie: tab,
      events,
      surroundings,
      replica: undefined,
    })
  }

  #around(): { surroundings: Surroundings; openChannel: (name: string) => Channel } {
    const runtime: Runtime = {
      ...nodeRuntime(),
      clock: {
        monotonicUs: () => this.#sim.nowMs * 1000,
        wallUs: (monotonicUs) => monotonicUs,
      },
      later: (ms, callback) => {
        const task = this.#sim.after(ms, this, callback)
        return { cancel: () => this.#sim.cancel(task) }
      },
    }
    return {
      surroundings: {
        runtime,
        locks: this.#sim.locksOf(this),
        indexedDB: undefined,
        keeping: undefined,
        page: undefined,
      },
      openChannel: (name) => new SimChannel(this.#sim, this, name),
    }
  }

  /** A Worker in the same process: messages take a moment, and wait while the tab is frozen. */
  #worker(): WorkerLike {
    const { surroundings, openChannel } = this.#around()
    const carry = (to: () => ((event: MessageEvent) => void) | null) => (message: unknown) => {
      const data = structuredClone(message)
      this.#sim.after(0, this, () => to()?.({ data } as MessageEvent))
    }
    const worker: WorkerLike = {
      postMessage: carry(() => scope.onmessage),
      onmessage: null,
      onerror: null,
      terminate: () => undefined,
    }
    const scope: Scope = { postMessage: carry(() => worker.onmessage), onmessage: null }
    serveTab(scope, async (init, page) => {
      const { wasm, lua, storage, codec, ...rest } = init
      void [wasm, lua, storage, codec]
      return new Service({
        ...rest,
        runtime: surroundings.runtime,
        locks: surroundings.locks,
        openChannel,
        loadEngine: () => Promise.resolve(module),
        findStorage: () => Promise.resolve(new SimStorage(this.#sim, this)),
        codec: undefined,
        page,
      })
    })
    return worker
  }
}

/** What the storage holds, as the next owner would find it. */
export async function countersOf(sim: Simulation): Promise<Map<string, number>> {
  const keeper = await Keeper.open({
    module,
    runtime: nodeRuntime(),
    storage: new MemoryStorage(sim.records),
    durability: 'strict',
    isGated: false,
    codec: undefined,
    recover: false,
    maxMemoryBytes: undefined,
    events: { emit: () => undefined },
    onStale: () => undefined,
  })
  const keys = keeper.db.call('KEYS', 'count:*') as string[]
  const counters = new Map(keys.map((key) => [key, Number(keeper.db.call('GET', key))]))
  keeper.abandon()
  return counters
}
