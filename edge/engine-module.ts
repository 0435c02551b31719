// The engine, and Lua for scripts, as compiled modules: a worker compiles nothing when it runs.

import lua from '../dist/lua.wasm'
import wasm from '../dist/wadi.wasm'

export const engineModule: WebAssembly.Module = wasm
export const luaModule: WebAssembly.Module = lua
