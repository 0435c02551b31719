// What `wrangler deploy` puts up: the app, and the object behind it.

import { edgeApp } from './app.ts'

export { WadiObject } from './object.ts'

export default edgeApp()
