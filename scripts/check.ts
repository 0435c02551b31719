// npm run check: everything that can be said about the sources without running them.

import { spawnSync } from 'node:child_process'
import { root } from './compile.ts'
import { generate } from './engine.ts'

const bin = 'node_modules'
const checks: Record<string, string[]> = {
  format: [`${bin}/prettier/bin/prettier.cjs`, '--check', '--log-level', 'warn', '.'],
  engine: [`${bin}/assemblyscript/bin/asc.js`, '--target', 'release', '--noEmit'],
  types: [`${bin}/typescript/bin/tsc`, '-p', 'tsconfig.json'],
  'types of host/core alone': [`${bin}/typescript/bin/tsc`, '-p', 'host/core/tsconfig.json'],
  'types of host/browser alone': [`${bin}/typescript/bin/tsc`, '-p', 'host/browser/tsconfig.json'],
  'types of edge': [`${bin}/typescript/bin/tsc`, '-p', 'edge/tsconfig.json'],
  'types of its example': [`${bin}/typescript/bin/tsc`, '-p', 'docs/examples/edge'],
  'types of its measured worker': [`${bin}/typescript/bin/tsc`, '-p', 'scripts/bench/edge/workers'],
  'types of its test workers': [`${bin}/typescript/bin/tsc`, '-p', 'test/edge/workers'],
  'types of the demo': [`${bin}/typescript/bin/tsc`, '-p', 'web-demo/tsconfig.json'],
  lint: [`${bin}/oxlint/bin/oxlint`, '--type-aware', '--deny-warnings'],
  'imports of the engine': ['scripts/unused-imports.ts'],
  layers: [
    `${bin}/dependency-cruiser/bin/dependency-cruiser.mjs`,
    '--config',
    '.dependency-cruiser.mjs',
    'assembly',
    'host',
    'edge',
    'web-demo',
    'scripts',
    'test',
  ],
}

generate()
const failed: string[] = []
for (const [name, command] of Object.entries(checks)) {
  const { status, stdout } = spawnSync(process.execPath, command, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  })
  process.stdout.write(status === 0 ? `ok      ${name}\n` : `FAILED  ${name}\n${stdout}\n`)
  if (status !== 0) failed.push(name)
}
process.exitCode = failed.length ? 1 : 0
