// The engine as a compiled module: a worker compiles nothing when it runs.

import wasm from '../dist/wadi.wasm'

export const engineModule: WebAssembly.Module = wasm
