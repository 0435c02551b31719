// Text of linear memory with WebAssembly's string builtins, where the runtime has them: see assembly/text/text.wat.

import type { EngineExports } from './abi.ts'
import { textModule } from './generated/text-module.ts'

export interface NativeText {
  /** The text of at most `NATIVE_TEXT` bytes from an address on; null when they are not all ASCII. */
  read(pointer: number, length: number): string | null
  /** The engine's `call`, whose reply is one text of at most `most` bytes; null when it is anything else. */
  call(session: number, argv: number, argc: number, most: number): string | null
  /** GET of a key that lies there; null: it must be called. */
  get(session: number, key: number, length: number, most: number): string | null
}

/** The longest text that it can make. */
export const NATIVE_TEXT = 512

let module: WebAssembly.Module | null | undefined

/**
 * Makes it for an engine whose control block has this address; `decode` makes the text of any bytes. Undefined where there are
 * no such builtins, or nothing may be compiled.
 */
export function nativeText(
  engine: Pick<EngineExports, 'memory' | 'call' | 'glance'>,
  control: number,
  decode: (pointer: number, length: number) => string,
): NativeText | undefined {
  if (module === undefined) module = compile()
  if (!module) return undefined
  const imports = { engine: { ...engine, control, decode } } as unknown as WebAssembly.Imports
  return new WebAssembly.Instance(module, imports).exports as unknown as NativeText
}

type Compile = new (bytes: BufferSource, options: { builtins: string[] }) => WebAssembly.Module

function compile(): WebAssembly.Module | null {
  try {
    const bytes = Uint8Array.from(atob(textModule), (char) => char.charCodeAt(0))
    const compiled = new (WebAssembly.Module as unknown as Compile)(bytes, {
      builtins: ['js-string'],
    })
    // A runtime that does not know the option takes them for imports of ours.
    const isForeign = ({ module: from }: { module: string }): boolean => from !== 'engine'
    return WebAssembly.Module.imports(compiled).some(isForeign) ? null : compiled
  } catch {
    return null
  }
}
