// npm run demo [-- --port 5173] [--dev]: installs and builds what is missing, and serves the demo.
// `--dev` serves the sources, with changes shown at once, and without the service worker.

import { parseArgs } from 'node:util'
import { install } from './install.mjs'
import { modernNode, run, say } from './run.mjs'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '5173' },
    host: { type: 'string', default: '127.0.0.1' },
    dev: { type: 'boolean', default: false },
  },
})

try {
  await install()
  const node = modernNode()
  const vite = (...args) => run(node, ['node_modules/vite/bin/vite.js', ...args])
  const steps = [() => run(node, ['scripts/build.ts'])]
  if (!values.dev) steps.push(() => vite('build', 'web-demo', '--logLevel', 'warn'))
  for (const step of steps) if ((await step()) !== 0) throw new Error('the build failed')
  const where = ['--port', values.port, '--host', values.host, '--strictPort']
  process.exitCode = await vite(...(values.dev ? [] : ['preview']), 'web-demo', ...where)
} catch (error) {
  say(`wadi: ${error.message}`)
  process.exitCode = 1
}
