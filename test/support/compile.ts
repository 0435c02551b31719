// Small AssemblyScript entries for tests of the engine's structures.
//
// An entry is a file `test/engine/<room>/<name>.as.ts` that imports from assembly/ and exports plain
// functions over numbers and pointers. `load` compiles it once (the output is kept in
// build/test-cache until a file it uses changes) and gives a fresh instance each time.

import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile, root, type Target } from '../../scripts/compile.ts'

/** The functions of module `host`; see the ABI in docs/architecture.md. */
export interface HostImports {
  clock(): number
  log(level: number, pointer: number, length: number): void
  command(session: number, number: number): number
  configure(name: number, nameLength: number, value: number, valueLength: number): number
  info(section: number): void
  abort(code: number, pointer: number, length: number): void
}

export interface Instance<Exports> {
  exports: Exports
  memory: WebAssembly.Memory
  /** All of linear memory as bytes; take it again after anything that may have grown the memory. */
  bytes(): Uint8Array
  /** A copy of so many bytes. */
  read(pointer: number, length: number): Buffer
  /** Puts bytes (or a string's UTF-8) into memory the caller owns; answers their length. */
  write(pointer: number, data: Uint8Array | string): number
}

/**
 * Compiles an entry and instantiates it.
 *
 * @param entry `new URL('./listpack.as.ts', import.meta.url)`
 * @param host replaces some of the imports; an abort throws by default
 * @param target `checked` (optimised, with assertions) unless told
 */
export async function load<Exports>(
  entry: URL,
  host: Partial<HostImports> = {},
  target: Target = 'checked',
): Promise<Instance<Exports>> {
  return instantiate<Exports>(await compileEntry(entry, target), host)
}

/** Compiles an entry, for tests that instantiate it many times. */
export async function compileEntry(
  entry: URL,
  target: Target = 'checked',
): Promise<WebAssembly.Module> {
  const source = relative(root, fileURLToPath(entry)).replaceAll('\\', '/')
  const name = source.replace(/^test\/engine\//, '').replace(/(\.as)?\.ts$/, '')
  const outFile = `build/test-cache/${name}.${target}.wasm`
  await compile({ entries: [source, 'assembly/memory/abort.ts'], target, outFile })
  return new WebAssembly.Module(readFileSync(join(root, outFile)))
}

export function instantiate<Exports>(
  module: WebAssembly.Module,
  host: Partial<HostImports> = {},
): Instance<Exports> {
  const instance = new WebAssembly.Instance(module, {
    host: {
      clock: () => 0,
      log: () => undefined,
      command: () => 0,
      configure: () => 0,
      info: () => undefined,
      abort(line: number, pointer: number, length: number) {
        const text = Buffer.from(memory.buffer, pointer >>> 0, length >>> 0).toString('utf16le')
        throw new Error(`the engine aborted at line ${line}: ${text}`)
      },
      ...host,
    },
  })
  const memory = instance.exports['memory'] as WebAssembly.Memory
  const bytes = () => new Uint8Array(memory.buffer)
  return {
    exports: instance.exports as Exports,
    memory,
    bytes,
    read: (pointer, length) =>
      Buffer.from(bytes().subarray(pointer >>> 0, (pointer >>> 0) + (length >>> 0))),
    write(pointer, data) {
      const source = typeof data === 'string' ? Buffer.from(data) : data
      bytes().set(source, pointer >>> 0)
      return source.length
    },
  }
}
