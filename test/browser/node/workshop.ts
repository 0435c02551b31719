// A store's parts without a browser: an engine, records in memory with faults put in, time that the test moves.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StoreEvents } from '../../../host/browser/events.ts'
import type { Codec } from '../../../host/browser/journal/record.ts'
import { Keeper } from '../../../host/browser/owner/keeper.ts'
import { MemoryRecords, MemoryStorage } from '../../../host/browser/storage/memory.ts'
import type { Changes, Durability } from '../../../host/browser/storage/storage.ts'
import type { Runtime } from '../../../host/core/runtime.ts'
import { nodeRuntime } from '../../../host/node/runtime.ts'

export const module = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, '../../../build/wadi.wasm')),
)

/** Timers that fire at once, in turn: a test never waits for the clock. */
export function quickRuntime(): Runtime {
  return {
    ...nodeRuntime(),
    later(ms, callback) {
      let isOver = false
      // What is looked after now and then is not looked after at all.
      if (ms < 100) setImmediate(() => !isOver && callback())
      return { cancel: () => (isOver = true) }
    },
  }
}

/** Records in memory that fail as they are told. */
export class FaultyStorage extends MemoryStorage {
  /** Why the next commits fail, as long as this says so. */
  fault: ((changes: Changes) => Error | undefined) | undefined
  commits = 0
  /** Commits wait for this. */
  gate: Promise<void> | undefined

  override async commit(epoch: number, changes: Changes): Promise<void> {
    await (this.gate ?? Promise.resolve())
    this.commits++
    const fault = this.fault?.(changes)
    if (fault) throw fault
    await super.commit(epoch, changes)
  }
}

export interface Opened {
  keeper: Keeper
  storage: FaultyStorage
  events: [kind: keyof StoreEvents, event: unknown][]
  isStale: () => boolean
}

export interface OpenParts {
  durability?: Durability
  recover?: boolean
  codec?: Codec
  isGated?: boolean
  isOwner?: () => boolean
}

/** Opens what is recorded, as an owner would. */
export async function openKeeper(
  records = new MemoryRecords(),
  { durability = 'strict', recover = false, codec, isGated = false, isOwner }: OpenParts = {},
  storage = new FaultyStorage(records),
): Promise<Opened> {
  const events: Opened['events'] = []
  let isStale = false
  const keeper = await Keeper.open({
    module,
    runtime: quickRuntime(),
    storage,
    durability,
    isGated,
    codec,
    recover,
    ...(isOwner && { isOwner }),
    maxMemoryBytes: undefined,
    events: { emit: (kind, event) => void events.push([kind, event]) },
    onStale: () => (isStale = true),
  })
  return { keeper, storage, events, isStale: () => isStale }
}

export { MemoryRecords }
