// The door of host/core: the embedded database, and what other homes build on.

import { Database } from './embedded.ts'
import { webRuntime, type Runtime } from './runtime.ts'

export { Connection, type PushListener } from './connection.ts'
export { Database } from './embedded.ts'
export type { Reply } from './decode.ts'
export type { Argument } from './encode.ts'
export type { Answer, Commands, Many, Pairs } from './generated/commands.ts'
export { type Measured, prometheusMetrics } from './metrics/index.ts'
export type { Clock } from './clock.ts'
export type { Runtime } from './runtime.ts'
export { EngineCrash, NoRoomError, RdbError, ReplyError, SnapshotError } from './errors.ts'

export interface OpenOptions {
  /** The engine: compiled, its bytes, or where it can be fetched; beside this file unless told. */
  engine?: WebAssembly.Module | BufferSource | Response | URL
  /** The compiled Lua, asked for when the first script comes; without it there are no scripts. */
  lua?: () => WebAssembly.Module | undefined
  /** The most memory it may take, in bytes. */
  maxMemoryBytes?: number
  /** The clock, randomness and timers; those of the web platform unless told. */
  runtime?: Runtime
}

/** Opens an empty database in this thread. */
export async function open(options: OpenOptions = {}): Promise<Database> {
  const engine = options.engine ?? new URL('../wadi.wasm', import.meta.url)
  return openSync({ ...options, engine: await load(engine) })
}

/** Opens an empty database in this thread, from an engine that is at hand. */
export function openSync(
  options: OpenOptions & { engine: WebAssembly.Module | BufferSource },
): Database {
  const { engine, lua, maxMemoryBytes } = options
  return new Database({
    module: engine instanceof WebAssembly.Module ? engine : new WebAssembly.Module(engine),
    runtime: options.runtime ?? webRuntime(globalThis),
    ...(lua && { lua }),
    ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
  })
}

async function load(
  source: WebAssembly.Module | BufferSource | Response | URL,
): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source
  if (source instanceof URL) return load(await fetch(source))
  if (source instanceof Response) return WebAssembly.compileStreaming(source)
  return WebAssembly.compile(source)
}
