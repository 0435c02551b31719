import { join } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import { precache } from './precache.ts'

const here = import.meta.dirname

/** As strict as a page with WebAssembly can be. vite's own server needs inline styles: only for the build. */
const policy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      injectTo: 'head-prepend',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content:
          "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'",
      },
    },
  ],
}

export default defineConfig({
  root: here,
  base: './',
  plugins: [policy, precache(join(here, 'public'))],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { alias: { 'wadi/browser': join(here, '../dist/browser/index.js') } },
  worker: { format: 'es' },
  build: {
    outDir: '../build/web-demo',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    rolldownOptions: {
      input: { index: join(here, 'index.html'), worker: join(here, 'src/service-worker.ts') },
      output: {
        // The service worker keeps its name: browsers look for its next release there.
        entryFileNames: ({ name }) =>
          name === 'worker' ? 'service-worker.js' : 'assets/[name]-[hash].js',
      },
    },
  },
})
