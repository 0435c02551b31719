// Where the compiled engine and Lua lie: beside dist/ in the package, in build/ beside the sources.

import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The folders, seen from here. */
const PLACES = ['../', '../../build/']

let lua: WebAssembly.Module | undefined

/** Compiles the engine, in this thread. */
export function loadModule(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(pathOf('wadi.wasm')))
}

/** Compiles Lua, in this thread, once: the first script waits for it. */
export function loadLua(): WebAssembly.Module {
  return (lua ??= new WebAssembly.Module(readFileSync(pathOf('lua.wasm'))))
}

/** Compiles the engine beside this thread. */
export async function compileModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(pathOf('wadi.wasm')))
}

function pathOf(file: string): string {
  const paths = PLACES.map((place) => fileURLToPath(new URL(place + file, import.meta.url)))
  const path = paths.find((candidate) => existsSync(candidate))
  if (!path) throw new Error(`the engine is not built: there is no ${paths.join(' nor ')}`)
  return path
}
