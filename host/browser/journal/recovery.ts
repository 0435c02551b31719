// Opens what is stored: claims the storage, loads the snapshot, and runs the log behind it.
//
// A record that is damaged ends its file: the keys of a snapshot that come before it are there, and the log goes on
// with the next record that begins a batch. Whether that will do is for the caller to say.

import { Kind, LoadState } from '../../core/abi.ts'
import { concat } from '../../core/bytes.ts'
import { encodeCommand } from '../../core/encode.ts'
import type { Engine } from '../../core/engine.ts'
import { RdbError } from '../../core/errors.ts'
import { StaleOwnerError, StorageError, StoreDamagedError } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'
import { type Batch, BatchDamage, BatchReader } from './batches.ts'
import { endLog } from './log-end.ts'
import {
  FIRST_SNAPSHOT,
  LAST_LOG,
  LAST_SNAPSHOT,
  logName,
  logNumber,
  MANIFEST,
  type Manifest,
  readManifest,
  snapshotName,
  snapshotOf,
  snapshotRange,
  writeManifest,
} from './manifest.ts'
import { Origins } from './origins.ts'
import { type Codec, NEWEST_FORMAT, readRecord, RecordDamage } from './record.ts'

export interface Recovery {
  epoch: number
  manifest: Manifest
  nextLog: number
  logBytes: number
  logRecords: number
  origins: Origins
  /** What was damaged, and left out. */
  damages: Damage[]
}

export interface Damage {
  record: string
  reason: string
}

export interface RecoveryParts {
  engine: Engine
  storage: Storage
  codec: Codec | undefined
  /** Runs a command of the host on the engine. */
  tell: (...args: string[]) => void
  /** Opens with what could be saved, instead of failing. */
  recover: boolean
  isOwner: () => boolean
}

/** Records that are read at a time. */
const READ_AHEAD = 64

/** @throws {StoreDamagedError | StoreVersionError | StorageError} */
export async function recover(parts: RecoveryParts): Promise<Recovery> {
  return new Opening(parts).open()
}

class Opening {
  readonly #parts: RecoveryParts
  readonly #damages: Damage[] = []
  readonly #origins = new Origins()
  #epoch = 0
  /** There was nothing: so nobody wrote. */
  #isNew = false
  #logBytes = 0
  /** Commands of the log that have not run. */
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0

  constructor(parts: RecoveryParts) {
    this.#parts = parts
  }

  async open(): Promise<Recovery> {
    const { engine, storage, tell, isOwner } = this.#parts
    this.#epoch = await storage.claim()
    // One that slept since it looked where the store lies was robbed, and the store moved: here it would begin a new one.
    if (!isOwner()) throw new StaleOwnerError(this.#epoch)
    for (const reason of storage.damages ?? []) this.#damages.push({ record: 'of a file', reason })
    const manifest = await this.#manifest()
    for (const [origin, sequence] of manifest.origins) this.#origins.note(origin, sequence)
    tell('WADI.STATE', 'loading', 'yes')
    try {
      const ending = endLog(storage, this.#epoch, manifest, this.#isNew)
      ending.catch(() => undefined)
      if (manifest.snapshot) await this.#loadSnapshot(manifest.snapshot)
      const { names, nextLog } = await ending
      await this.#runLog(names)
      tell('WADI.STATE', 'loading', 'no')
      this.#judge()
      return {
        epoch: this.#epoch,
        manifest,
        nextLog,
        logBytes: this.#logBytes,
        logRecords: names.length,
        origins: this.#origins,
        damages: this.#damages,
      }
    } finally {
      if (!engine.crash) tell('WADI.STATE', 'loading', 'no')
    }
  }

  #judge(): void {
    const [damage] = this.#damages
    if (!damage || this.#parts.recover) return
    const saved = concat([...this.#parts.engine.snapshot()])
    throw new StoreDamagedError(damage.record, damage.reason, saved)
  }

  // ── the manifest ───────────────────────────────────────────────────────────────────────────

  async #manifest(): Promise<Manifest> {
    const { storage, codec } = this.#parts
    const [bytes] = await storage.read([MANIFEST])
    const codecName = codec?.name ?? ''
    let manifest: Manifest
    try {
      manifest = bytes ? readManifest(bytes) : await this.#found(codecName)
    } catch (error) {
      if (!(error instanceof RecordDamage)) throw error
      this.#damages.push({ record: MANIFEST, reason: error.message })
      manifest = await this.#found(codecName)
    }
    if (manifest.codec !== codecName)
      throw new StorageError(
        manifest.codec
          ? `the store was written with the codec ${manifest.codec}: open it with that codec`
          : `the store was written without a codec: open it without one, export it, and import that`,
      )
    this.#isNew = bytes === undefined
    await this.#tidy(manifest)
    return manifest
  }

  /** The manifest that fits what is stored; that of an empty store where nothing is. */
  async #found(codec: string): Promise<Manifest> {
    const { storage } = this.#parts
    const names = await storage.names(FIRST_SNAPSHOT, LAST_SNAPSHOT)
    const [log] = await storage.names(logName(0), LAST_LOG)
    // The older of two snapshots is the complete one: it is dropped only with the switch to the other.
    const id = names[0] === undefined ? undefined : snapshotOf(names[0])
    const records = names.filter((name) => snapshotOf(name) === id).length
    return {
      format: NEWEST_FORMAT,
      snapshot: id === undefined ? undefined : { id, records, bytes: 0 },
      logFrom: log === undefined ? 0 : logNumber(log),
      codec,
      origins: [],
    }
  }

  /** Drops what an owner left that did not finish its snapshot, and writes the manifest of a new store. */
  async #tidy(manifest: Manifest): Promise<void> {
    const { storage } = this.#parts
    const isNew = this.#isNew
    const ids = new Set((await storage.names(FIRST_SNAPSHOT, LAST_SNAPSHOT)).map(snapshotOf))
    if (manifest.snapshot) ids.delete(manifest.snapshot.id)
    if (!isNew && ids.size === 0) return
    const put = isNew ? [[MANIFEST, writeManifest(manifest, this.#epoch)] as const] : []
    const remove = [...ids].map(snapshotRange)
    await storage.commit(this.#epoch, { put, remove }, 'relaxed')
  }

  // ── records ────────────────────────────────────────────────────────────────────────────────

  /** The payloads of records in their order, the next ones being read meanwhile; undefined for a damaged one. */
  async *#payloads(
    names: readonly string[],
  ): AsyncGenerator<{ name: string; epoch: number; payload: Uint8Array | undefined }, void> {
    const { storage } = this.#parts
    const read = (at: number) => storage.read(names.slice(at, at + READ_AHEAD))
    let next = names.length ? read(0) : undefined
    for (let at = 0; next; at += READ_AHEAD) {
      const group = await next
      next = at + READ_AHEAD < names.length ? read(at + READ_AHEAD) : undefined
      for (const [i, bytes] of group.entries()) {
        const name = names[at + i]!
        try {
          if (!bytes) throw new RecordDamage('it is missing')
          const { epoch, payload, plainLength } = readRecord(bytes)
          yield { name, epoch, payload: await this.#decode(payload, plainLength) }
        } catch (error) {
          if (!(error instanceof RecordDamage)) throw error
          this.#damages.push({ record: name, reason: error.message })
          yield { name, epoch: 0, payload: undefined }
        }
      }
    }
  }

  async #decode(payload: Uint8Array, plainLength: number): Promise<Uint8Array> {
    const { codec } = this.#parts
    const isMark = payload.length === 0 && plainLength === 0
    if (!codec || isMark) return payload
    let plain: Uint8Array
    try {
      plain = await codec.decode(payload)
    } catch (error) {
      throw new RecordDamage(
        `the codec ${codec.name} refuses it (${error as Error}), perhaps since its key is another`,
      )
    }
    if (plain.length !== plainLength) throw new RecordDamage('it has another length')
    return plain
  }

  // ── the snapshot and the log ───────────────────────────────────────────────────────────────

  async #loadSnapshot({ id, records }: { id: number; records: number }): Promise<void> {
    const { engine } = this.#parts
    const names = Array.from({ length: records }, (_, i) => snapshotName(id, i))
    engine.beginLoad(0)
    let record = names[0] ?? ''
    try {
      for await (const { name, payload } of this.#payloads(names)) {
        record = name
        if (!payload || engine.loadPiece(payload) !== LoadState.running) break
      }
      engine.endLoad()
    } catch (error) {
      if (!(error instanceof RdbError)) throw error
      if (this.#damages.length === 0) this.#damages.push({ record, reason: error.message })
    }
  }

  async #runLog(names: readonly string[]): Promise<void> {
    const { engine } = this.#parts
    const reader = new BatchReader()
    const session = engine.open(Kind.loader)
    let epoch = 0
    let isLost = false
    let needsDb = false
    for await (const record of this.#payloads(names)) {
      // Another owner began its own batch, whatever the one before left half.
      if (record.epoch !== epoch) {
        reader.drop()
        needsDb = true
      }
      epoch = record.epoch
      if (!record.payload) {
        reader.drop()
        isLost = true
        continue
      }
      this.#logBytes += record.payload.length
      try {
        for (const batch of reader.read(record.payload)) {
          this.#runBatch(session, batch, needsDb || isLost)
          needsDb = isLost = false
        }
      } catch (error) {
        if (!(error instanceof BatchDamage)) throw error
        // Behind a damaged record stands the rest of its batch.
        if (!isLost) this.#damages.push({ record: record.name, reason: error.message })
        reader.drop()
      }
    }
    this.#run(session)
    engine.close(session)
  }

  #runBatch(session: number, batch: Batch, needsDb: boolean): void {
    this.#origins.note(batch.originId, batch.originSequence)
    if (needsDb && batch.db !== undefined) this.#feed(session, encodeCommand(['SELECT', batch.db]))
    this.#feed(session, batch.commands)
  }

  /** Batches of a command or two are run together: each call of the engine has its price. */
  #feed(session: number, commands: Uint8Array): void {
    const { windowBytes } = this.#parts.engine
    if (this.#gatheredBytes + commands.length > windowBytes) this.#run(session)
    this.#gathered.push(commands)
    this.#gatheredBytes += commands.length
  }

  #run(session: number): void {
    const { engine } = this.#parts
    const { windowBytes } = engine
    const commands = concat(this.#gathered)
    this.#gathered = []
    this.#gatheredBytes = 0
    for (let at = 0; at < commands.length; at += windowBytes) {
      const flags = engine.feedChunk(session, commands.subarray(at, at + windowBytes))
      engine.drain(session, flags)
    }
  }
}
