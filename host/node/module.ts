// Where the compiled engine lies: beside dist/ in the package, in build/ beside the sources.

import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const PLACES = ['../wadi.wasm', '../../build/wadi.wasm']

/** Compiles the engine, in this thread. */
export function loadModule(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(modulePath()))
}

/** Compiles the engine beside this thread. */
export async function compileModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(modulePath()))
}

function modulePath(): string {
  const paths = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  const path = paths.find((candidate) => existsSync(candidate))
  if (!path) throw new Error(`the engine is not built: there is no ${paths.join(' nor ')}`)
  return path
}
