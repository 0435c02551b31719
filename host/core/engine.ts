// The engine as a class: one instance of the compiled module, its memory and its imports.
//
// Linear memory may grow in any call, and views of it die then. So a view is taken from `bytes` right before it is used
// and never kept over a call.

import {
  type EngineExports,
  Flag,
  type Kind,
  type Level,
  LoadOption,
  LoadState,
  WINDOW_BYTES,
} from './abi.ts'
import { concat } from './bytes.ts'
import type { Clock } from './clock.ts'
import type { TextReader } from './decode.ts'
import { bareHost, type EngineHost, type EngineOptions } from './engine-host.ts'
import { EngineCrash, NoRoomError, RdbError } from './errors.ts'
import { Scripting } from './lua/scripting.ts'
import { Double, MemoryView, Word } from './memory-view.ts'
import { type NativeText, nativeText } from './native-text.ts'
import { SnapshotPace, snapshotPieces } from './snapshot-pieces.ts'

/** Bytes of a file that are loaded at a time. */
const LOAD_BYTES = 1 << 18

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export class Engine {
  readonly memory: WebAssembly.Memory
  /** The address of the shared read window. */
  readonly window: number
  /** The largest piece that fits the window. */
  readonly windowBytes = WINDOW_BYTES

  #exports: EngineExports
  readonly #host: EngineHost
  readonly #clock: Clock
  readonly #control: number

  readonly #snapshotPace: SnapshotPace
  readonly #view: MemoryView
  #text: NativeText | undefined
  #crash?: EngineCrash
  #isHearing = false

  constructor(options: EngineOptions) {
    this.#host = options.host ?? bareHost
    this.#clock = options.clock
    this.#snapshotPace = new SnapshotPace(options.clock)
    const measure = options.measure ?? (() => options.clock.monotonicUs())
    const { run: script } = new Scripting(() => this.#exports, measure, options.lua)
    const host = { ...this.#imports(measure), script }
    const instance = new WebAssembly.Instance(options.module, { host })
    this.#exports = instance.exports as unknown as EngineExports
    this.memory = this.#exports.memory
    this.#exports.boot(options.seed[0], options.seed[1], options.maxPages ?? 0)
    this.#control = this.#exports.control() >>> 0
    this.window = this.#exports.window() >>> 0
    crypto.getRandomValues(new Uint8Array(this.memory.buffer, this.#exports.secret() >>> 0, 32))
    this.#view = new MemoryView(this.memory, this.#control)
    this.setTime()
  }

  /** All of linear memory; take it again after any call of the engine. */
  get bytes(): Uint8Array {
    return this.#view.bytes
  }

  /** The address of what `output`, `log` or `park` answered. */
  get address(): number {
    return this.#view.word(Word.address)
  }

  /** The offset at the end of the effects log. */
  get logEnd(): number {
    return this.#view.double(Double.logEnd)
  }

  /** Bytes of output that have not left yet, of all sessions. */
  get unsentBytes(): number {
    return this.#view.double(Double.unsent)
  }

  /** Bytes in use, as INFO's `used_memory`, at the end of the last call. */
  get usedBytes(): number {
    return this.#view.double(Double.used)
  }

  /** When the next wait of a session is over, Unix time in ms; 0: no session waits with an end. */
  get deadlineMs(): number {
    return this.#view.double(Double.deadline)
  }

  /** How many times CONFIG SET or ACL changed something. */
  get settingsVersion(): number {
    return this.#view.word(Word.settings)
  }

  /** The trap that ended this instance, if one did. */
  get crash(): EngineCrash | undefined {
    return this.#crash
  }

  /** Tells the engine the time, before a call that may look at it; answers the monotonic time in µs. */
  setTime(): number {
    const monotonic = this.#clock.monotonicUs()
    this.#view.setTime(monotonic, this.#clock.wallUs(monotonic))
    return monotonic
  }

  /** Whether the last tick found that nothing will be due before a command comes. */
  get isAsleep(): boolean {
    return this.#view.word(Word.asleep) === 1
  }

  /** Opens a session; 0 when there is no room. `origin` is `addr laddr fd`, or empty. */
  open(kind: Kind, origin = ''): number {
    const length = this.#writeText(this.window, WINDOW_BYTES, origin)
    this.setTime()
    return this.#guard(() => this.#exports.open(kind, this.window, length) >>> 0)
  }

  close(session: number): void {
    this.#guard(() => this.#exports.close(session))
  }

  /** Parses and executes bytes that are in linear memory; the time is set before. */
  feed(session: number, pointer: number, length: number): number {
    try {
      return this.#exports.feed(session, pointer, length)
    } catch (error) {
      throw this.#crashed(error)
    }
  }

  /**
   * Runs one command whose arguments lie in linear memory: `argv` is the address of pairs of pointer
   * and length. The time is set before. With `Flag.answered` the reply was taken: `callLength` bytes at `address`.
   */
  call(session: number, argv: number, argc: number): number {
    try {
      return this.#exports.call(session, argv, argc)
    } catch (error) {
      throw this.#crashed(error)
    }
  }

  /**
   * As `call`; a reply that is one short ASCII text, of at most `most` bytes, is answered. Else null: `callFlags` has
   * what `call` answers. Only where `nativeText` is there.
   */
  callText(session: number, argv: number, argc: number, most: number): string | null {
    try {
      return this.#text!.call(session, argv, argc, most)
    } catch (error) {
      throw this.#crashed(error)
    }
  }

  /**
   * GET of the key that lies at `key`, for a session that may have it at once; null: call it. The time is set before. Only
   * where `nativeText` is there.
   */
  glance(session: number, key: number, length: number, most: number): string | null {
    try {
      return this.#text!.get(session, key, length, most)
    } catch (error) {
      throw this.#crashed(error)
    }
  }

  /** What the last `call` answered. */
  get callFlags(): number {
    return this.#view.word(Word.callFlags)
  }

  /** Faster ways with text, made when they are first asked for; undefined where the runtime has none. */
  nativeText(read: TextReader): NativeText | undefined {
    return (this.#text ??= nativeText(this.#exports, this.#control, (pointer, length) =>
      read(this.bytes, pointer >>> 0, (pointer >>> 0) + length),
    ))
  }

  /** The length of what `call` answered, which is at `address`. */
  get callLength(): number {
    return this.#view.word(Word.callLength)
  }

  /** All of linear memory as 32-bit words; take it again after any call of the engine. */
  get words(): Uint32Array {
    return this.#view.words
  }

  /** Whether a session can be heard; only in the host's `hear`. */
  mayHear(session: number): boolean {
    return this.#guard(() => this.#exports.mayHear(session)) !== 0
  }

  /** Feeds what a session sent while a script of another one runs; it may be heard. */
  hear(session: number, bytes: Uint8Array): void {
    this.#pass(bytes, (pointer, length) => this.#exports.hear(session, pointer, length))
  }

  /** Whether others are heard in the middle of a script. */
  get isHearing(): boolean {
    return this.#isHearing
  }

  /**
   * The process is about to end, and the script that runs with it: its caller is to be closed, and nothing that it
   * wrote, nor anything after it, is in the log.
   */
  abandon(): void {
    this.#guard(() => this.#exports.abandon())
  }

  /** Copies a piece of at most `windowBytes` into the window and feeds it. */
  feedChunk(session: number, chunk: Uint8Array): number {
    this.bytes.set(chunk, this.window)
    this.setTime()
    return this.feed(session, this.window, chunk.length)
  }

  /** Goes on with what an earlier `feed` left. */
  feedMore(session: number): number {
    this.setTime()
    return this.feed(session, 0, 0)
  }

  /** The length of the next bytes that may be sent; they are at `address`. */
  output(session: number): number {
    try {
      return this.#exports.output(session) >>> 0
    } catch (error) {
      throw this.#crashed(error)
    }
  }

  sent(session: number, length: number): void {
    try {
      this.#exports.sent(session, length)
    } catch (error) {
      throw this.#crashed(error)
    }
  }

  /** Takes all output as a copy, with what the engine still had to do on that session. */
  drain(session: number, flags = 0): Uint8Array {
    const pieces: Uint8Array[] = []
    for (;;) {
      const length = this.output(session)
      if (length) {
        pieces.push(this.bytes.slice(this.address, this.address + length))
        this.sent(session, length)
      } else if (flags & Flag.more) {
        flags = this.feedMore(session)
      } else {
        return concat(pieces)
      }
    }
  }

  /** Takes the next session that has output or must be closed; 0: none. */
  ready(): number {
    return this.#guard(() => this.#exports.ready() >>> 0)
  }

  status(session: number): number {
    return this.#guard(() => this.#exports.status(session))
  }

  /** The raw RESP reply of a host command. */
  answer(session: number, reply: Uint8Array): void {
    this.#pass(reply, (pointer, length) => this.#exports.answer(session, pointer, length))
  }

  /** Background work of at most so many units; answers in how many ms to call again. */
  tick(work: number): number {
    this.setTime()
    return this.#guard(() => this.#exports.tick(work) >>> 0)
  }

  /** The length of the sealed log records at `address`. */
  log(): number {
    return this.#guard(() => this.#exports.log() >>> 0)
  }

  logTaken(length: number): void {
    this.#guard(() => this.#exports.logTaken(length))
  }

  /** Whether the effects log is written. */
  logOn(on: boolean): void {
    this.#guard(() => this.#exports.logOn(on ? 1 : 0))
  }

  /** Who writes the records of the log from now on: the host's epoch, who asked, and the number of his request. */
  writer(epoch: number, originId: number, originSequence: number): void {
    try {
      this.#exports.writer(epoch, originId, originSequence)
    } catch (error) {
      throw this.#crashed(error)
    }
  }

  /** The log is safe up to this offset. */
  release(offset: number): void {
    this.#guard(() => this.#exports.release(offset))
  }

  /** Whether replies wait for `release`. */
  gate(on: boolean): void {
    this.#guard(() => this.#exports.gate(on ? 1 : 0))
  }

  /** This is a shard of a store, which has the slots from `first` to `last`. */
  slots(first: number, last: number): void {
    this.#guard(() => this.#exports.slots(first, last))
  }

  /**
   * Begins a snapshot of the dataset as it is now, and answers the offset of the log that belongs to it;
   * undefined while the last one is not gone. With 0 the one that runs is given up.
   */
  beginSnapshot(options: number): number | undefined {
    this.setTime()
    const offset = this.#guard(() => this.#exports.snapshot(options))
    return offset < 0 ? undefined : offset
  }

  /** Does some work on the snapshot; the length of its next bytes, at `address`. */
  snapshotRead(work: number): number {
    return this.#guard(() => this.#exports.snapshotRead(work) >>> 0)
  }

  snapshotTaken(length: number): void {
    this.#guard(() => this.#exports.snapshotTaken(length))
  }

  /** How the snapshot stands, after `snapshotRead` and `snapshotTaken`. */
  get snapshotState(): number {
    return this.#view.word(Word.snapshotState)
  }

  /**
   * The dataset as it is now, as an RDB file or as commands, in pieces; commands may run between them. Each piece takes about
   * a third of a millisecond, and may be empty; it is a copy.
   *
   * @throws {SnapshotError} another snapshot runs, or this one was given up for lack of room
   */
  snapshot(options = 0): Generator<Uint8Array, void> {
    return snapshotPieces(this, this.#snapshotPace, options)
  }

  /** Begins to load an RDB file: `loadPiece` follows until it says that it is done, then `endLoad`. */
  beginLoad(options: number): void {
    this.setTime()
    this.#guard(() => this.#exports.loadBegin(options))
  }

  /** Reads the next bytes of the file; a `LoadState`. */
  loadPiece(piece: Uint8Array): number {
    let state: number = LoadState.running
    for (let at = 0; at < piece.length && state === LoadState.running; at += LOAD_BYTES) {
      const part = piece.subarray(at, at + LOAD_BYTES)
      state = this.#pass(part, (pointer, length) => this.#exports.load(pointer, length))
    }
    return state
  }

  /** Bytes of the file that were read. */
  get loadedBytes(): number {
    return this.#view.double(Double.loaded)
  }

  /** Ends the load. @throws {RdbError} the file is not whole, or not right */
  endLoad(): void {
    const length = this.#guard(() => this.#exports.loadEnd() >>> 0)
    if (!length) return
    const reason = decoder.decode(this.bytes.subarray(this.address, this.address + length))
    throw new RdbError(reason, this.loadedBytes)
  }

  /**
   * Adds what an RDB file holds to the dataset.
   *
   * @throws {RdbError} the file is not whole, or not right; the keys before that place are loaded
   */
  load(pieces: Iterable<Uint8Array>, options: number = LoadOption.dropsExpired): void {
    this.beginLoad(options)
    for (const piece of pieces) if (this.loadPiece(piece) !== LoadState.running) break
    this.endLoad()
  }

  /** Changes since the last save. */
  changes(): number {
    return this.#guard(() => this.#exports.changes())
  }

  /** So many of them are saved. */
  changesSaved(count: number): void {
    this.#guard(() => this.#exports.changesSaved(count))
  }

  /** A session as bytes; it is gone afterwards. */
  park(session: number): Uint8Array {
    const length = this.#guard(() => this.#exports.park(session) >>> 0)
    return this.bytes.slice(this.address, this.address + length)
  }

  /** Brings a parked session back; 0 when there is no room. */
  unpark(bytes: Uint8Array): number {
    return this.#pass(bytes, (pointer, length) => this.#exports.unpark(pointer, length) >>> 0)
  }

  /**
   * Memory for bytes larger than the window; free it with `unbuffer`.
   *
   * @throws {NoRoomError}
   */
  buffer(length: number): number {
    const pointer = this.#guard(() => this.#exports.buffer(length) >>> 0)
    if (!pointer) throw new NoRoomError(`no room for a buffer of ${length} bytes`)
    return pointer
  }

  unbuffer(pointer: number): void {
    this.#guard(() => this.#exports.unbuffer(pointer))
  }

  /** Whether the host command that runs may be answered later. */
  get mayAnswerLater(): boolean {
    return this.#view.word(Word.mayWait) !== 0
  }

  /** The database of the host command that runs. */
  get callDatabase(): number {
    return this.#view.word(Word.callDatabase)
  }

  /** A copy of the arguments of the command that runs. */
  arguments(): Uint8Array[] {
    const argc = this.#view.word(Word.argc)
    const argv = new DataView(this.memory.buffer, this.#view.word(Word.argv), argc * 8)
    return Array.from({ length: argc }, (_, i) => {
      const pointer = argv.getUint32(i * 8, true)
      return this.bytes.slice(pointer, pointer + argv.getUint32(i * 8 + 4, true))
    })
  }

  #imports(measure: () => number): Record<string, (...args: number[]) => number | void> {
    const text = (pointer: number, length: number) =>
      decoder.decode(this.bytes.subarray(pointer >>> 0, (pointer >>> 0) + (length >>> 0)))
    return {
      clock: measure,
      log: (level, pointer, length) => this.#host.log(level as Level, text(pointer, length)),
      command: (session, number) => this.#host.command(session >>> 0, number),
      configure: (name, nameLength, value, valueLength) => {
        const directive = text(name, nameLength)
        const reason = value
          ? this.#host.configure(directive, text(value, valueLength))
          : this.#host.apply?.(directive)
        if (reason === undefined) return 0
        this.#append(reason)
        return 1
      },
      info: (section) => this.#append(this.#host.info(section)),
      hear: () => this.#hear(),
      abort: (code, pointer, length) => {
        const message = new TextDecoder('utf-16le').decode(
          this.bytes.subarray(pointer >>> 0, (pointer >>> 0) + (length >>> 0)),
        )
        throw new Error(`aborted at ${code}: ${message}`)
      },
    }
  }

  #hear(): number {
    if (!this.#host.hear) return 0
    this.#isHearing = true
    try {
      return this.#host.hear() ? 1 : 0
    } finally {
      this.#isHearing = false
    }
  }

  /** Text for the engine inside an import; without room for it the text is left out. */
  #append(text: string): void {
    if (!text) return
    try {
      this.#pass(encoder.encode(text), (pointer, length) => this.#exports.append(pointer, length))
    } catch (error) {
      if (!(error instanceof NoRoomError)) throw error
    }
  }

  /** Hands bytes over in a buffer of their own: the window belongs to the running feed. */
  #pass<T>(bytes: Uint8Array, call: (pointer: number, length: number) => T): T {
    const pointer = this.buffer(bytes.length)
    this.bytes.set(bytes, pointer)
    const result = this.#guard(() => call(pointer, bytes.length))
    this.unbuffer(pointer)
    return result
  }

  #writeText(pointer: number, room: number, text: string): number {
    if (!text) return 0
    return encoder.encodeInto(text, this.bytes.subarray(pointer, pointer + room)).written
  }

  #guard<T>(call: () => T): T {
    try {
      return call()
    } catch (error) {
      throw this.#crashed(error)
    }
  }

  /** From the first trap on, every export throws what happened. */
  #crashed(error: unknown): EngineCrash {
    if (this.#crash) return this.#crash
    const message = error instanceof Error ? error.message : String(error)
    const crash = new EngineCrash(`the engine crashed: ${message}`, this.#runningCommand(), error)
    const fails = { get: () => () => fail(crash) }
    this.#exports = new Proxy(this.#exports, fails)
    if (this.#text) this.#text = new Proxy(this.#text, fails)
    return (this.#crash = crash)
  }

  /** The command that runs, for a report: memory that is not trusted any more is read with care. */
  #runningCommand(): string[] {
    try {
      this.#exports.running()
      return this.arguments()
        .slice(0, 8)
        .map((arg) => decoder.decode(arg.subarray(0, 64)))
    } catch {
      return []
    }
  }
}

function fail(error: Error): never {
  throw error
}
