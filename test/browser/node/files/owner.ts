// An owner in a thread of its own, which is held before one of its operations until it is let go on, or dies there.

import { parentPort } from 'node:worker_threads'
import { StaleOwnerError } from '../../../../host/browser/errors.ts'
import { OpfsStorage } from '../../../../host/browser/storage/opfs.ts'
import { Disk, setBrowser } from './disk.ts'

/** What the two threads share: numbers. */
export const At = { held: 0, dead: 1, acknowledged: 2 } as const

export interface Task {
  root: string
  store: string
  isShared: boolean
  renames: boolean
  /** The operation before which it is held, counted from 1. */
  heldAt: number
  /** How often it adds one to its counter. */
  writes: number
  wasteBytes: number
  shared: Int32Array<SharedArrayBuffer>
}

/** What it says: where it is held, and how it ended. */
export type Word = ['held', what: string] | ['ended', how: string]

export const counterOf = (bytes: Uint8Array | undefined): number =>
  bytes ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0

function counter(n: number): Uint8Array {
  const bytes = new Uint8Array(500)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}

async function run(task: Task): Promise<void> {
  const { shared } = task
  const say = (word: Word): void => parentPort?.postMessage(word)
  let steps = 0
  setBrowser(task)
  const disk = new Disk(task.root, 'first', (what) => {
    if (++steps === task.heldAt) {
      Atomics.store(shared, At.held, 1)
      say(['held', what])
      Atomics.wait(shared, At.held, 1)
    }
    if (Atomics.load(shared, At.dead)) throw new Error('dead')
  })
  const storage = new OpfsStorage(task.store, disk, task.wasteBytes)
  let how = 'done'
  try {
    const epoch = await storage.claim()
    const [found] = await storage.read(['counter'])
    for (let n = counterOf(found) + 1; n <= task.writes; n++) {
      await storage.commit(epoch, { put: [['counter', counter(n)]] }, 'strict')
      Atomics.store(shared, At.acknowledged, n)
      // What goes on beside commits gets its turns.
      await new Promise((resolve) => setTimeout(resolve))
    }
  } catch (error) {
    how = error instanceof StaleOwnerError ? 'stale' : String((error as Error).stack)
  }
  storage.close()
  say(['ended', how])
}

parentPort?.on('message', (task: Task) => void run(task))
