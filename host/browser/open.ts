// open(): what was asked for, as far as the browser has it.

import { Events, type Warning } from './events.ts'
import { LoadingError, StoreInUseError } from './errors.ts'
import { packageFolder } from './displaced.ts'
import { loadEngine } from './engine-file.ts'
import { HereStore } from './here.ts'
import type { Codec } from './journal/record.ts'
import { stayAlone } from './owner/lobby.ts'
import { StoreLock } from './owner/lock.ts'
import { findStorage } from './find-storage.ts'
import { NearReads } from './client/near.ts'
import { Replica } from './client/replica.ts'
import { luaLoader } from './lua-file.ts'
import { moveOut } from './move-out.ts'
import { hear, RemoteStore } from './remote.ts'
import { type Init, openChannel } from './serve.ts'
import { browserSurroundings, type Surroundings } from './surroundings.ts'
import { tabName } from './tab-name.ts'
import { checkOptions } from './options.ts'
import { Tab, type WorkerLike } from './tie.ts'
import type {
  AsyncOptions,
  AsyncStore,
  CodecSeed,
  LocalOptions,
  LocalStore,
  OpenOptions,
  Store,
  SyncOptions,
  SyncStore,
} from './types.ts'

const channels = 'BroadcastChannel' in globalThis ? openChannel : undefined

/** An owner that has not answered for so long is given up on. */
const OWNER_TIMEOUT_MS = 5000

/** Opens a store; it is made if there is none of that name. */
export function open(name: string, options: SyncOptions): Promise<SyncStore>
export function open(name: string, options: LocalOptions): Promise<LocalStore>
export function open(name: string, options?: AsyncOptions): Promise<AsyncStore>
export function open(name: string, options?: OpenOptions): Promise<Store>
export async function open(name: string, options: OpenOptions = {}): Promise<Store> {
  checkOptions(name, options)
  const { mode = 'shared' } = options
  return mode === 'here' || mode === 'memory'
    ? openHere(browserSurroundings(), name, options)
    : openRemote(browserSurroundings(), name, options)
}

async function openRemote(
  surroundings: Surroundings,
  name: string,
  options: OpenOptions,
): Promise<RemoteStore> {
  const events = new Events()
  const mode = options.mode === 'worker' ? 'worker' : 'shared'
  const replica =
    options.reads === 'local'
      ? new Replica(await loadEngine(options.wasm), surroundings.runtime)
      : undefined
  const { reads = mode === 'worker' ? 'cached' : 'owner' } = options
  const near = reads === 'cached' ? new NearReads() : undefined
  const { worker, url } = startWorker(options.worker)
  const tab = new Tab({
    init: {
      name,
      mode,
      client: tabName(),
      durability: options.durability ?? 'relaxed',
      recover: options.recover ?? false,
      maxMemoryBytes: options.maxMemoryBytes,
      ownerTimeoutMs: options.ownerTimeoutMs ?? OWNER_TIMEOUT_MS,
      wasm: options.wasm instanceof URL ? options.wasm.href : options.wasm,
      lua: options.lua instanceof URL ? options.lua.href : options.lua,
      storage: (options.storage as Init['storage'] | undefined) ?? 'auto',
      codec: options.codec as CodecSeed | undefined,
    },
    worker,
    workerUrl: url,
    surroundings,
    openChannel: channels,
    onEvent: (kind, event) => hear(events, kind, event),
    onOwner: (isOwner, epoch) => events.emit('owner', { isOwner, epoch }),
    onFailed: (error) => events.emit('error', error),
    onLog: (bytes) => replica?.follow(bytes),
    near,
    onFound: () => {
      if (replica) replica.ready = follow(tab, replica, events)
    },
  })
  // An owner that does not answer is given up on here too.
  await Promise.race([tab.ready, tab.link.ask('estimate')])
  await tab.ready
  await replica?.ready
  return new RemoteStore({ name, mode, tie: tab, events, surroundings, replica, near })
}

/** Gets what the owner has; what it logs from then on comes by itself. */
async function follow({ link }: Tab, replica: Replica, events: Events): Promise<void> {
  replica.expect()
  try {
    replica.load((await link.ask('follow')) as Uint8Array)
  } catch (error) {
    const message = `this tab has no replica of the store: ${(error as Error).message}`
    events.emit('warning', { code: 'no-replica', message })
  }
}

/** The Worker of this package. Bundlers know the first form, and make a file of its own of it. */
function ownWorker(): Worker {
  const folder = packageFolder(new URL('../wadi.wasm', import.meta.url))
  return folder === undefined
    ? new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
    : new Worker(new URL('browser/worker.js', folder), { type: 'module' })
}

const NO_WORKERS =
  'there are no Workers here; where pages are rendered on a server too, open the store in an effect, which runs in ' +
  'the browser only'

/** Starts the Worker. @throws {LoadingError} */
function startWorker(how: OpenOptions['worker']): { worker: WorkerLike; url: string } {
  if (typeof how === 'function') return { worker: how(), url: 'the function worker()' }
  const url = how === undefined ? 'worker.js' : String(how)
  if (!('Worker' in globalThis)) throw new LoadingError('worker', url, NO_WORKERS)
  try {
    return { worker: how === undefined ? ownWorker() : new Worker(how, { type: 'module' }), url }
  } catch (error) {
    throw new LoadingError('worker', url, (error as Error).message)
  }
}

async function openHere(
  surroundings: Surroundings,
  name: string,
  options: OpenOptions,
): Promise<Store> {
  const { mode = 'here', maxMemoryBytes, durability = 'relaxed' } = options
  const events = new Events()
  const loading = loadEngine(options.wasm)
  loading.catch(() => undefined)
  const lock = mode === 'memory' ? undefined : await lockOf(surroundings, name)
  try {
    const warn = (warning: Warning): void => events.emit('warning', warning)
    const around = lock ? surroundings : { ...surroundings, locks: undefined }
    const finding =
      mode === 'memory'
        ? undefined
        : findStorage({
            surroundings: around,
            name,
            wanted: options.storage ?? 'auto',
            warn,
            moveOut: () => moveOut(name, startWorker(options.worker), surroundings.runtime),
          })
    const [module, storage] = await Promise.all([loading, finding])
    const keeper = {
      module,
      lua: luaLoader(options.lua, (message) => warn({ code: 'no-lua', message })),
      runtime: surroundings.runtime,
      durability,
      storage,
      codec: options.codec as Codec | undefined,
      recover: options.recover ?? false,
      maxMemoryBytes,
    }
    return await HereStore.open({
      name,
      mode,
      keeper,
      events,
      lock,
      surroundings,
      stayAlone: lock && channels ? () => stayAlone(name, channels) : undefined,
    })
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** The lock of a store; undefined where there are none. @throws {StoreInUseError} */
async function lockOf({ locks }: Surroundings, name: string): Promise<StoreLock | undefined> {
  if (!locks) return undefined
  try {
    const lock = await StoreLock.take(locks, name, 'if-free')
    if (lock) return lock
  } catch (error) {
    // A page without an origin of its own, in a sandbox, may have neither locks nor storage.
    if ((error as Error).name === 'SecurityError') return undefined
    throw error
  }
  throw new StoreInUseError(name)
}
