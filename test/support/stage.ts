/** An engine with several sessions, and a clock that moves only when a test says so. */
import { Flag, Kind, WINDOW_BYTES } from '../../host/core/abi.ts'
import type { Engine } from '../../host/core/engine.ts'
import { parseLine } from './command-line.ts'
import { newEngine } from './engine.ts'
import { encode, frameEnd, readable, Reply, type Command } from './frames.ts'

const START_MS = 1_800_000_000_000
/** Before the commands of a record of the effects log. */
const RECORD_HEADER = 64

export class Stage {
  nowMs = START_MS
  readonly engine: Engine
  /** What each session has received and nobody has looked at. */
  readonly sessions = new Map<number, Buffer>()

  constructor(maxPages = 4096) {
    this.engine = newEngine(maxPages, {
      monotonicUs: () => (this.nowMs - START_MS) * 1000,
      wallUs: () => this.nowMs * 1000,
    })
    this.engine.tick(100)
  }

  open(kind: Kind = Kind.client): number {
    const session = this.engine.open(kind)
    this.sessions.set(session, Buffer.alloc(0))
    return session
  }

  close(session: number): void {
    if (this.sessions.delete(session)) this.engine.close(session)
  }

  /** Sends a command, given as a line or as arguments; answers the flags. */
  send(session: number, command: string | Command): number {
    const bytes = encode(typeof command === 'string' ? parseLine(command) : command)
    return this.feed(session, bytes)
  }

  /** Feeds bytes, a window at a time, until the session is to be closed. */
  feed(session: number, bytes: Buffer): number {
    let flags = 0
    for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
      flags = this.engine.feedChunk(session, bytes.subarray(at, at + WINDOW_BYTES))
      this.#collect(session, flags)
      this.#settle()
      if (flags & (Flag.closeAfter | Flag.closeNow)) break
    }
    return flags
  }

  /** Whether the session is to be closed once its output is sent. */
  isClosing(session: number): boolean {
    return (this.engine.status(session) & (Flag.closeAfter | Flag.closeNow)) !== 0
  }

  /** Sends a command and answers the reply, which comes at once. */
  ask(session: number, command: string | Command): Reply {
    this.send(session, command)
    const [reply] = this.replies(session)
    if (!reply) throw new Error(`No reply to ${command.toString()}`)
    return reply
  }

  /** What a session has received since it was last asked. */
  replies(session: number): Reply[] {
    const bytes = this.takeBytes(session)
    return frames(bytes, 0, bytes.length)
  }

  /** The same as the bytes that they are. */
  takeBytes(session: number): Buffer {
    const bytes = this.sessions.get(session)!
    this.sessions.set(session, Buffer.alloc(0))
    return bytes
  }

  /** The same as texts. */
  received(session: number): string[] {
    return this.replies(session).map((reply) =>
      reply.isAggregate ? reply.items.map((item) => item.text).join(' ') : readable(reply.bytes),
    )
  }

  /** Lets time pass, as a host does: it calls when it was told to, or sooner. */
  pass(ms: number): number {
    this.nowMs += ms
    const next = this.engine.tick(100)
    this.#settle()
    return next
  }

  /** The commands of the effects log since the last call. */
  effects(): Reply[] {
    const length = this.engine.log()
    const bytes = Buffer.from(
      this.engine.bytes.slice(this.engine.address, this.engine.address + length),
    )
    this.engine.logTaken(length)
    const commands: Reply[] = []
    for (let at = 0; at < bytes.length;) {
      const from = at + RECORD_HEADER
      at = from + bytes.readUInt32LE(at + 4)
      commands.push(...frames(bytes, from, at))
    }
    return commands
  }

  /** The same as texts. */
  logged(): string[] {
    return this.effects().map(({ items }) => items.map((item) => item.text).join(' '))
  }

  #collect(session: number, flags: number): void {
    const output = this.engine.drain(session, flags)
    this.sessions.set(session, Buffer.concat([this.sessions.get(session)!, output]))
  }

  /** Takes what became ready on other sessions, and lets them go on. */
  #settle(): void {
    for (let session = this.engine.ready(); session; session = this.engine.ready()) {
      this.#collect(session, this.engine.status(session))
    }
  }
}

function frames(bytes: Buffer, from: number, end: number): Reply[] {
  const replies: Reply[] = []
  for (let at = from; at < end;) {
    const next = frameEnd(bytes, at, end)
    replies.push(new Reply(bytes.subarray(at, next)))
    at = next
  }
  return replies
}
