// How long the engine keeps its caller waiting while a million keys are inserted.

import { openSync } from '../../dist/node/index.js'
import type { Table } from './report.ts'

const quantile = (sorted: Float64Array, q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!

export function pause(scale: number): Table {
  const count = Math.round(1_000_000 * scale)
  const db = openSync()
  const times = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    db.set(`key:${i}`, 'value')
    if (i % 1000 === 0) db.tick()
    times[i] = (performance.now() - began) * 1000
  }
  db.close()
  times.sort()
  const micro = (us: number) => us.toFixed(1)
  return {
    head: ['inserts', 'median µs', 'p99 µs', 'p99.9 µs', 'p99.99 µs', 'longest µs'],
    rows: [
      [
        count.toLocaleString('en'),
        ...[0.5, 0.99, 0.999, 0.9999, 1].map((q) => micro(quantile(times, q))),
      ],
    ],
  }
}
