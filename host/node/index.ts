// The door of host/node: a server in the caller's process, and the embedded database with Node's own means.

import { Database } from '../core/embedded.ts'
import { compileModule, loadModule } from './module.ts'
import { nodeRuntime } from './runtime.ts'

export { ConfigError } from './config/directives.ts'
export { createServer, type CreateOptions, EmbeddedServer } from './create.ts'
export { HostCall, type HostCommand } from './commands.ts'
export { Server, StartError } from './server.ts'
export { EngineCrash, ReplyError } from '../core/errors.ts'

export interface OpenOptions {
  /** The compiled engine; the package's own unless told. */
  engine?: WebAssembly.Module
  /** The most memory it may take, in bytes. */
  maxMemoryBytes?: number
}

/** Opens an empty database in this thread. */
export function openSync(options: OpenOptions = {}): Database {
  const { engine = loadModule(), maxMemoryBytes } = options
  return new Database({
    module: engine,
    runtime: nodeRuntime(),
    ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
  })
}

/** Opens an empty database in this thread, which goes on while the engine compiles. */
export async function open(options: OpenOptions = {}): Promise<Database> {
  return openSync({ ...options, engine: options.engine ?? (await compileModule()) })
}
