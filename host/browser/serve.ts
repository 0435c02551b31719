// The Worker's side: `serve()` waits for the tab to say which store, and runs it. A Worker of one's own calls it
// too, with what cannot be sent there:
//
//   import { serve } from 'wadi/browser/serve'
//   serve({ codec: (key) => aesGcm(key) })

import { loadEngine, type Wasm } from './engine-file.ts'
import { LoadingError } from './errors.ts'
import type { StoreEvents } from './events.ts'
import { fileWriter } from './file-writer.ts'
import { findStorage, type Place } from './find-storage.ts'
import type { Codec } from './journal/record.ts'
import { luaLoader } from './lua-file.ts'
import type { Channel } from './owner/lobby.ts'
import { type Page, Service } from './owner/service.ts'
import { type Message, packError, type Port } from './protocol.ts'
import type { Durability, Storage } from './storage/storage.ts'
import { browserSurroundings } from './surroundings.ts'
import type { CodecSeed } from './types.ts'

export interface ServeOptions {
  /** Makes the codec of what `open({ codec })` was given. */
  codec?: (seed: CodecSeed) => Codec | Promise<Codec>
  /** Where stores are kept, by their name. */
  storage?: (name: string) => Storage
}

/** What a tab tells its Worker first. */
export interface Init {
  name: string
  mode: 'worker' | 'shared'
  client: string
  durability: Durability
  recover: boolean
  maxMemoryBytes: number | undefined
  ownerTimeoutMs: number
  wasm: Wasm | undefined
  lua: Wasm | undefined
  storage: 'auto' | Place
  codec: CodecSeed | undefined
}

/** What a tab says to its Worker, besides the messages of a port: a word, and what belongs to it. */
export type PageWord =
  ['init', Init] | ['move', name: string] | ['rest'] | ['resume'] | ['steal'] | ['tick'] | ['close']

export type WorkerWord =
  | ['ready']
  | ['owned', epoch: number]
  | ['demoted', isGraceful: boolean]
  | ['failed', error: unknown]
  | ['event', kind: keyof StoreEvents, event: unknown]
  | ['moved']
  | ['closed']

/** The parts of a Worker's global scope that are used. */
export interface Scope {
  postMessage(message: unknown, transfer?: Transferable[]): void
  onmessage: ((event: MessageEvent) => void) | null
}

export function serve(options: ServeOptions = {}): void {
  // A page's types, where they are the ones that are in force, have a `postMessage` of another kind.
  const { globalThis: scope } = globalThis as { globalThis: unknown }
  serveTab(scope as Scope, (init, page) => makeService(init, options, page))
}

/** Serves the tab at the other end of a scope. */
export function serveTab(scope: Scope, make: (init: Init, page: Page) => Promise<Service>): void {
  const say = (word: WorkerWord): void => scope.postMessage(word)
  let service: Service | undefined
  let port: Port | undefined
  const page: Page = {
    owned(epoch) {
      say(['owned', epoch])
      port = {
        post: (message, transfer) => scope.postMessage(message, transfer),
        onMessage: undefined,
        close: () => undefined,
      }
      return port
    },
    demoted: (isGraceful) => say(['demoted', isGraceful]),
    failed: (error) => say(['failed', packError(error)]),
    event: (kind, event) => say(['event', kind, event]),
  }
  const begin = async (init: Init): Promise<void> => {
    try {
      service = await make(init, page)
      service.start()
    } catch (error) {
      page.failed(error as Error)
    }
  }
  const move = async (name: string): Promise<void> => {
    const warn = (): void => undefined
    try {
      const surroundings = browserSurroundings()
      const writer = fileWriter()
      await findStorage({ surroundings, name, wanted: 'indexeddb', warn, writer })
      say(['moved'])
    } catch (error) {
      page.failed(error as Error)
    }
  }
  scope.onmessage = ({ data }) => {
    const [word] = data as Message | PageWord
    if (typeof word === 'number') return port?.onMessage?.(data as Message)
    const said = data as PageWord
    if (said[0] === 'init') void begin(said[1])
    else if (said[0] === 'move') void move(said[1])
    else if (said[0] === 'close') void service?.close().finally(() => say(['closed']))
    else if (said[0] === 'rest') void service?.rest()
    else service?.[said[0]]()
    return undefined
  }
  say(['ready'])
}

async function makeService(init: Init, options: ServeOptions, page: Page): Promise<Service> {
  const surroundings = browserSurroundings()
  const { storage, codec, wasm, lua, ...rest } = init
  if (codec !== undefined && !options.codec)
    throw new LoadingError(
      'worker',
      'the given place',
      'it does not know the codec: give open() a worker of your own that calls serve({ codec })',
    )
  return new Service({
    ...rest,
    runtime: surroundings.runtime,
    locks: surroundings.locks,
    openChannel: 'BroadcastChannel' in globalThis ? openChannel : undefined,
    loadEngine: () => loadEngine(wasm),
    lua: luaLoader(lua, (message) => page.event('warning', { code: 'no-lua', message })),
    findStorage: (warn) =>
      findStorage({
        surroundings,
        name: init.name,
        wanted: options.storage?.(init.name) ?? storage,
        warn,
        writer: fileWriter(),
      }),
    codec: codec === undefined ? undefined : await options.codec?.(codec),
    page,
  })
}

export function openChannel(name: string): Channel {
  const channel = new BroadcastChannel(name)
  const opened: Channel = {
    post: (message) => channel.postMessage(message),
    onMessage: undefined,
    close: () => channel.close(),
  }
  channel.onmessage = ({ data }) => opened.onMessage?.(data)
  return opened
}
