// The module of `assembly/text/text.wat`, as a source that every runtime can load.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'

const ASSEMBLER = 'node_modules/binaryen/bin/wasm-as'
const FEATURES = ['--enable-gc', '--enable-reference-types', '--enable-bulk-memory']

/** Assembles it, unless `path` has the same already. */
export function textModule(root: string, path: string): string {
  const source = join(root, 'assembly/text/text.wat')
  const sum = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 32)
  const head = `// Made from assembly/text/text.wat (${sum}).\n`
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (before.startsWith(head)) return before
  const folder = mkdtempSync(join(os.tmpdir(), 'wadi-text-'))
  try {
    const target = join(folder, 'text.wasm')
    const args = [join(root, ASSEMBLER), source, '-o', target, ...FEATURES]
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error(`${source} cannot be assembled`)
    const text = readFileSync(target).toString('base64')
    return `${head}\nexport const textModule =\n  '${text}'\n`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
