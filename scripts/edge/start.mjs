// npm run edge: installs and builds what is missing or stale, then serves the edge store locally.

import { join } from 'node:path'
import { install } from '../install.mjs'
import { modernNode, root, run, say } from '../run.mjs'

try {
  await install()
  const node = modernNode()
  const built = await run(node, ['scripts/build.ts'])
  if (built !== 0) process.exit(built)
  const serve = [join(root, 'scripts/edge/serve.ts'), ...process.argv.slice(2)]
  process.exitCode = await run(node, serve, { stdio: 'inherit', cwd: process.cwd() })
} catch (error) {
  say(`wadi: ${error.message}`)
  process.exitCode = 1
}
