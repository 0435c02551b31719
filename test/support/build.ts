// vitest's global setup: the engine and the server are built before the first test.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/compile.ts'
import { buildEngine, buildHosts, buildLua } from '../../scripts/engine.ts'

export default async function setup(): Promise<void> {
  try {
    await buildHosts(await buildEngine('release'), await buildLua())
  } catch (error) {
    // Tests of structures still run; those of the server find none, rather than an old one.
    process.stderr.write(`${String(error)}\n`)
    for (const output of ['build/wadi.wasm', 'build/wadi.wasm.inputs.json', 'dist']) {
      rmSync(join(root, output), { recursive: true, force: true })
    }
  }
}
