// The parts of the package that run in browsers, as few files: a page that has no bundler loads them as
// they are, and a Worker, which knows no import map, needs all of it in one.

import { readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import { root } from './compile.ts'

/** What is imported by name, from dist/, and its source. */
const entries = ['browser/index', 'browser/serve', 'browser/react', 'client/index']

/** The script of a Worker: all of it in one file. */
const worker = 'browser/worker'

const options: BuildOptions = {
  absWorkingDir: root,
  outdir: 'dist',
  outbase: 'host',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  external: ['react'],
  logLevel: 'warning',
}

const source = (entry: string) => `host/${entry}.ts`

/** Bundles over what the compiler wrote to dist/, whose declarations stay. */
export async function bundleForBrowsers(): Promise<void> {
  for (const folder of new Set(entries.map((entry) => entry.split('/')[0]!))) prune(folder)
  // Chunks lie as deep as the entries, so that paths relative to a file hold in both.
  await build({
    ...options,
    entryPoints: entries.map(source),
    splitting: true,
    chunkNames: 'browser/[name]-[hash]',
  })
  await build({ ...options, entryPoints: [source(worker)] })
}

/** Takes away the scripts of a folder of dist/: the bundles have all of them. */
function prune(folder: string): void {
  const path = join(root, 'dist', folder)
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.js')) rmSync(join(path, name))
  }
}

/** The edge: one script for workers, with the engine and the packages that it names beside it. */
export async function bundleForWorkers(): Promise<void> {
  await build({
    ...options,
    entryPoints: ['edge/index.ts'],
    outbase: '.',
    target: 'es2024',
    external: ['hono', 'jose', 'cloudflare:*'],
    plugins: [
      {
        name: 'engine',
        setup(bundler) {
          bundler.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({
            path: `../${basename(path)}`,
            external: true,
          }))
        },
      },
    ],
  })
}
