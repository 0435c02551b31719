// The door of `wadi/edge`: the app, the object for a worker of one's own, and clients for code beside it.
//
//   export { default, WadiObject } from 'wadi/edge'

import { edgeApp } from './app.ts'

export { edgeApp } from './app.ts'
export { StoreClient, stores, Wadi } from './client.ts'
export { WadiObject } from './object.ts'
export { WadiGateway } from './shards/gateway.ts'
export type { WadiEnv } from './settings.ts'

const app: ReturnType<typeof edgeApp> = edgeApp()

export default app
