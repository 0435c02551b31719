// npm start: installs and builds what is missing or stale, then runs the server with the arguments
// after `--` (`npm start -- --port 7000`).

import { join } from 'node:path'
import { install } from './install.mjs'
import { modernNode, root, run, say } from './run.mjs'

try {
  await install()
  const node = modernNode()
  const built = await run(node, ['scripts/build.ts'])
  if (built !== 0) process.exit(built)
  const server = [join(root, 'dist/node/cli.js'), ...process.argv.slice(2)]
  process.exitCode = await run(node, server, { stdio: 'inherit', cwd: process.cwd() })
} catch (error) {
  say(`wadi: ${error.message}`)
  process.exitCode = 1
}
