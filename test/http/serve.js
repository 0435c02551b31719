// Serves a store on Deno, Bun or Node, whichever runs this: `serve.js <dist> <port> [file]`, in memory or kept in a file.

import * as fs from 'node:fs'
import { fileAt } from '../../docs/examples/http/file.js'

const words = globalThis.Deno?.args ?? process.argv.slice(2)
const [dist, port, path] = words.slice(words.findIndex((word) => word.endsWith('dist')))
const { memoryApp, Tokens } = await import(`file://${dist}/http/index.js`)

const app = memoryApp({
  engine: await WebAssembly.compile(fs.readFileSync(`${dist}/wadi.wasm`)),
  lua: await WebAssembly.compile(fs.readFileSync(`${dist}/lua.wasm`)),
  access: new Tokens({ default: ['secret'], readonly: ['reader'] }),
  ...(path && { file: fileAt(path) }),
})
const place = { hostname: '127.0.0.1', port: Number(port) }

if (globalThis.Deno) Deno.serve(place, app.fetch)
else if (globalThis.Bun) Bun.serve({ ...place, fetch: app.fetch })
else {
  const { serve } = await import('@hono/node-server')
  serve({ ...place, fetch: app.fetch })
}
