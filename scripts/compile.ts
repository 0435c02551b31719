// Compiles AssemblyScript with the options of asconfig.json, and remembers what went in.
//
// Beside each output lies a `.inputs.json` with a hash of every file the compiler asked for (null for
// one it looked for and did not find) and of the options. While all of them still hold, the output
// is up to date and nothing is compiled: a change in one structure rebuilds only what uses it.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export type Target = 'release' | 'debug' | 'checked' | 'lua'

export interface Compilation {
  /** Source files, relative to the root of the repository. */
  entries: string[]
  /** The target of asconfig.json: `checked` is optimised with assertions kept. */
  target: Target
  /** Where the module goes, relative to the root of the repository. */
  outFile: string
}

/** The compiler refused the source; the message is its own report. */
export class CompileError extends Error {
  override name = 'CompileError'
}

interface Inputs {
  options: string
  files: Record<string, string | null>
}

interface Options {
  targets: Record<string, Record<string, unknown>>
  options: Record<string, unknown>
}

/** Compiles unless the output is up to date; answers whether it had to. */
export async function compile(what: Compilation): Promise<boolean> {
  const { argv, config } = compilerOptions(what)
  const options = hash(JSON.stringify([argv, config, compilerVersion()]))
  if (isUpToDate(what.outFile, options)) return false

  const { default: asc } = await import('assemblyscript/asc')
  const files: Inputs['files'] = {}
  const outputs = new Map<string, string | Uint8Array>()
  const stderr = asc.createMemoryStream()
  const { error } = await asc.main(argv, {
    stderr,
    readFile(name) {
      if (name === 'asconfig.json') return config
      const text = read(name)
      files[name] = text === null ? null : hash(text)
      return text
    },
    writeFile(name, contents) {
      outputs.set(name, contents)
    },
  })
  if (error) throw new CompileError(stderr.toString().trim() || error.message)

  for (const [name, contents] of outputs) write(name, contents)
  write(`${what.outFile}.inputs.json`, JSON.stringify({ options, files } satisfies Inputs))
  return true
}

function compilerOptions(what: Compilation): { argv: string[]; config: string } {
  const { targets, options } = JSON.parse(read('asconfig.json') ?? '{}') as Options
  const target = targets[what.target]
  if (!target) throw new Error(`asconfig.json has no target ${what.target}`)
  delete target['outFile']
  if (target['textFile']) target['textFile'] = what.outFile.replace(/\.wasm$/, '.wat')
  const argv = [...what.entries, '--target', what.target, '--outFile', what.outFile]
  return { argv, config: JSON.stringify({ targets: { [what.target]: target }, options }) }
}

function compilerVersion(): string {
  return (
    JSON.parse(read('node_modules/assemblyscript/package.json') ?? '{}') as { version: string }
  ).version
}

function isUpToDate(outFile: string, options: string): boolean {
  const recorded = read(`${outFile}.inputs.json`)
  if (recorded === null) return false
  const inputs = JSON.parse(recorded) as Inputs
  if (inputs.options !== options) return false
  return Object.entries(inputs.files).every(([name, known]) => {
    const text = read(name)
    return (text === null ? null : hash(text)) === known
  })
}

function read(name: string): string | null {
  try {
    return readFileSync(join(root, name), 'utf8')
  } catch {
    return null
  }
}

// Written beside and renamed, since several test workers may build the same output at once.
function write(name: string, contents: string | Uint8Array): void {
  const path = join(root, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.${process.pid}`, contents)
  renameSync(`${path}.${process.pid}`, path)
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
