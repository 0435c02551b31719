// vitest's global setup: the engine is built before the first test, unless it is up to date.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/compile.ts'
import { buildEngine } from '../../scripts/engine.ts'

export default async function setup(): Promise<void> {
  if (existsSync(join(root, 'assembly/index.ts'))) await buildEngine('release')
}
