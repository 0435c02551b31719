// --latency and --stat: looking at a server again and again.

import { setTimeout as pause } from 'node:timers/promises'
import { humanBytes } from '../human-bytes.ts'
import type { Output } from './format.ts'
import { isError, textOf } from './format.ts'
import type { Session } from './session.ts'

const SAMPLE_MS = 10
const HISTORY_MS = 15_000
const CLEAR_LINE = '\x1b[0G\x1b[2K'

class Latencies {
  min = 0
  max = 0
  total = 0
  count = 0

  add(ms: number): void {
    this.min = this.count ? Math.min(this.min, ms) : ms
    this.max = Math.max(this.max, ms)
    this.total += ms
    this.count++
  }

  text(output: Output): string {
    const { min, max, count } = this
    const average = (this.total / count).toFixed(2)
    switch (output) {
      case 'standard':
        return `min: ${min}, max: ${max}, avg: ${average} (${count} samples)`
      case 'csv':
        return `${min},${max},${average},${count}\n`
      case 'raw':
        return `${min} ${max} ${average} ${count}\n`
      default:
        return `{"min": ${min}, "max": ${max}, "avg": ${average}, "count": ${count}}\n`
    }
  }
}

/** How long a PING takes: for people without an end, else once for a second, or a line for each range of time. */
export async function latency(session: Session): Promise<number> {
  const { terminal, options } = session
  const { output, history, intervalMs } = options
  const rangeMs = intervalMs || (history ? HISTORY_MS : 1000)
  let all = new Latencies()
  let startedMs = performance.now()
  for (;;) {
    const sentMs = performance.now()
    await session.ask('PING')
    all.add(Math.floor(performance.now() - sentMs))
    const passedMs = performance.now() - startedMs
    if (output === 'standard') terminal.print(CLEAR_LINE + all.text(output))
    if (passedMs > rangeMs && (history || output !== 'standard')) {
      if (output !== 'standard') terminal.print(all.text(output))
      if (!history) break
      if (output === 'standard')
        terminal.print(` -- ${(passedMs / 1000).toFixed(2)} seconds range\n`)
      all = new Latencies()
      startedMs = performance.now()
    }
    await pause(SAMPLE_MS)
  }
  session.close()
  return 0
}

const HEADING =
  '------- data ------ --------------------- load -------------------- - child -\n' +
  'keys       mem      clients blocked requests            connections          \n'
const LINES_A_HEADING = 20

/** A line a second: keys, memory, clients, requests. */
export async function stat(session: Session): Promise<number> {
  const { terminal, options } = session
  let requests = 0
  for (let line = 0; options.repeat < 2 || line < options.repeat; line++) {
    const reply = await session.ask('INFO')
    if (isError(reply)) {
      terminal.complain(`ERROR: ${textOf(reply)}\n`)
      return 1
    }
    const info = textOf(reply)
    if (line % LINES_A_HEADING === 0) terminal.print(HEADING)
    terminal.print(statLine(info, requests))
    requests = field(info, 'total_commands_processed')
    await pause(options.intervalMs || 1000)
  }
  session.close()
  return 0
}

function field(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
}

function statLine(info: string, before: number): string {
  const keys = [...info.matchAll(/^db\d+:keys=(\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
  const requests = field(info, 'total_commands_processed')
  const childAt =
    (field(info, 'rdb_bgsave_in_progress') ? 1 : 0) +
    (field(info, 'aof_rewrite_in_progress') ? 2 : 0)
  const child = ['', 'SAVE', 'AOF', 'SAVE+AOF'][childAt]
  const columns = [
    String(keys).padEnd(11),
    humanBytes(field(info, 'used_memory')).padEnd(8),
    ` ${String(field(info, 'connected_clients')).padEnd(8)}`,
    String(field(info, 'blocked_clients')).padEnd(8),
    `${requests} (+${before ? requests - before : 0})`.padEnd(19),
    ` ${String(field(info, 'total_connections_received')).padEnd(12)}`,
    child,
  ]
  return `${columns.join('')}\n`
}
