/** The engine as it was built, compiled once; a bundle for another home puts that home's module here. */
import { readFileSync } from 'node:fs'
import path from 'node:path'

let compiled: WebAssembly.Module | undefined

export function engineModule(): WebAssembly.Module {
  const file = path.resolve(import.meta.dirname, '../../build/wadi.wasm')
  return (compiled ??= new WebAssembly.Module(readFileSync(file)))
}
