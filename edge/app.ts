// The Hono app in front of the objects: it says who comes, and finds the object of the name.

import type { Context } from 'hono'
import { createApp } from '../host/http/index.ts'
import { accessOf, originsOf, type WadiEnv } from './settings.ts'
import { ObjectStore, objectOf, upgradeRequest } from './store-of.ts'

const MAX_BODY_BYTES = 10 << 20

export function edgeApp() {
  return createApp<WadiEnv>({
    access: accessOf,
    origins: originsOf,
    store: (env, name) => new ObjectStore(objectOf(env, name)),
    address,
    maxBodyBytes: () => MAX_BODY_BYTES,
    upgrade: (c, name, caller) => {
      const request = upgradeRequest(caller, c.req.header('sec-websocket-protocol'))
      return objectOf(c.env as WadiEnv, name).fetch(request)
    },
    metrics: async () => '',
  })
}

/** The address that the network in front of the worker saw. */
function address(c: Context): string | undefined {
  return c.req.header('cf-connecting-ip')
}
