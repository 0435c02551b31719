// Moves a store from one storage into another: where a tab needs it that cannot write where it lies.
//
//   claim both · copy all records but the manifest · the manifest · drop what is left behind
//
// Until the manifest has been written the store lies where it was; from then on it is the one that counts wherever
// there are two (find-storage.ts), and what is left behind counts for nothing.

import { StaleOwnerError, StorageError } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'
import { endLog } from './log-end.ts'
import {
  FIRST_LOG,
  LAST_SNAPSHOT,
  logName,
  MANIFEST,
  type Manifest,
  readManifest,
} from './manifest.ts'
import { NEWEST_FORMAT, RecordDamage } from './record.ts'

/** A storage that a store can be moved out of, and into. */
export interface Movable extends Storage {
  /** Becomes the one writer, with an epoch above another. */
  claim(above?: number): Promise<number>
  /** Removes what is left when all records are gone. */
  remove?(): Promise<void>
}

const ADVICE = "open it with { mode: 'worker', recover: true } first"

/** So much is copied in one commit. */
const COMMIT_BYTES = 1 << 23

/** Moves what is stored. The caller holds the store's lock. @throws {StorageError | StorageFullError | StaleOwnerError} it lies where it was */
export async function move(from: Movable, to: Movable): Promise<void> {
  const left = await from.claim()
  const [damage] = from.damages ?? []
  if (damage) throw new StorageError(`a damaged store is not moved (${damage}): ${ADVICE}`)
  const [manifest] = await from.read([MANIFEST])
  const { isMarked, nextLog } = await endLog(from, left, readLoosely(manifest), false)
  const mark = isMarked ? logName(nextLog - 1) : undefined
  const all = await from.names(FIRST_LOG, LAST_SNAPSHOT)
  const names = all.filter((name) => name !== MANIFEST && name !== mark)
  const epoch = await to.claim(left)
  // Who slept on the way here, and was robbed: another has moved it, and goes on there.
  const [there] = await to.read([MANIFEST])
  const isMoved = !manifest && there !== undefined
  if (isMoved || (await from.epoch()) !== left) throw new StaleOwnerError(left)
  await to.commit(epoch, { put: [], remove: [[FIRST_LOG, LAST_SNAPSHOT]] }, 'relaxed')
  const copy = async (put: [string, Uint8Array][]): Promise<void> => {
    if (put.length) await to.commit(epoch, { put }, 'relaxed')
  }
  let put: [string, Uint8Array][] = []
  let bytes = 0
  for (const name of names) {
    const [record] = await from.read([name])
    if (!record) continue
    put.push([name, record])
    bytes += record.length
    if (bytes < COMMIT_BYTES) continue
    await copy(put)
    put = []
    bytes = 0
  }
  await copy(put)
  if (manifest) await to.commit(epoch, { put: [[MANIFEST, manifest]] }, 'strict')
  // The mark stays: it is what keeps an owner of yesterday from adding to the log.
  const remove = [...names, MANIFEST].map((name) => [name, name] as const)
  await from.commit(left, { put: [], remove }, 'strict')
  await from.remove?.()
  from.close()
}

/** Where the log begins and in which format; of a manifest that cannot be read whoever opens the store tells. */
function readLoosely(manifest: Uint8Array | undefined): Pick<Manifest, 'format' | 'logFrom'> {
  try {
    if (manifest) return readManifest(manifest)
  } catch (error) {
    if (!(error instanceof RecordDamage)) throw error
  }
  return { format: NEWEST_FORMAT, logFrom: 0 }
}
