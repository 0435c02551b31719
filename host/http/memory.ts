// The app over a store in memory, for any runtime that serves a function of requests:
//
//   const app = memoryApp({ engine, access: new Tokens({ default: ['secret'] }) })
//   Deno.serve(app.fetch)                       // Deno
//   Bun.serve({ fetch: app.fetch })             // Bun
//
// With `file` it is kept there (file.ts). Without, nothing is kept when the process ends; `store.export()` is an RDB file.

import { Flag } from '../core/abi.ts'
import { concat } from '../core/bytes.ts'
import { Engine } from '../core/engine.ts'
import { InternalSession } from '../core/internal.ts'
import { type Runtime, type WebGlobals, webRuntime } from '../core/runtime.ts'
import type { Access } from './access.ts'
import { createApp } from './app.ts'
import { FileLog, type StoreFile } from './file.ts'
import { Origins } from './origins.ts'
import { type Caller, kindOf, RefusedError, type Store, type Wire } from './store.ts'

export interface MemoryStoreOptions {
  /** The compiled engine, and Lua where there are to be scripts. */
  engine: WebAssembly.Module
  lua?: WebAssembly.Module
  runtime?: Runtime
  /** Where the data is kept. */
  file?: StoreFile
}

/** Background work of one tick, in the engine's units, and how long an idle engine is left alone. */
const TICK_WORK = 1000
const IDLE_MS = 1000

/** Named one by one: each runtime's types say something else of all of them. */
const globals: WebGlobals = {
  performance,
  Date,
  crypto,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer),
}

interface End {
  receive(bytes: Uint8Array): void
  closed(): void
  /** Whether it waits after all that it was fed. */
  settled?(isBlocked: boolean): void
}

export class MemoryStore implements Store {
  readonly engine: Engine
  readonly #internal: InternalSession
  readonly #runtime: Runtime
  readonly #file: FileLog | undefined
  readonly #ends = new Map<number, End>()

  constructor(options: MemoryStoreOptions) {
    const { lua, runtime = webRuntime(globals) } = options
    this.#runtime = runtime
    this.engine = new Engine({
      module: options.engine,
      clock: runtime.clock,
      seed: runtime.seed(),
      ...(lua && { lua: () => lua }),
    })
    this.#internal = new InternalSession(this.engine)
    this.#internal.call('ACL', 'SETUSER', 'readonly', 'on', '~*', '&*', '+@read', '+@connection')
    this.#file = options.file && new FileLog(this.engine, this.#internal, options.file)
    this.#tick()
  }

  async exchange(commands: Uint8Array, caller: Caller): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let finish = (): void => undefined
    const done = new Promise<void>((resolve) => {
      finish = resolve
    })
    const session = this.#open(caller, {
      receive: (bytes) => pieces.push(bytes),
      closed: () => finish(),
      settled: (isBlocked) => {
        if (!isBlocked) finish()
      },
    })
    this.#feed(session, commands)
    await done
    this.#close(session)
    return concat(pieces)
  }

  async connect(
    caller: Caller,
    receive: (bytes: Uint8Array) => void,
    closed: () => void,
  ): Promise<Wire> {
    const session = this.#open(caller, { receive, closed })
    return {
      send: (bytes) => this.#feed(session, bytes),
      close: () => this.#close(session),
    }
  }

  /** All keys as an RDB file. */
  export(): Uint8Array {
    return concat([...this.engine.snapshot()])
  }

  /** @throws {RefusedError} there is no room */
  #open(caller: Caller, end: End): number {
    const { identity, address = '0.0.0.0' } = caller
    const session = this.engine.open(kindOf(caller), `${address}:0 memory:0 -1`)
    if (!session) throw new RefusedError('ERR max number of clients reached', 503)
    this.#ends.set(session, end)
    if (identity) {
      const { expiresMs, db = 0, user, rules } = identity
      const own = rules === undefined ? [] : [rules]
      this.#internal.call('WADI.BECOME', session, expiresMs, db, user, ...own)
    }
    return session
  }

  #close(session: number): void {
    if (!this.#ends.delete(session)) return
    this.engine.close(session)
    this.#settle()
  }

  #feed(session: number, bytes: Uint8Array): void {
    const { engine } = this
    for (let at = 0; at < bytes.length && this.#ends.has(session); at += engine.windowBytes) {
      const piece = bytes.subarray(at, at + engine.windowBytes)
      this.#after(session, engine.feedChunk(session, piece))
    }
    this.#settle()
  }

  #after(session: number, flags: number): void {
    this.#file?.persist()
    const end = this.#ends.get(session)
    if (!end) return
    const output = this.engine.drain(session, flags)
    if (output.length) end.receive(output)
    const state = this.engine.status(session)
    if (state & (Flag.closeAfter | Flag.closeNow)) {
      this.#close(session)
      end.closed()
    } else {
      end.settled?.((state & Flag.blocked) !== 0)
    }
  }

  #settle(): void {
    for (let session = this.engine.ready(); session; session = this.engine.ready())
      this.#after(session, this.engine.status(session))
  }

  #tick(): void {
    const nextMs = this.engine.tick(TICK_WORK)
    this.#file?.persist()
    this.#settle()
    const isIdle = nextMs >= 100 && !this.engine.deadlineMs
    this.#runtime.later(isIdle && !this.#ends.size ? IDLE_MS : nextMs, () => this.#tick())
  }
}

export interface MemoryAppOptions extends MemoryStoreOptions {
  access: Access
  /** Origins whose pages may come in. */
  origins?: readonly string[]
  maxBodyBytes?: number
}

const MAX_BODY_BYTES = 10 << 20

/** REST, metrics and health over a store in memory. */
export function memoryApp(options: MemoryAppOptions) {
  const store = new MemoryStore(options)
  const origins = new Origins(options.origins ?? [])
  return createApp({
    access: () => options.access,
    address: () => undefined,
    origins: () => origins,
    maxBodyBytes: () => options.maxBodyBytes ?? MAX_BODY_BYTES,
    store: (_env, name) => {
      if (name === 'default') return store
      throw new RefusedError('ERR there is one store here: default', 404)
    },
    upgrade: (c) => c.text('there are no WebSockets here', 501),
  })
}
