// What `import … from 'wadi'` means on Node: the door of host/core, with the package's own engine at hand and
// Node's faster ways with text.

import * as core from '../core/index.ts'
import { compileModule, loadLua, loadModule } from './module.ts'
import { nodeRuntime } from './runtime.ts'

export * from '../core/index.ts'

/** Opens an empty database in this thread, which goes on while the engine compiles. */
export async function open(options: core.OpenOptions = {}): Promise<core.Database> {
  const engine = options.engine ?? (await compileModule())
  return core.open({ runtime: nodeRuntime(), lua: loadLua, ...options, engine })
}

/** Opens an empty database in this thread. */
export function openSync(
  options: Partial<Parameters<typeof core.openSync>[0]> = {},
): core.Database {
  return core.openSync({
    runtime: nodeRuntime(),
    lua: loadLua,
    ...options,
    engine: options.engine ?? loadModule(),
  })
}
