// npm packages, as package-lock.json has them. Runs on the machine's Node before anything is installed.

import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, say } from './run.mjs'

/** Runs `npm ci` when node_modules is missing or is not what the lockfile says. */
export async function install() {
  if (isInstalled()) return
  say('wadi: installing packages')
  const options = ['ci', '--loglevel=error', '--no-fund', '--no-audit']
  // Inside an npm script, the same npm and the Node that it runs on.
  const { npm_execpath: npm, npm_node_execpath: node = process.execPath } = process.env
  const code = npm?.endsWith('.js')
    ? await run(node, [npm, ...options])
    : await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', options)
  if (code !== 0) throw new Error(`npm ci ended with code ${code}`)
}

function isInstalled() {
  if (isLink('node_modules')) return true // shared with another working tree, which looks after it
  const wanted = packages('package-lock.json')
  const found = packages('node_modules/.package-lock.json')
  if (!wanted || !found) return false
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || (found[path] ? found[path].version === version : optional),
  )
}

function isLink(path) {
  return lstatSync(join(root, path), { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

function packages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch {
    return undefined
  }
}
