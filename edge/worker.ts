// What `wrangler deploy` puts up.

export { default, Wadi, WadiObject } from './index.ts'
