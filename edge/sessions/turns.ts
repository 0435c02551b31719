// A turn: commands run, what they changed is stored, what they answered is sent, in this order.
//
// Turns that come close together share a commit, and a socket's answers a frame: see `group.ts`. While something is not
// stored nothing leaves for anybody, so that no answer shows what could still be lost. A turn that has more to do than to
// answer (it waits, it closes, its output is long) ends the group.

import { Flag } from '../../host/core/abi.ts'
import { concat } from '../../host/core/bytes.ts'
import type { Dataset } from '../store/dataset.ts'
import { Group } from './group.ts'
import type { Outlet } from './outlet.ts'

export interface Timers {
  nowMs(): number
  /** Calls `wake` after so many ms, as long as the object is awake; it stays awake for it. */
  after(ms: number, wake: () => void): { cancel(): void }
  /** Calls `wake` once all that has arrived by now was handed over; the object stays awake for it. */
  soon(wake: () => void): void
  /** Wakes the object at this time even if it sleeps; undefined: no more. */
  alarmAt(ms: number | undefined): void
}

/** Background work of one tick, in the engine's units. */
const TICK_WORK = 2000
/** An engine that is fed is looked after so often. */
const TICK_MS = 100
/** Where expiry is told of, expired keys are looked for so often. */
const LOOK_MS = 1000
/** A turn with no other flags than these may wait for its group. */
const PATIENT = Flag.output | Flag.ready | Flag.log
/** Of answers that wait, so many bytes stay in the engine. */
const MOST_IN_ENGINE = 256 << 10
/** A wait that ends sooner than this keeps the object awake; a longer one is for the alarm. */
const SHORT_WAIT_MS = 10_000

/** What waits for the group. */
interface Held {
  /** What `feed` said of the session last. */
  flags: number
  /** Answers that the engine had no room to keep, before those that it has. */
  pieces: Uint8Array[]
}

export class Turns {
  readonly #data: Dataset
  readonly #timers: Timers
  readonly #outlets = new Map<number, Outlet>()
  readonly #group: Group
  /** Sessions whose answers wait for the group to be stored. */
  readonly #held = new Map<number, Held>()
  /** Bytes of answers that wait outside the engine. */
  #takenBytes = 0
  readonly #failed: (error: unknown) => void
  #ticked = 0
  #isOver = false
  #isTogether = false
  #timer: { cancel(): void; atMs: number } | undefined
  #alarmMs: number | undefined
  #settings: number
  #tellsExpiry: boolean

  /** @param failed a turn threw: the engine is ahead of what is stored, or broken. It was the last one. */
  constructor(data: Dataset, timers: Timers, failed: (error: unknown) => void) {
    this.#data = data
    this.#timers = timers
    this.#failed = failed
    this.#settings = data.engine.settingsVersion
    this.#tellsExpiry = data.tellsExpiry
    this.#group = new Group(
      (wake) => timers.soon(wake),
      () => this.settle(),
    )
  }

  attach(session: number, outlet: Outlet): void {
    this.#outlets.set(session, outlet)
  }

  get sessions(): number {
    return this.#outlets.size
  }

  /** Feeds what a session received, of any size. */
  feed(session: number, bytes: Uint8Array): void {
    this.#guarded(() => {
      this.#tickIfDue()
      const { engine } = this.#data
      let flags = 0
      for (let at = 0; at < bytes.length && this.#outlets.has(session); at += engine.windowBytes) {
        flags = engine.feedChunk(session, bytes.subarray(at, at + engine.windowBytes))
        flags = this.#goOn(session, flags)
      }
      if (this.#outlets.has(session)) this.#hold(session, flags)
      if (!this.#mayWait(session, flags)) this.#settle()
    })
  }

  /** Turns that came in one call are one turn: what they changed is stored once. */
  together(work: () => void): void {
    this.#guarded(() => {
      this.#isTogether = true
      try {
        work()
      } finally {
        this.#isTogether = false
      }
      const unstored = this.#data.engine.log()
      if (!unstored || !this.#group.takes(unstored, this.#waitingBytes)) this.#settle()
    })
  }

  /** The other end is gone. */
  close(session: number): void {
    if (!this.#outlets.delete(session)) return
    this.#guarded(() => {
      this.#held.delete(session)
      this.#data.engine.close(session)
      if (!this.#held.size) this.#settle()
    })
  }

  /** A turn of something else: a session that came back, a command of the host. It ends the group. */
  run(work: () => void): void {
    this.#guarded(() => {
      this.#tickIfDue()
      work()
      this.#settle()
    })
  }

  /** Ends the group: all is stored and sent. */
  settle(): void {
    this.run(() => undefined)
  }

  /** Time has passed. */
  tick(): void {
    this.run(() => this.#tick())
  }

  /** The alarm that was asked for has come. */
  alarm(): void {
    this.#alarmMs = undefined
    this.tick()
  }

  #guarded(work: () => void): void {
    if (this.#isOver) return
    try {
      work()
    } catch (error) {
      this.#fail(error)
      throw error
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failed(error)
  }

  /** Before commands run, since a session's login may be over by now. */
  #tickIfDue(): void {
    if (this.#timers.nowMs() - this.#ticked >= TICK_MS) this.#tick()
  }

  /** Whether a turn that ended so may wait for others; where that gains nothing, it waits only behind those that do. */
  #mayWait(session: number, flags: number): boolean {
    if (flags & ~PATIENT) return false
    const { engine } = this.#data
    const unstored = engine.log()
    if (this.#isTogether) return this.#group.hasRoom(unstored, this.#waitingBytes)
    const gains = unstored > 0 || this.#outlets.get(session)?.gathers === true
    return (gains || this.#held.size > 1) && this.#group.takes(unstored, this.#waitingBytes)
  }

  #hold(session: number, flags: number): void {
    const held = this.#held.get(session)
    if (held) held.flags = flags
    else this.#held.set(session, { flags, pieces: [] })
    // Turns of one call have a session each.
    const most = this.#isTogether ? 0 : MOST_IN_ENGINE
    if (this.#data.engine.unsentBytes > most) this.#takeOut()
  }

  /** Answers that wait take no memory from the data: the engine has 64 KB or more for each session with any. */
  #takeOut(): void {
    for (const [session, held] of this.#held) {
      if (!(held.flags & Flag.output)) continue
      const bytes = this.#data.engine.drain(session)
      held.pieces.push(bytes)
      held.flags &= ~Flag.output
      this.#takenBytes += bytes.length
    }
  }

  /** Of all answers that wait. */
  get #waitingBytes(): number {
    return this.#data.engine.unsentBytes + this.#takenBytes
  }

  /** Stores what is not stored yet, and sends what waited for it. */
  #settle(): void {
    this.#data.persist()
    this.#keepSettings()
    for (const [session, { flags }] of this.#held) this.#finish(session, flags, true)
    this.#held.clear()
    this.#takenBytes = 0
    this.#deliverReady()
    this.#arm()
    if (this.#data.wantsSnapshot) this.#data.save().catch((error) => this.#fail(error))
  }

  /** Keeps what CONFIG SET and ACL changed. */
  #keepSettings(): void {
    const { settingsVersion } = this.#data.engine
    if (settingsVersion === this.#settings) return
    this.#settings = settingsVersion
    this.#data.keepSettings()
    this.#tellsExpiry = this.#data.tellsExpiry
  }

  /** The engine pauses where much output waits: what there is leaves, and it goes on. */
  #goOn(session: number, flags: number): number {
    while (flags & Flag.more && this.#outlets.has(session)) {
      this.#finish(session, flags & ~Flag.more, false)
      if (!this.#outlets.has(session)) return 0
      flags = this.#data.engine.feedMore(session)
    }
    return flags
  }

  /** Stores, then sends; `isAll`: the engine has no more to do for this session now. */
  #finish(session: number, flags: number, isAll: boolean): void {
    this.#data.persist()
    const outlet = this.#outlets.get(session)
    if (!outlet) return
    if (flags & Flag.timer) this.#wakeIn(0)
    this.#send(session, outlet, flags)
    if (flags & (Flag.closeAfter | Flag.closeNow)) {
      this.#outlets.delete(session)
      this.#held.delete(session)
      this.#data.engine.close(session)
      outlet.close((flags & Flag.closeNow) !== 0)
    } else if (isAll) {
      outlet.settled?.((flags & Flag.blocked) !== 0)
    }
  }

  #send(session: number, outlet: Outlet, flags: number): void {
    if (flags & Flag.closeNow) return
    const pieces = this.#held.get(session)?.pieces.splice(0) ?? []
    if (flags & Flag.output) pieces.push(this.#data.engine.drain(session))
    const bytes = concat(pieces)
    if (bytes.length) outlet.send(bytes)
  }

  /** Sends what the doing of others left for a session. */
  #deliverReady(): void {
    const { engine } = this.#data
    for (let session = engine.ready(); session; session = engine.ready()) {
      const flags = this.#goOn(session, engine.status(session))
      this.#finish(session, flags, true)
    }
  }

  #tick(): void {
    const nextMs = this.#data.engine.tick(TICK_WORK)
    this.#data.persist()
    this.#deliverReady()
    this.#ticked = this.#timers.nowMs()
    if (nextMs < TICK_MS) this.#wakeIn(nextMs)
  }

  /** Sees to it that the next wait ends in time. */
  #arm(): void {
    const { deadlineMs } = this.#data.engine
    const leftMs = deadlineMs - this.#timers.nowMs()
    if (deadlineMs && leftMs <= SHORT_WAIT_MS) this.#wakeIn(Math.max(leftMs, 0))
    const longMs = deadlineMs && leftMs > SHORT_WAIT_MS ? deadlineMs : undefined
    const alarmMs = this.#tellsExpiry && this.#data.hasVolatile ? this.#nextLookMs(longMs) : longMs
    if (alarmMs === this.#alarmMs) return
    this.#alarmMs = alarmMs
    this.#timers.alarmAt(alarmMs)
  }

  /** Keys that expire are looked for by alarms, so that their events come in time: an alarm stays until it came. */
  #nextLookMs(longMs: number | undefined): number {
    const nowMs = this.#timers.nowMs()
    const lookMs = this.#alarmMs && this.#alarmMs > nowMs ? this.#alarmMs : nowMs + LOOK_MS
    return Math.min(lookMs, nowMs + LOOK_MS, longMs ?? Infinity)
  }

  #wakeIn(ms: number): void {
    const atMs = this.#timers.nowMs() + ms
    if (this.#timer && this.#timer.atMs <= atMs) return
    this.#timer?.cancel()
    const timer = this.#timers.after(ms, () => {
      this.#timer = undefined
      this.tick()
    })
    this.#timer = { cancel: () => timer.cancel(), atMs }
  }
}
