// The build: tables to generated sources, assembly/ to one wasm file, host/ to dist/.

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleForBrowsers, bundleForWorkers } from './bundle.ts'
import { compile, root, type Target } from './compile.ts'

const outFiles: Record<Target, string> = {
  release: 'build/wadi.wasm',
  checked: 'build/wadi.checked.wasm',
  debug: 'build/wadi.debug.wasm',
}

/** Builds what is out of date and answers the path of the module. */
export async function buildEngine(target: Target): Promise<string> {
  generate()
  await compile({ entries: ['assembly/index.ts'], target, outFile: outFiles[target] })
  return join(root, outFiles[target])
}

/** Makes assembly/generated from the tables. */
export function generate(): void {
  node('scripts/generate.ts')
}

/** Builds the hosts to dist/, with the engine beside them. */
export async function buildHosts(wasm: string): Promise<void> {
  node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
  node('node_modules/typescript/bin/tsc', '-p', 'edge/tsconfig.build.json')
  await bundleForBrowsers()
  await bundleForWorkers()
  copyFileSync(wasm, join(root, 'dist/wadi.wasm'))
  chmodSync(join(root, 'dist/node/cli.js'), 0o755) // npx runs it as it is
}

/** Runs a program on this Node with its output on standard error; throws when it fails. */
export function node(...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`${args[0]} failed`)
}
