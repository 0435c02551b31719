// Before npm packs or publishes: a clean build, and a package.json without the Node binary that only
// development needs. Afterwards package.json is put back. npm reads the manifest again after postpack
// when it publishes, so then it is put back one step later.

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

const manifest = join(root, 'package.json')
const original = join(root, 'build/package.json.original')

const { npm_command: command, npm_lifecycle_event: event } = process.env

if (process.argv[2] === 'strip') {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: ['ignore', 2, 2] })
  mkdirSync(join(root, 'build'), { recursive: true })
  copyFileSync(manifest, original)
  const stripped = JSON.parse(readFileSync(manifest, 'utf8'))
  delete stripped.optionalDependencies
  writeFileSync(manifest, `${JSON.stringify(stripped, null, 2)}\n`)
} else if (!(command === 'publish' && event === 'postpack')) {
  renameSync(original, manifest)
}
