/** An engine in this process whose time is ours, with connections that speak in words. */
import { Flag, Kind, WINDOW_BYTES } from '../../host/core/abi.ts'
import { Engine } from '../../host/core/engine.ts'
import { bareHost, type EngineHost } from '../../host/core/engine-host.ts'
import { encode, type Argument } from './frames.ts'
import { engineModule, luaModule } from './module.ts'

/** One effects-log record, as its header draws it. */
export interface BatchRecord {
  readonly format: string
  readonly length: number
  readonly epoch: bigint
  readonly time: bigint
  readonly offset: number
  readonly checksum: bigint
  readonly count: number
  readonly db: number
  readonly text: string
  readonly bytes: Buffer
}

export class Lab {
  readonly engine: Engine
  /** Unix time in ms. */
  nowMs = 1_800_000_000_000

  constructor(
    options: {
      maxPages?: number
      seed?: readonly [number, number]
      host?: Partial<EngineHost>
    } = {},
  ) {
    this.engine = new Engine({
      module: engineModule(),
      lua: luaModule,
      clock: { monotonicUs: () => this.nowMs * 1000, wallUs: () => this.nowMs * 1000 },
      seed: options.seed ?? [1, 2],
      maxPages: options.maxPages ?? 4096,
      host: { ...bareHost, ...options.host },
    })
  }

  open(kind: Kind = Kind.client): Talk {
    return new Talk(this, this.engine.open(kind, '127.0.0.1:5000 127.0.0.1:6379 8'))
  }

  /** Lets time pass, and the engine do its work. */
  pass(ms: number): void {
    this.nowMs += ms
    for (let calls = 0; calls < 10_000; calls++) {
      this.engine.setTime()
      if (this.engine.tick(100_000) > 1) return
    }
  }

  /** The sealed records, which are then taken. */
  takeLog(): BatchRecord[] {
    const length = this.engine.log()
    if (!length) return []
    const from = this.engine.address
    const bytes = Buffer.from(this.engine.bytes.slice(from, from + length))
    this.engine.logTaken(length)
    const records: BatchRecord[] = []
    for (let at = 0; at < bytes.length;) {
      const size = bytes.readUInt32LE(at + 4)
      records.push({
        format: bytes.toString('latin1', at, at + 4),
        length: size,
        epoch: bytes.readBigUInt64LE(at + 8),
        time: bytes.readBigUInt64LE(at + 32),
        offset: Number(bytes.readBigUInt64LE(at + 40)),
        checksum: bytes.readBigUInt64LE(at + 48),
        count: bytes.readUInt32LE(at + 56),
        db: bytes.readUInt32LE(at + 60),
        text: words(bytes.toString('latin1', at + 64, at + 64 + size)),
        bytes: bytes.subarray(at, at + 64 + size),
      })
      at += 64 + size
    }
    return records
  }

  /** The commands of the log, one a line. */
  effects(): string[] {
    return this.takeLog().flatMap((record) => record.text.split('\n'))
  }
}

/** RESP arrays of bulk strings as lines of words. */
function words(commands: string): string {
  const lines: string[] = []
  let at = 0
  const line = (): string => {
    const end = commands.indexOf('\r\n', at)
    const text = commands.slice(at, end)
    at = end + 2
    return text
  }
  while (at < commands.length) {
    const count = Number(line().slice(1))
    const args: string[] = []
    for (let i = 0; i < count; i++) {
      const size = Number(line().slice(1))
      args.push(commands.slice(at, at + size))
      at += size + 2
    }
    lines.push(args.join(' '))
  }
  return lines.join('\n')
}

/** A session: what is said to it, and what it says. */
export class Talk {
  readonly lab: Lab
  readonly session: number

  constructor(lab: Lab, session: number) {
    this.lab = lab
    this.session = session
  }

  /** Sends a command, split at blanks, or given as arguments; the reply's bytes as text. */
  say(command: string | readonly Argument[]): string {
    return this.feed(encode(typeof command === 'string' ? command.split(' ') : command))
  }

  feed(bytes: Uint8Array): string {
    let text = ''
    for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
      let flags = this.lab.engine.feedChunk(this.session, bytes.subarray(at, at + WINDOW_BYTES))
      text += this.hear()
      while (flags & Flag.more) {
        flags = this.lab.engine.feedMore(this.session)
        text += this.hear()
      }
    }
    return text
  }

  /** What may be sent now. */
  hear(): string {
    return Buffer.from(this.lab.engine.drain(this.session)).toString('latin1')
  }

  get flags(): number {
    return this.lab.engine.status(this.session)
  }

  /** Parks the session, closes it, and brings it back. */
  sleep(): Talk {
    const parked = this.lab.engine.park(this.session)
    this.lab.engine.close(this.session)
    return new Talk(this.lab, this.lab.engine.unpark(parked))
  }

  close(): void {
    this.lab.engine.close(this.session)
  }
}
