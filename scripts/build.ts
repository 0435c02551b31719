// npm run build: the engine to build/, the hosts to dist/ with the engine beside them.
//
//   npm run build              the release engine and the hosts
//   npm run build -- --debug   also build/wadi.debug.wasm, with names, assertions and a source map

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './compile.ts'
import { buildEngine } from './engine.ts'

const wasm = await buildEngine('release')
if (process.argv.includes('--debug')) await buildEngine('debug')

const { status } = spawnSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
  { cwd: root, stdio: ['ignore', 2, 2] },
)
if (status !== 0) process.exit(status ?? 1)
mkdirSync(join(root, 'dist'), { recursive: true })
copyFileSync(wasm, join(root, 'dist/wadi.wasm'))
