// A worker and what it imports as the modules that workerd loads: one script, and the engine beside it.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { root } from '../compile.ts'

export interface WorkerModule {
  type: 'ESModule' | 'CompiledWasm'
  path: string
  contents: string | Uint8Array<ArrayBuffer>
}

/** Bundles a worker's entry, relative to the root of the repository. */
export async function bundleWorker(
  entry: string,
  options: { minify?: boolean } = {},
): Promise<WorkerModule[]> {
  const wasm = new Map<string, string>()
  const { outputFiles } = await build({
    entryPoints: [path.join(root, entry)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    alias: { 'wadi/edge': path.join(root, 'edge/index.ts') },
    external: ['cloudflare:*', 'node:*'],
    minify: options.minify ?? false,
    plugins: [
      {
        name: 'wasm',
        setup(bundler) {
          bundler.onResolve({ filter: /\.wasm$/ }, ({ path: file, resolveDir }) => {
            const name = path.basename(file)
            wasm.set(name, path.resolve(resolveDir, file))
            return { path: `./${name}`, external: true }
          })
        },
      },
    ],
  })
  const script = outputFiles[0]?.text ?? ''
  return [
    { type: 'ESModule', path: 'worker.js', contents: script },
    ...[...wasm].map(([name, file]): WorkerModule => ({
      type: 'CompiledWasm',
      path: name,
      contents: Uint8Array.from(readFileSync(file)),
    })),
  ]
}
