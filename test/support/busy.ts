/** Scripts that run for too long, on servers that say so soon. */
import type { TestServer } from './process.ts'
import { startRedis } from './redis.ts'
import type { Command, Connection } from './resp.ts'
import { startWadi } from './wadi.ts'

const SLOW = ['--busy-reply-threshold', '5']

/** A script that never ends by itself. */
export const LOOP: Command = ['EVAL', 'while true do end', '0']

type Start = (options?: { args?: string[] }) => Promise<TestServer>

/** Both call a script slow after a few ms, and neither ends it. */
export const starts: Record<'redis' | 'wadi', Start> = {
  redis: ({ args = [] } = {}) => startRedis({ args: [...SLOW, ...args] }),
  wadi: ({ args = [] } = {}) =>
    startWadi({ args: [...SLOW, '--script-instruction-limit', '0', ...args] }),
}

/** Until a script runs for too long: nobody is refused before. */
export async function untilBusy(watcher: Connection): Promise<void> {
  while (!(await watcher.call('ECHO', 'x')).text.startsWith('BUSY'));
}
