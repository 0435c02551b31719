// npm run build: the engine to build/, the hosts to dist/ with the engine beside them.
//
//   npm run build              the release engine and the hosts
//   npm run build -- --debug   also build/wadi.debug.wasm, with names, assertions and a source map

import { chmodSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './compile.ts'
import { buildEngine, node } from './engine.ts'

try {
  const wasm = await buildEngine('release')
  if (process.argv.includes('--debug')) await buildEngine('debug')
  node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json')
  copyFileSync(wasm, join(root, 'dist/wadi.wasm'))
  chmodSync(join(root, 'dist/node/cli.js'), 0o755) // npx runs it as it is
} catch (error) {
  process.stderr.write(`wadi: ${(error as Error).message}\n`)
  process.exitCode = 1
}
