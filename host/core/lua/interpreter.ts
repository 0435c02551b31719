// Lua beside the engine: one module, with a memory of its own, that calls the engine's exports directly.
//
// Lua ends errors with C's longjmp, which is a JavaScript exception here: `invoke_vii` is where a protected
// call begins and where it is caught. Anything else that comes out of the module (the stack of the
// JavaScript engine ran out, say) leaves the interpreter in no known state: its owner throws it away.

import type { EngineExports } from '../abi.ts'
import { systemImports } from './system.ts'

/** What the module exports beside Lua's own functions. */
interface LuaExports {
  memory: WebAssembly.Memory
  /** Functions that Lua calls by their index. */
  __indirect_function_table: WebAssembly.Table
  /** Those of our side of scripting. */
  table: WebAssembly.Table
  __wasm_call_ctors(): void
  stackSave(): number
  stackRestore(pointer: number): void
  setThrew(threw: number, value: number): void
  scriptOpen(tableBase: number, memoryLimit: number): number
  scriptCompile(pointer: number, length: number): number
  scriptLoad(pointer: number, length: number): number
  scriptForget(isFunction: number, ref: number): void
  scriptRun(
    isFunction: number,
    ref: number,
    argv: number,
    keys: number,
    values: number,
    name: number,
    nameLength: number,
    protocol: number,
  ): void
  scriptReset(isFunction: number): void
  scriptLimit(bytes: number): void
  scriptMemory(): number
}

export interface InterpreterParts {
  module: WebAssembly.Module
  engine: EngineExports
  /** Monotonic time in µs. */
  measure: () => number
  /** The most bytes that scripts may take. */
  memoryLimit: number
}

/** A function that Lua calls by its index. */
type Entry = (a: number, b: number) => void

/** C's longjmp. */
const LONG_JUMP = Symbol('longjmp')

export class Interpreter {
  readonly exports: LuaExports
  readonly #engine: EngineExports
  #ours = new Uint8Array()
  #theirs = new Uint8Array()

  constructor({ module, engine, measure, memoryLimit }: InterpreterParts) {
    this.#engine = engine
    const functions: Entry[] = []
    const env = {
      ...systemImports(() => this.exports.memory, measure),
      invoke_vii: (index: number, a: number, b: number) => {
        const lua = this.exports
        const stack = lua.stackSave()
        try {
          const entry = (functions[index] ??= lua.__indirect_function_table.get(index) as Entry)
          entry(a, b)
        } catch (error) {
          if (error !== LONG_JUMP) throw error
          lua.stackRestore(stack)
          lua.setThrew(1, 0)
        }
      },
      _emscripten_throw_longjmp: () => {
        throw LONG_JUMP
      },
    }
    const host = {
      clock: measure,
      toEngine: (target: number, source: number, length: number) =>
        this.#toEngine(target >>> 0, source >>> 0, length >>> 0),
      fromEngine: (target: number, source: number, length: number) =>
        this.#fromEngine(target >>> 0, source >>> 0, length >>> 0),
      abort: () => {
        throw new Error('the Lua side of scripting aborted')
      },
    }
    const imports = { env, wasi_snapshot_preview1: env, engine: { ...engine }, host }
    const instance = new WebAssembly.Instance(module, imports)
    this.exports = instance.exports as unknown as LuaExports
    this.exports.__wasm_call_ctors()
    if (!this.exports.scriptOpen(this.#lendFunctions(), memoryLimit | 0))
      throw new RangeError('no room for the Lua interpreter')
  }

  /** Puts the functions of our side behind Lua's own; where they begin. */
  #lendFunctions(): number {
    const { __indirect_function_table: theirs, table: ours } = this.exports
    const base = theirs.grow(ours.length)
    for (let i = 0; i < ours.length; i++) theirs.set(base + i, ours.get(i))
    return base
  }

  #views(): void {
    if (this.#ours.length === 0) this.#ours = new Uint8Array(this.exports.memory.buffer)
    if (this.#theirs.length === 0) this.#theirs = new Uint8Array(this.#engine.memory.buffer)
  }

  #toEngine(target: number, source: number, length: number): void {
    this.#views()
    this.#theirs.set(this.#ours.subarray(source, source + length), target)
  }

  #fromEngine(target: number, source: number, length: number): void {
    this.#views()
    this.#ours.set(this.#theirs.subarray(source, source + length), target)
  }
}
