/** The engine and Lua as they were built, compiled once; a bundle for another home puts that home's module here. */
import { readFileSync } from 'node:fs'
import path from 'node:path'

let compiled: WebAssembly.Module | undefined

let compiledLua: WebAssembly.Module | undefined

const compile = (file: string) =>
  new WebAssembly.Module(readFileSync(path.resolve(import.meta.dirname, '../../build', file)))

export const engineModule = (): WebAssembly.Module => (compiled ??= compile('wadi.wasm'))

export const luaModule = (): WebAssembly.Module => (compiledLua ??= compile('lua.wasm'))
