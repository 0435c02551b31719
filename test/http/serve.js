// Serves a store on Deno, Bun or Node, whichever runs this: `serve.js <dist> <port> [file]`, in memory or kept in a file.

import * as fs from 'node:fs'

const words = globalThis.Deno?.args ?? process.argv.slice(2)
const [dist, port, path] = words.slice(words.findIndex((word) => word.endsWith('dist')))
const { memoryApp, Tokens } = await import(`file://${dist}/http/index.js`)

/** A file as a store needs it, of `node:fs`, which all three have. */
function fileAt(name) {
  const write = (to, bytes) => {
    const file = fs.openSync(to, to === name ? 'a' : 'w')
    fs.writeSync(file, bytes)
    fs.fdatasyncSync(file)
    fs.closeSync(file)
  }
  return {
    read: () => (fs.existsSync(name) ? new Uint8Array(fs.readFileSync(name)) : new Uint8Array(0)),
    append: (bytes) => write(name, bytes),
    replace: (bytes) => {
      write(`${name}.new`, bytes)
      fs.renameSync(`${name}.new`, name)
    },
  }
}

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
