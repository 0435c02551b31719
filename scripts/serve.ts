// Serves a folder on a free port of 127.0.0.1, for tests, screenshots and benchmarks.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

export interface Served {
  /** Ends with a slash. */
  url: string
  stop(): Promise<void>
}

export async function serve(
  folder: string,
  options: { port?: number; headers?: Record<string, string> } = {},
): Promise<Served> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    const name = normalize(decodeURIComponent(pathname)).replace(/\/$/, '/index.html')
    const type = types[extname(name)] ?? 'application/octet-stream'
    readFile(join(folder, name)).then(
      (body) => response.writeHead(200, { ...options.headers, 'content-type': type }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
