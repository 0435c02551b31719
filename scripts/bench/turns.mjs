// Loaded into the measured server before its program: how long each turn of the event loop takes in which the
// engine did something, and each slice of a snapshot. SIGUSR2 writes both to a file, and begins anew.

import { renameSync, writeFileSync } from 'node:fs'
import { Engine } from '../../dist/core/engine.js'

const file = process.env['BENCH_TURNS']
let slices = []
let turns = []
let hasWorked = false

for (const name of ['feed', 'feedMore', 'tick', 'snapshotRead']) {
  const plain = Engine.prototype[name]
  Engine.prototype[name] = function (...args) {
    hasWorked = true
    if (name !== 'snapshotRead') return plain.apply(this, args)
    const began = performance.now()
    const result = plain.apply(this, args)
    slices.push(performance.now() - began)
    return result
  }
}

// With an immediate always waiting, the loop never sleeps: from one to the next is one turn.
let last = performance.now()
function turn() {
  const now = performance.now()
  if (hasWorked) turns.push(now - last)
  hasWorked = false
  last = performance.now()
  setImmediate(turn)
}
setImmediate(turn)

process.on('SIGUSR2', () => {
  writeFileSync(`${file}.new`, JSON.stringify({ slices, turns }))
  renameSync(`${file}.new`, file)
  slices = []
  turns = []
  last = performance.now()
})
