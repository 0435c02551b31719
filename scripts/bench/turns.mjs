// Loaded into the measured server before its program: how long each turn of the event loop takes in which the
// engine did something, and each slice of a snapshot. Those in which the system gave the core to another process
// are counted only. SIGUSR2 writes all to a file, and begins anew.

import { renameSync, writeFileSync } from 'node:fs'
import { Engine } from '../../dist/core/engine.js'

const file = process.env['BENCH_TURNS']
let slices = []
let turns = []
let interrupted = 0
let hasWorked = false

const switches = () => process.resourceUsage().involuntaryContextSwitches

for (const name of ['feed', 'feedMore', 'tick', 'snapshotRead']) {
  const plain = Engine.prototype[name]
  Engine.prototype[name] = function (...args) {
    hasWorked = true
    if (name !== 'snapshotRead') return plain.apply(this, args)
    const before = switches()
    const began = performance.now()
    const result = plain.apply(this, args)
    const took = performance.now() - began
    if (switches() === before) slices.push(took)
    else interrupted++
    return result
  }
}

// With an immediate always waiting, the loop never sleeps: from one to the next is one turn.
let last = performance.now()
let switchesBefore = switches()
function turn() {
  const now = performance.now()
  const switchesNow = switches()
  if (hasWorked && switchesNow === switchesBefore) turns.push(now - last)
  else if (hasWorked) interrupted++
  hasWorked = false
  switchesBefore = switchesNow
  last = performance.now()
  setImmediate(turn)
}
setImmediate(turn)

process.on('SIGUSR2', () => {
  writeFileSync(`${file}.new`, JSON.stringify({ slices, turns, interrupted }))
  renameSync(`${file}.new`, file)
  slices = []
  turns = []
  interrupted = 0
  last = performance.now()
})
