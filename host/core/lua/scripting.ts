// The engine's import `script`: what it has done with Lua. The interpreter is made when the first script
// comes, and made anew after it broke.

import type { EngineExports } from '../abi.ts'
import { Interpreter } from './interpreter.ts'

/** What the engine asks; see `ScriptTask` in assembly/execution/host.ts. */
const Task = {
  compile: 0,
  load: 1,
  forget: 2,
  runScript: 3,
  runFunction: 4,
  memory: 5,
  limit: 6,
  reset: 7,
} as const

const NO_LUA = -0x80000000
const LUA_BROKE = -0x7fffffff

/** Scripts may take so much until the engine says otherwise. */
const MEMORY_LIMIT = 256 * 1024 * 1024

export class Scripting {
  readonly #engine: () => EngineExports
  readonly #measure: () => number
  readonly #module: (() => WebAssembly.Module | undefined) | undefined
  #interpreter: Interpreter | undefined
  #memoryLimit = MEMORY_LIMIT

  constructor(
    engine: () => EngineExports,
    measure: () => number,
    module: (() => WebAssembly.Module | undefined) | undefined,
  ) {
    this.#engine = engine
    this.#measure = measure
    this.#module = module
  }

  /** Does what the engine asks. */
  readonly run = (task: number, ...args: number[]): number => {
    if (task === Task.limit) return this.#limit(args[0]! >>> 0)
    if (task === Task.memory) return this.#interpreter?.exports.scriptMemory() ?? 0
    if (task === Task.reset && !this.#interpreter) return 0
    try {
      const interpreter = this.#open()
      return interpreter ? this.#perform(interpreter, task, args) : NO_LUA
    } catch (error) {
      // An error from within a command of the engine is the engine's.
      if (this.#engine().scriptInside()) throw error
      this.#interpreter = undefined
      return LUA_BROKE
    }
  }

  #perform({ exports }: Interpreter, task: number, args: number[]): number {
    const [a, b, c, d, e, f, g] = args as [number, number, number, number, number, number, number]
    switch (task) {
      case Task.compile:
        return exports.scriptCompile(a, b)
      case Task.load:
        return exports.scriptLoad(a, b)
      case Task.forget:
        exports.scriptForget(a, b)
        return 0
      case Task.reset:
        exports.scriptReset(a)
        return 0
      default:
        exports.scriptRun(task === Task.runFunction ? 1 : 0, a, b, c, d, e, f, g)
        return 0
    }
  }

  #open(): Interpreter | undefined {
    if (this.#interpreter) return this.#interpreter
    const module = this.#module?.()
    if (!module) return undefined
    const measure = this.#measure
    const memoryLimit = this.#memoryLimit
    return (this.#interpreter = new Interpreter({
      module,
      engine: this.#engine(),
      measure,
      memoryLimit,
    }))
  }

  #limit(bytes: number): number {
    this.#memoryLimit = Math.min(bytes || MEMORY_LIMIT, 0x7fffffff)
    this.#interpreter?.exports.scriptLimit(this.#memoryLimit)
    return 0
  }
}
