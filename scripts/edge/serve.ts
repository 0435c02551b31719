// npm run edge: the edge store on workerd in this machine, with its state in a folder.
//
//   npm run edge -- --port 8787 --persist-to .wadi-edge
//
// The token that may read and write comes from WADI_TOKEN, or is made up. Other settings of the worker
// (WADI_READONLY_TOKEN, WADI_MAXMEMORY …) are taken from the environment too.

import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startLocal, urlOf } from './local.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    'persist-to': { type: 'string' },
  },
})

const settings = Object.fromEntries(
  Object.entries(process.env).filter(([name, value]) => name.startsWith('WADI_') && value),
) as Record<string, string>
const token = settings['WADI_TOKEN'] ?? randomBytes(24).toString('base64url')
const isMadeUp = settings['WADI_TOKEN'] === undefined

const local = await startLocal({
  port: Number(values.port),
  bindings: { ...settings, WADI_TOKEN: token },
  ...(values['persist-to'] !== undefined && { persistTo: values['persist-to'] }),
})
const url = await urlOf(local)

const shown = isMadeUp ? token : '$WADI_TOKEN'
process.stdout.write(`Wadi's edge store is at ${url}: REST at /, RESP over WebSocket at /ws.
${isMadeUp ? `A token was made up, since WADI_TOKEN is not set: ${token}\n` : ''}
  curl ${url} -H "Authorization: Bearer ${shown}" -d '["SET", "greeting", "hello"]'
`)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void local.dispose().then(() => process.exit(0)))
