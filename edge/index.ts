// The door of `wadi/edge`: the object for a worker of one's own, the app, and clients for code beside it.

export { edgeApp } from './app.ts'
export { WadiObject } from './object.ts'
export type { WadiEnv } from './settings.ts'
export { edgeApp as default } from './app.ts'
