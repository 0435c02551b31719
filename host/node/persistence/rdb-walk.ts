// A walk over the items of an RDB file, with what redis-check-rdb tells of each. It knows how long values are, not
// whether they are right: that is the engine's part.

import { RdbEnd, RdbReader } from './rdb-reader.ts'
import type { ReadFile } from './storage.ts'

/** What the walk was doing when it stopped. */
export type Doing =
  | 'start'
  | 'read-type'
  | 'read-expire'
  | 'read-key'
  | 'read-object-value'
  | 'check-sum'
  | 'read-len'
  | 'read-aux'
  | 'read-module-aux'
  | 'read-functions'

const Opcode = {
  slotInfo: 244,
  function2: 245,
  functionPreGa: 246,
  moduleAux: 247,
  idle: 248,
  freq: 249,
  aux: 250,
  resizeDb: 251,
  expireMs: 252,
  expire: 253,
  selectDb: 254,
  eof: 255,
} as const

const VERSION_MAX = 12
const FIRST_WITH_CHECKSUM = 5
const MODULE_NAME = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const MODULE_TYPE = 7

/** Names as redis-check-rdb has them. */
const TYPE_NAMES = [
  'string',
  'list-linked',
  'set-hashtable',
  'zset-v1',
  'hash-hashtable',
  'zset-v2',
  'module-value',
  '',
  '',
  'hash-zipmap',
  'list-ziplist',
  'set-intset',
  'zset-ziplist',
  'hash-ziplist',
  'quicklist',
  'stream',
  'hash-listpack',
  'zset-listpack',
  'quicklist-v2',
]

export class RdbWalk {
  doing: Doing = 'start'
  /** The key and the type of the value that is read. */
  key: string | undefined
  type: number | undefined = 0
  keys = 0
  expires = 0
  alreadyExpired = 0
  /** Whether the file ends with a checksum that is one. */
  hasChecksum = false

  readonly #from: RdbReader
  readonly #print: (line: string) => void
  readonly #nowMs: number
  /** The walk goes no further than this. */
  readonly #until: number
  #expiryMs: number | undefined

  constructor(
    file: ReadFile,
    parts: { print: (line: string) => void; nowMs: number; until: number },
  ) {
    this.#from = new RdbReader(file)
    this.#print = parts.print
    this.#nowMs = parts.nowMs
    this.#until = parts.until
  }

  get offset(): number {
    return this.#from.offset
  }

  /** The name of the type that is read. */
  get typeName(): string {
    return TYPE_NAMES[this.type ?? 0] ?? 'unknown'
  }

  /** Walks to the end, or to where it was told to stop; a text is the reason why it could not. */
  run(): string | undefined {
    try {
      return this.#file()
    } catch (error) {
      if (!(error instanceof RdbEnd)) throw error
      return this.doing === 'read-functions'
        ? 'Failed loading library, Failed loading library payload'
        : 'Unexpected EOF reading RDB file'
    }
  }

  #tell(text: string): void {
    this.#print(`[offset ${this.offset}] ${text}`)
  }

  #file(): string | undefined {
    const head = this.#from.bytes(9).toString('latin1')
    if (!head.startsWith('REDIS')) return 'Wrong signature trying to load DB from file'
    const version = Number.parseInt(head.slice(5)) || 0
    if (version < 1 || version > VERSION_MAX) return `Can't handle RDB format version ${version}`
    while (this.offset < this.#until) {
      this.doing = 'read-type'
      const opcode = this.#from.byte()
      if (opcode === Opcode.eof) return this.#end(version)
      const problem = this.#item(opcode)
      if (problem) return problem
    }
    return undefined
  }

  #end(version: number): undefined {
    if (version < FIRST_WITH_CHECKSUM) return
    this.doing = 'check-sum'
    this.hasChecksum = this.#from.bytes(8).readBigUInt64LE() !== 0n
  }

  #item(opcode: number): string | undefined {
    const from = this.#from
    switch (opcode) {
      case Opcode.expire:
        this.doing = 'read-expire'
        this.#expiryMs = from.bytes(4).readInt32LE() * 1000
        return undefined
      case Opcode.expireMs:
        this.doing = 'read-expire'
        this.#expiryMs = Number(from.bytes(8).readBigInt64LE())
        return undefined
      case Opcode.freq:
        return void from.byte()
      case Opcode.idle:
        return void from.length()
      case Opcode.selectDb: {
        this.doing = 'read-len'
        const db = from.length()
        return this.#tell(`Selecting DB ID ${db}`) as undefined
      }
      case Opcode.resizeDb:
        this.doing = 'read-len'
        return this.#lengths(2)
      case Opcode.slotInfo:
        this.doing = 'read-len'
        return this.#lengths(3)
      case Opcode.aux: {
        this.doing = 'read-aux'
        const name = from.string()
        const value = from.string()
        return this.#tell(`AUX FIELD ${name} = '${value}'`) as undefined
      }
      case Opcode.moduleAux:
        this.doing = 'read-module-aux'
        return this.#moduleAux()
      case Opcode.function2:
        this.doing = 'read-functions'
        return from.skipString() as undefined
      case Opcode.functionPreGa:
        this.doing = 'read-functions'
        return 'Failed loading library, Failed loading engine name'
      default:
        return this.#keyAndValue(opcode)
    }
  }

  #lengths(count: number): undefined {
    for (; count; count--) this.#from.length()
  }

  #moduleAux(): undefined {
    const id = this.#from.bytes(9)
    // A length of 64 bits: nine characters of 6 bits each, then a version of 10.
    let rest = id[0] === 0x81 ? id.readBigUInt64BE(1) >> 10n : 0n
    let name = ''
    for (let i = 0; i < 9; i++, rest >>= 6n) name = MODULE_NAME[Number(rest & 63n)]! + name
    this.#lengths(2)
    this.#tell(`MODULE AUX for: ${name}`)
    this.#moduleValues()
  }

  #moduleValues(): void {
    for (let kind = this.#from.length(); kind; kind = this.#from.length()) {
      if (kind === 1 || kind === 2) this.#from.length()
      else if (kind === 3) this.#from.skip(4)
      else if (kind === 4) this.#from.skip(8)
      else this.#from.skipString()
    }
  }

  #keyAndValue(type: number): string | undefined {
    if (type === 8 || !layouts[type]) return `Invalid object type: ${type}`
    this.type = type
    this.doing = 'read-key'
    this.key = this.#from.string()
    this.keys++
    this.doing = 'read-object-value'
    if (this.offset >= this.#until) return undefined
    if (type === MODULE_TYPE) {
      this.#from.length()
      this.#moduleValues()
    } else {
      this.#value(layouts[type])
    }
    if (this.offset > this.#until) return undefined
    if (this.#expiryMs !== undefined) {
      this.expires++
      if (this.#expiryMs < this.#nowMs) this.alreadyExpired++
    }
    this.#expiryMs = undefined
    this.key = undefined
    this.type = undefined
    return undefined
  }

  /** Goes over a value as its layout says. */
  #value(layout: string): void {
    for (const part of layout) {
      if (part === '*') {
        const each = layout.slice(layout.indexOf('*') + 1)
        for (let count = this.#from.length(); count; count--) this.#value(each)
        return
      }
      this.#part(part)
    }
  }

  #part(part: string): void {
    const from = this.#from
    if (part === 's') from.skipString()
    else if (part === 'l') from.length()
    else if (part === 'd') from.skip(8)
    else if (part === 't') this.#textDouble()
    else if (part >= '1' && part <= '3') this.#stream(Number(part))
  }

  #textDouble(): void {
    const length = this.#from.byte()
    if (length < 253) this.#from.skip(length)
  }

  #stream(version: number): void {
    const from = this.#from
    for (let nodes = from.length(); nodes; nodes--) this.#value('ss')
    this.#lengths(version === 1 ? 3 : 8)
    for (let groups = from.length(); groups; groups--) {
      from.skipString()
      this.#lengths(version === 1 ? 2 : 3)
      for (let pending = from.length(); pending; pending--) {
        from.skip(16) // the entry's ID
        from.skip(8) // when it was delivered
        from.length()
      }
      for (let consumers = from.length(); consumers; consumers--) {
        from.skipString()
        from.skip(8) // when it was seen
        if (version === 3) from.skip(8) // when it did something
        for (let owned = from.length(); owned; owned--) from.skip(16)
      }
    }
  }
}

/**
 * How each type's value lies: s a string, l a length, d 8 bytes, t a double as text, 1 to 3 a stream of that
 * version, * a count and so many times what follows.
 */
const layouts: Record<number, string> = {
  0: 's',
  1: '*s',
  2: '*s',
  3: '*st',
  4: '*ss',
  5: '*sd',
  6: 's',
  7: 's',
  9: 's',
  10: 's',
  11: 's',
  12: 's',
  13: 's',
  14: '*s',
  15: '1',
  16: 's',
  17: 's',
  18: '*ls',
  19: '2',
  20: 's',
  21: '3',
  22: '*lss',
  23: 's',
  24: 'd*lss',
  25: 'ds',
}
