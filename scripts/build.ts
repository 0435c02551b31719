// npm run build: the engine to build/, the hosts to dist/ with the engine beside them.
//
//   npm run build              the release engine and the hosts
//   npm run build -- --debug   also build/wadi.debug.wasm, with names, assertions and a source map

import { buildEngine, buildHosts, buildLua } from './engine.ts'

try {
  await buildHosts(await buildEngine('release'), await buildLua())
  if (process.argv.includes('--debug')) await buildEngine('debug')
} catch (error) {
  process.stderr.write(`wadi: ${(error as Error).message}\n`)
  process.exitCode = 1
}
