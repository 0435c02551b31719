// The vite plugin that tells the service worker which files there are.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const WORKER = 'service-worker.js'

/** Puts the list of all files of the build in front of the service worker. */
export function precache(publicDir: string): Plugin {
  return {
    name: 'precache',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const worker = bundle[WORKER]
      if (worker?.type !== 'chunk') throw new Error(`the build has no ${WORKER}`)
      const hash = createHash('sha256')
      const files = ['./']
      for (const [name, file] of Object.entries(bundle)) {
        if (name === WORKER) continue
        files.push(name)
        hash.update(name).update(file.type === 'chunk' ? file.code : file.source)
      }
      for (const name of readdirSync(publicDir)) {
        files.push(name)
        hash.update(name).update(readFileSync(join(publicDir, name)))
      }
      const list = { version: hash.digest('hex').slice(0, 12), files }
      worker.code = `const PRECACHE=${JSON.stringify(list)};\n${worker.code}`
    },
  }
}
