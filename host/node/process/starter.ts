// Who started the server with `npx wadi`, and stops npx, means the server. But npx has a shell between the
// two, which dies of the signal and tells nobody: so the server looks whether its ancestors are still there.

import { readFileSync } from 'node:fs'

const EVERY_MS = 500

export interface Kin {
  env: NodeJS.ProcessEnv
  /** The parent of this process now. */
  parent(): number
  /** The parent of another process; undefined where the system does not tell, or it is gone. */
  parentOf(pid: number): number | undefined
}

/** Calls `stop` once the shell or npx itself is gone; does nothing unless npx started this process. */
export function watchStarter(stop: () => void, kin: Kin = realKin, everyMs = EVERY_MS): void {
  if (kin.env['npm_command'] !== 'exec') return
  const shell = kin.parent()
  const npx = kin.parentOf(shell)
  const timer = setInterval(() => {
    if (kin.parent() === shell && kin.parentOf(shell) === npx) return
    clearInterval(timer)
    stop()
  }, everyMs)
  timer.unref()
}

const realKin: Kin = {
  env: process.env,
  parent: () => process.ppid,
  parentOf(pid) {
    try {
      // The name of the program, in parentheses, may hold anything.
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    } catch {
      return undefined
    }
  },
}
