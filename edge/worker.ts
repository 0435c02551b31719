// What `wrangler deploy` puts up.

export { default, Wadi, WadiGateway, WadiObject } from './index.ts'
