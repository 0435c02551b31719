// npm run build: the engine to build/, the hosts to dist/ with the engine beside them.
//
//   npm run build              the release engine and the hosts
//   npm run build -- --debug   also build/wadi.debug.wasm, with names, assertions and a source map

import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './compile.ts'
import { buildEngine, node } from './engine.ts'

try {
  const wasm = await buildEngine('release')
  if (process.argv.includes('--debug')) await buildEngine('debug')
  node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
  mkdirSync(join(root, 'dist'), { recursive: true })
  copyFileSync(wasm, join(root, 'dist/wadi.wasm'))
} catch (error) {
  process.stderr.write(`wadi: ${(error as Error).message}\n`)
  process.exitCode = 1
}
