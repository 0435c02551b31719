// A sample of the store each second: INFO, read as numbers, and what changed since the last one.

import { call } from '../store/store.ts'

export interface Sample {
  /** Seconds since 1970. */
  at: number
  opsPerSecond: number
  memoryBytes: number
  /** Per cent of the lookups since the last sample that found their key; `null` without lookups. */
  hitRate: number | null
  keys: number
  /** Calls of each command since the last sample. */
  calls: Map<string, number>
}

interface Counters {
  at: number
  commands: number
  hits: number
  misses: number
  calls: Map<string, number>
}

const KEPT = 120

export class Measures {
  readonly samples: Sample[] = []
  #before: Counters | undefined

  async take(): Promise<void> {
    const [text, size] = await Promise.all([
      call('INFO', 'everything') as Promise<string>,
      call('DBSIZE') as Promise<number>,
    ])
    const fields = new Map(
      text.split('\n').map((line) => line.trim().split(/:(.*)/s, 2) as [string, string]),
    )
    const number = (name: string) => Number(fields.get(name) ?? 0)
    const calls = new Map<string, number>()
    for (const [name, value] of fields) {
      const command = /^cmdstat_(.+)/.exec(name)?.[1]
      if (command) calls.set(command, Number(/calls=(\d+)/.exec(value)?.[1] ?? 0))
    }
    const now: Counters = {
      at: Date.now() / 1000,
      commands: number('total_commands_processed'),
      hits: number('keyspace_hits'),
      misses: number('keyspace_misses'),
      calls,
    }
    const before = this.#before
    this.#before = now
    if (!before || now.commands < before.commands) return
    const lookups = now.hits + now.misses - before.hits - before.misses
    this.samples.push({
      at: now.at,
      opsPerSecond: (now.commands - before.commands) / Math.max(0.001, now.at - before.at),
      memoryBytes: number('used_memory'),
      hitRate: lookups > 0 ? ((now.hits - before.hits) / lookups) * 100 : null,
      keys: size,
      calls: new Map(
        [...calls].map(([name, count]) => [name, count - (before.calls.get(name) ?? 0)]),
      ),
    })
    this.samples.splice(0, this.samples.length - KEPT)
  }

  /** The commands that were called most in the samples that are kept. */
  top(count: number): [string, number][] {
    const sums = new Map<string, number>()
    for (const { calls } of this.samples) {
      for (const [name, number] of calls) sums.set(name, (sums.get(name) ?? 0) + number)
    }
    return [...sums]
      .filter(([, number]) => number > 0)
      .sort(([, a], [, b]) => b - a)
      .slice(0, count)
  }
}
