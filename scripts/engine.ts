// The build: tables to generated sources, assembly/ to one wasm file, host/ to dist/.

import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { bundleForBrowsers, bundleForWorkers } from './bundle.ts'
import { compile, root, type Target } from './compile.ts'

const outFiles: Record<Exclude<Target, 'lua'>, string> = {
  release: 'build/wadi.wasm',
  checked: 'build/wadi.checked.wasm',
  debug: 'build/wadi.debug.wasm',
}

/** Builds what is out of date and answers the path of the module. */
export async function buildEngine(target: Exclude<Target, 'lua'>): Promise<string> {
  generate()
  await compile({ entries: ['assembly/index.ts'], target, outFile: outFiles[target] })
  return join(root, outFiles[target])
}

/** The interpreter of Lua 5.1, compiled by others; it gets our side of scripting merged into it. */
const INTERPRETER = 'node_modules/wasmoon-lua5.1/dist/liblua5.1.wasm'
const LUA_SIDE = 'build/lua-side.wasm'
const LUA = 'build/lua.wasm'

const FEATURES = [
  'simd',
  'bulk-memory',
  'reference-types',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'sign-ext',
]

/** Builds what scripts need, if it is out of date, and answers the path of the module. */
export async function buildLua(): Promise<string> {
  const changed = await compile({
    entries: ['assembly/lua/index.ts'],
    target: 'lua',
    outFile: LUA_SIDE,
  })
  if (changed || !existsSync(join(root, LUA))) {
    const merging = ['--skip-export-conflicts', ...FEATURES.map((name) => `--enable-${name}`)]
    const both = [INTERPRETER, 'env', LUA_SIDE, 'side']
    const draft = `build/lua.${process.pid}.wasm`
    node('node_modules/binaryen/bin/wasm-merge', ...both, '-o', draft, ...merging)
    renameSync(join(root, draft), join(root, LUA))
  }
  return join(root, LUA)
}

/** Makes assembly/generated from the tables. */
export function generate(): void {
  node('scripts/generate.ts')
}

/** Builds the hosts to dist/, with the engine, what scripts need and its licence beside them. */
export async function buildHosts(wasm: string, lua: string): Promise<void> {
  node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
  node('node_modules/typescript/bin/tsc', '-p', 'edge/tsconfig.build.json')
  await bundleForBrowsers()
  await bundleForWorkers()
  copyFileSync(wasm, join(root, 'dist/wadi.wasm'))
  copyFileSync(lua, join(root, 'dist/lua.wasm'))
  copyFileSync(join(root, 'scripts/lua-licence.txt'), join(root, 'dist/lua.wasm.LICENSE.txt'))
  chmodSync(join(root, 'dist/node/cli.js'), 0o755) // npx runs it as it is
}

/** Runs a program on this Node with its output on standard error; throws when it fails. */
function node(...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`${args[0]} failed`)
}
