// Serves a store in memory on Deno, Bun or Node, whichever runs this: `serve.js <dist> <port>`.

const [dist, port] = (globalThis.Deno?.args ?? process.argv.slice(2)).slice(-2)
const { readFile } = await import('node:fs/promises')
const { memoryApp, Tokens } = await import(`file://${dist}/http/index.js`)

const app = memoryApp({
  engine: await WebAssembly.compile(await readFile(`${dist}/wadi.wasm`)),
  lua: await WebAssembly.compile(await readFile(`${dist}/lua.wasm`)),
  access: new Tokens({ default: ['secret'], readonly: ['reader'] }),
})
const place = { hostname: '127.0.0.1', port: Number(port) }

if (globalThis.Deno) Deno.serve(place, app.fetch)
else if (globalThis.Bun) Bun.serve({ ...place, fetch: app.fetch })
else {
  const { serve } = await import('@hono/node-server')
  serve({ ...place, fetch: app.fetch })
}
