// The Hono app in front of the objects: it says who comes, and finds the object of the name.

import type { Context } from 'hono'
import { type Caller, createApp, RefusedError } from '../host/http/index.ts'
import { accessOf, maxBodyOf, originsOf, type WadiEnv } from './settings.ts'
import { storeOf } from './store-of.ts'

export function edgeApp() {
  return createApp<WadiEnv>({
    access: accessOf,
    origins: originsOf,
    store: storeOf,
    address,
    maxBodyBytes: maxBodyOf,
    admit,
    failed: (error) => console.error(`wadi: ${error instanceof Error ? error.message : 'failed'}`),
    upgrade: (c, name, caller) =>
      storeOf(c.env as WadiEnv, name).upgrade(caller, c.req.header('sec-websocket-protocol')),
  })
}

/** The address that the network in front of the worker saw. */
function address(c: Context): string | undefined {
  return c.req.header('cf-connecting-ip')
}

/** Asks Cloudflare's rate limits, where the worker has them. @throws {RefusedError} */
async function admit(env: WadiEnv, caller: Caller): Promise<void> {
  if (!env.WADI_RATE_LIMITER) return
  const { success } = await env.WADI_RATE_LIMITER.limit({ key: caller.address ?? 'unknown' })
  if (!success) throw new RefusedError('ERR too many requests', 429)
}
