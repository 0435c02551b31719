// vitest's global setup: the engine is built before the first test, unless it is up to date.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { CompileError, root } from '../../scripts/compile.ts'
import { buildEngine } from '../../scripts/engine.ts'

export default async function setup(): Promise<void> {
  try {
    await buildEngine('release')
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    // Tests of structures still run; those of the engine find no module, rather than an old one.
    process.stderr.write(`${error.message}\n`)
    rmSync(join(root, 'build/wadi.wasm'), { force: true })
    rmSync(join(root, 'build/wadi.wasm.inputs.json'), { force: true })
  }
}
