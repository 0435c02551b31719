// What is measured, from the commands that tell it.

import type { Reply } from '../decode.ts'
import type { Measured } from './measured.ts'

/** Asks for what is measured, on a session that speaks RESP2. Who may not see the slow log gets the rest. */
export async function measure(call: (...args: string[]) => Promise<Reply>): Promise<Measured> {
  const [histograms, info, length, newest, spikes] = await Promise.all([
    call('LATENCY', 'HISTOGRAM').catch(() => []),
    call('INFO', 'everything'),
    call('SLOWLOG', 'LEN').catch(() => undefined),
    call('SLOWLOG', 'GET', '1').catch(() => []),
    call('LATENCY', 'LATEST').catch(() => []),
  ])
  const [last] = newest as [number, number, number][]
  return {
    info: info as string,
    ...(length !== undefined && {
      slowlog: {
        length: Number(length),
        ...(last && { last: { id: last[0], seconds: last[2] / 1e6 } }),
      },
    }),
    spikes: (spikes as [string, number, number, number][]).map(([event, atSeconds, ms]) => ({
      event,
      atSeconds,
      seconds: ms / 1000,
    })),
    histograms: pairs(histograms).map(([command, stat]) => {
      const [, calls, , buckets] = stat as [string, number, string, Reply[]]
      return { command: command as string, calls, buckets: pairs(buckets) as [number, number][] }
    }),
  }
}

/** A map of RESP2. */
function pairs(list: Reply): [Reply, Reply][] {
  const items = list as Reply[]
  return items.flatMap((item, i) => (i % 2 ? [] : [[item, items[i + 1]!] as [Reply, Reply]]))
}
