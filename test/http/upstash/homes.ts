// Where the REST API is served.

import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { memoryApp, Tokens } from '../../../host/http/index.ts'
import { createServer } from '../../../host/node/index.ts'
import { loadModule } from '../../../host/node/module.ts'
import { TOKEN, World } from '../../edge/support/world.ts'
import { engineModule, luaModule } from '../../support/module.ts'
import { freePort } from '../../support/process.ts'

export interface Home {
  url: string
  token: string
  stop(): Promise<void>
}

const edge = async (bindings: Record<string, string> = {}): Promise<Home> => {
  const world = await World.start({ bindings })
  return { url: world.url, token: TOKEN, stop: () => world.stop() }
}

export const HOMES: { name: string; hasShards: boolean; start(): Promise<Home> }[] = [
  { name: 'the edge', hasShards: false, start: () => edge() },
  { name: 'the edge with four shards', hasShards: true, start: () => edge({ WADI_SHARDS: '4' }) },
  {
    name: 'the HTTP port of the Node server',
    hasShards: false,
    start: async () => {
      const port = await freePort()
      const config = { 'http-port': String(port), requirepass: TOKEN }
      const server = createServer({ module: loadModule(), config })
      await server.listen()
      return { url: `http://127.0.0.1:${port}`, token: TOKEN, stop: () => server.close() }
    },
  },
  {
    name: 'a store in memory',
    hasShards: false,
    start: async () => {
      const port = await freePort()
      const engine = engineModule()
      const app = memoryApp({
        engine,
        lua: luaModule(),
        access: new Tokens({ default: [TOKEN] }),
      })
      const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port })
      await once(server, 'listening')
      const stop = () => new Promise<void>((resolve) => server.close(() => resolve()))
      return { url: `http://127.0.0.1:${port}`, token: TOKEN, stop }
    },
  },
]
