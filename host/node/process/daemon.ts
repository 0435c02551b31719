// Going to the background. A JavaScript process cannot fork, so it starts itself again, detached from the
// terminal, and leaves; the environment tells the second one that it is there already.

import { spawn } from 'node:child_process'

const MARK = 'WADI_IN_BACKGROUND'

export const isInBackground = (env: NodeJS.ProcessEnv): boolean => env[MARK] === '1'

/** Starts this program again in the background; what came on standard input goes to it too. */
export async function startInBackground(stdin: string | undefined): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    env: { ...process.env, [MARK]: '1' },
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'],
  })
  if (stdin !== undefined) {
    await new Promise<void>((resolve) => child.stdin!.end(stdin, 'latin1', () => resolve()))
  }
  child.unref()
}
