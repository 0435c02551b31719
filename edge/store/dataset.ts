// An engine whose state is kept in an object's SQLite: what wakes up as it fell asleep.
//
// `persist` runs before anything is sent of what the commands of a turn, or of a group of turns, answered. The object's
// own output gate then holds what is sent until the write is on disk, so nobody waits for it here. Where the
// write throws, the engine is ahead of what is stored: nothing may be sent any more, and the object must go.

import type { Clock } from '../../host/core/clock.ts'
import { Engine } from '../../host/core/engine.ts'
import type { EngineHost } from '../../host/core/engine-host.ts'
import { SnapshotError } from '../../host/core/errors.ts'
import { InternalSession } from '../../host/core/internal.ts'
import { replay } from '../../host/core/replay.ts'
import { Facts } from './facts.ts'
import { LogRows } from './log.ts'
import { SnapshotRows } from './snapshots.ts'
import type { Sql } from './sql.ts'

/** As whom a session acts. */
export interface Login {
  user: string
  /** The rules of a user of its own. */
  rules?: string
  /** The database that it begins in. */
  db?: number
  /** Unix time in ms; 0: for good. */
  expiresMs: number
}

export interface DatasetParts {
  module: WebAssembly.Module
  lua: WebAssembly.Module
  sql: Sql
  clock: Clock
  seed: readonly [number, number]
  host: EngineHost
  /** What the data may take, in bytes: `maxmemory`. */
  maxMemoryBytes: number
  /** Directives that are set before anything is loaded. */
  directives: Record<string, string>
  /** Lines of an ACL file: the users that are there whatever ACL SETUSER does. */
  users: readonly string[]
  /** A turn of the loop for everybody else. */
  pause: () => Promise<void>
}

/** The log is replaced by a snapshot when it is larger than this, and than the snapshot. */
const LOG_BYTES = 4 << 20

/** Pieces of a snapshot in one turn: each takes the engine a third of a millisecond. */
const PIECES_A_TURN = 8

/** The engine may take so many times `maxmemory`: for buffers, and for what lies between blocks. */
const MEMORY_FACTOR = 1.5
const SPARE_BYTES = 16 << 20

/** What happened when the object woke. */
export interface Waking {
  snapshotBytes: number
  logBytes: number
}

export class Dataset {
  readonly engine: Engine
  readonly internal: InternalSession
  readonly facts: Facts
  readonly waking: Waking
  readonly #log: LogRows
  readonly #snapshots: SnapshotRows
  readonly #pause: () => Promise<void>
  #saving: Promise<void> | undefined
  /** The size of the log at which a snapshot is taken. */
  #limit: number

  /** Loads what is stored. @throws {LogError | RdbError} it is damaged */
  constructor(parts: DatasetParts) {
    const { sql } = parts
    this.#pause = parts.pause
    this.facts = new Facts(sql)
    this.#log = new LogRows(sql)
    this.#snapshots = new SnapshotRows(sql, this.facts)
    const capBytes = parts.maxMemoryBytes * MEMORY_FACTOR + SPARE_BYTES
    this.engine = new Engine({
      module: parts.module,
      lua: () => parts.lua,
      clock: parts.clock,
      seed: parts.seed,
      host: parts.host,
      maxPages: Math.min(Math.ceil(capBytes / 65536), 65535),
    })
    this.internal = new InternalSession(this.engine)
    this.#configure({ maxmemory: String(parts.maxMemoryBytes), ...parts.directives })
    this.#configure(this.#kept)
    this.#declareUsers(parts.users)
    this.waking = { snapshotBytes: this.#snapshots.bytes, logBytes: this.#log.bytes }
    this.#load()
    this.engine.logOn(true)
    this.#limit = this.#nextLimit()
  }

  /** Bytes of the log and the snapshot that are stored. */
  get storedBytes(): { log: number; snapshot: number } {
    return { log: this.#log.bytes, snapshot: this.#snapshots.bytes }
  }

  /** Rows of the log written since the object woke. */
  get rowsWritten(): number {
    return this.#log.rowsWritten
  }

  /** Whether a snapshot is being taken. */
  get isSaving(): boolean {
    return this.#saving !== undefined
  }

  /** Writes what the engine logged; anything but a return leaves the engine ahead of what is stored. */
  persist(): void {
    const { engine } = this
    const length = engine.log()
    if (!length) return
    this.#log.append(engine.bytes.subarray(engine.address, engine.address + length))
    engine.logTaken(length)
  }

  /** Whether the log has become so large that a snapshot should replace it. */
  get wantsSnapshot(): boolean {
    return this.#log.bytes > this.#limit && !this.#saving
  }

  /**
   * Takes a snapshot while commands go on, and forgets the log before it. One that must be given up leaves all as
   * it was.
   */
  save(): Promise<void> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined
      this.#limit = this.#nextLimit()
    })
    return this.#saving
  }

  async #save(): Promise<void> {
    this.persist()
    this.#log.begin()
    const writer = this.#snapshots.begin(this.#log.next)
    try {
      let count = 0
      for (const piece of this.engine.snapshot()) {
        writer.add(piece)
        if (++count % PIECES_A_TURN === 0) await this.#pause()
      }
    } catch (error) {
      this.#snapshots.discard(writer)
      if (error instanceof SnapshotError) return
      throw error
    }
    this.#snapshots.finish(writer, this.#log)
  }

  /** A snapshot that was given up is tried again when the log has grown by as much again. */
  #nextLimit(): number {
    return Math.max(LOG_BYTES, this.#snapshots.bytes, this.#log.bytes * 2)
  }

  /** Lets a session act as a user. @throws {ReplyError} there is no such user */
  login(session: number, { user, rules, db = 0, expiresMs }: Login): void {
    const own = rules === undefined ? [] : [rules]
    this.internal.call('WADI.BECOME', session, expiresMs, db, user, ...own)
  }

  /** Users of the worker's settings come before those of the same name that were made since. */
  #declareUsers(users: readonly string[]): void {
    const names = new Set(users.map(nameOf))
    const made = (this.facts.get('users') as string[] | undefined) ?? []
    const all = [...users, ...made.filter((line) => !names.has(nameOf(line)))]
    this.internal.call('WADI.USERS', 'the settings', all.join('\n'))
  }

  /** Whether `notify-keyspace-events` has events of keys that expire. */
  get tellsExpiry(): boolean {
    const [, events] = this.internal.call('CONFIG', 'GET', 'notify-keyspace-events') as string[]
    return /[xA]/.test(events ?? '') && /[KE]/.test(events ?? '')
  }

  /** Whether any key can expire. */
  get hasVolatile(): boolean {
    return /expires=[1-9]/.test(this.internal.call('INFO', 'keyspace') as string)
  }

  /** Keeps what CONFIG SET and ACL changed since the start, for the next time. */
  keepSettings(): void {
    this.facts.set('users', this.internal.call('ACL', 'LIST'))
    const now = this.#settings()
    const changed = { ...this.#kept }
    for (const [name, value] of now) if (this.#initial.get(name) !== value) changed[name] = value
    this.facts.set('config', changed)
    this.#initial = now
  }

  #initial = new Map<string, string>()

  /** What CONFIG SET changed before this sleep. */
  get #kept(): Record<string, string> {
    return (this.facts.get('config') as Record<string, string> | undefined) ?? {}
  }

  #settings(): Map<string, string> {
    const values = this.internal.call('CONFIG', 'GET', '*') as string[]
    const pairs = new Map<string, string>()
    for (let i = 0; i < values.length; i += 2) pairs.set(values[i]!, values[i + 1]!)
    return pairs
  }

  #configure(directives: Record<string, string>): void {
    for (const pair of Object.entries(directives)) this.internal.call('CONFIG', 'SET', ...pair)
    this.#initial = this.#settings()
  }

  /** While it loads no key expires: what its commands meant was decided when they ran first. */
  #load(): void {
    this.internal.call('WADI.STATE', 'loading', 'yes')
    if (this.#snapshots.bytes) this.engine.load(this.#snapshots.read(), 0)
    replay(this.engine, this.#log.read(this.#snapshots.log))
    this.internal.call('WADI.STATE', 'loading', 'no')
  }
}

/** The name in a line of an ACL file. */
const nameOf = (line: string): string => line.split(' ', 2)[1] ?? ''
