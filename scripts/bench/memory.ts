// Memory: a dataset is loaded into a fresh server of each kind, and both ways to count are shown.

import { holds } from './loads.ts'
import { ratio, type Table } from './report.ts'
import { startRedis, startWadi } from './servers.ts'
import { fill } from './wire.ts'

export async function memory(only: RegExp, scale: number): Promise<Table> {
  const rows: string[][] = []
  const notes: string[] = []
  for (const hold of holds) {
    if (!only.test(hold.name)) continue
    process.stderr.write(`memory: ${hold.name}\n`)
    const count = Math.max(1000, Math.round(hold.count * scale))
    const used: number[] = []
    const rss: number[] = []
    try {
      for (const start of [startWadi, startRedis]) {
        const server = await start()
        try {
          const [usedBefore, rssBefore] = [await server.usedBytes(), server.rssBytes()]
          await fill(server.port, count, hold.command)
          used.push(((await server.usedBytes()) - usedBefore) / count)
          rss.push((server.rssBytes() - rssBefore) / count)
        } finally {
          await server.stop()
        }
      }
      const pair = (sizes: number[]) => `${sizes[0]!.toFixed(1)} / ${sizes[1]!.toFixed(1)}`
      rows.push([
        hold.name,
        ratio(used[0]! / used[1]!),
        pair(used),
        ratio(rss[0]! / rss[1]!),
        pair(rss),
      ])
    } catch (error) {
      notes.push(`${hold.name} (${String(error).slice(0, 120)})`)
    }
  }
  return {
    head: ['bytes for each', 'used ÷ Redis', 'used_memory, both', 'RSS ÷ Redis', 'RSS, both'],
    rows,
    notes,
  }
}
