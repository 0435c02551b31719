// The pages of the tests, bundled by vite from the built package, and a server for them on this machine.

import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, extname, join, normalize } from 'node:path'
import { build, type Plugin } from 'vite'

const PAGES = join(import.meta.dirname, '../pages')
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.map': 'application/json',
}

/** What a page under this path is allowed to do: no `eval`, no Worker from a blob. */
const STRICT_CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'"

export interface Site {
  url: string
  close(): void
}

/** Bundles the pages and serves them, on a free port of the machine's own address. */
export async function openSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'wadi-pages-'))
  await build({
    root: PAGES,
    configFile: false,
    logLevel: 'error',
    base: './',
    worker: { format: 'es', plugins: () => [fromPackage()] },
    plugins: [fromPackage()],
    build: {
      outDir: folder,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      minify: false,
      target: 'es2023',
      rollupOptions: { input: [join(PAGES, 'store.html'), join(PAGES, 'react.html')] },
    },
  })
  const server = serve(folder)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Takes host/ from dist/, as the package has it: there the engine's file and the Worker's script lie beside. */
function fromPackage(): Plugin {
  const root = join(import.meta.dirname, '../../..')
  return {
    name: 'from-package',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!importer || !source.startsWith('.') || !source.endsWith('.ts')) return undefined
      const path = join(dirname(importer), source)
      const host = join(root, 'host/')
      return path.startsWith(host)
        ? join(root, 'dist', path.slice(host.length).replace(/\.ts$/, '.js'))
        : undefined
    },
  }
}

function serve(folder: string): Server {
  return createServer((request, response) => {
    if (request.url === '/favicon.ico') {
      response.writeHead(204).end()
      return
    }
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const path = join(folder, normalize(pathname))
    if (!path.startsWith(folder) || !existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'cache-control': 'no-store',
      // A page in a sandbox fetches as if from elsewhere.
      'access-control-allow-origin': '*',
      ...(searchParams.has('strict-csp') && { 'content-security-policy': STRICT_CSP }),
      ...(searchParams.has('sandbox') && { 'content-security-policy': 'sandbox allow-scripts' }),
    })
    createReadStream(path).pipe(response)
  })
}
