// The engine's build: tables to generated sources, then assembly/ to one wasm file.

import { join } from 'node:path'
import { compile, root, type Target } from './compile.ts'

const outFiles: Record<Target, string> = {
  release: 'build/wadi.wasm',
  checked: 'build/wadi.checked.wasm',
  debug: 'build/wadi.debug.wasm',
}

/** Builds what is out of date and answers the path of the module. */
export async function buildEngine(target: Target): Promise<string> {
  await compile({ entries: ['assembly/index.ts'], target, outFile: outFiles[target] })
  return join(root, outFiles[target])
}
