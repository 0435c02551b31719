// A replica in this tab of a store whose owner is elsewhere: a snapshot, and the effects log from there on. Reads
// of it answer at once; it refuses everything else.

import { Kind, LoadOption } from '../../core/abi.ts'
import type { Reply } from '../../core/decode.ts'
import { Database } from '../../core/embedded.ts'
import type { Argument } from '../../core/encode.ts'
import type { Runtime } from '../../core/runtime.ts'
import { commandMethods } from '../../core/typed.ts'
import { BatchReader } from '../journal/batches.ts'

export class Replica extends commandMethods() {
  /** Resolves when it has what the owner has. */
  ready: Promise<void> = Promise.resolve()
  readonly #db: Database
  readonly #loader: number
  #reader = new BatchReader()
  /** What came while the snapshot was under way. */
  #early: Uint8Array[] | undefined = []

  constructor(module: WebAssembly.Module, runtime: Runtime) {
    super()
    this.#db = new Database({ module, runtime })
    this.#loader = this.#db.engine.open(Kind.loader)
    this.#db.tell('ACL', 'SETUSER', 'default', '-@all', '+@read', '+@connection', '-auth', '-hello')
  }

  call(...args: Argument[]): Reply {
    return this.#db.main.run(args, false)
  }

  /** A snapshot is on its way: the log that comes before it belongs behind it. */
  expect(): void {
    this.#early ??= []
  }

  /** What the owner had when it was asked. */
  load(snapshot: Uint8Array): void {
    this.#db.engine.load([snapshot], LoadOption.empties)
    this.#reader = new BatchReader()
    const early = this.#early ?? []
    this.#early = undefined
    for (const bytes of early) this.follow(bytes)
  }

  /** More of the log. */
  follow(bytes: Uint8Array): void {
    if (this.#early) {
      this.#early.push(bytes)
      return
    }
    for (const { db, commands } of this.#reader.read(bytes)) {
      if (db !== undefined) this.#select(db)
      this.#run(commands)
    }
    this.#db.settle()
  }

  close(): void {
    this.#db.close()
  }

  #select(db: number): void {
    this.#run(new TextEncoder().encode(`*2\r\n$6\r\nSELECT\r\n$${String(db).length}\r\n${db}\r\n`))
  }

  #run(commands: Uint8Array): void {
    const { engine } = this.#db
    const { windowBytes } = engine
    for (let at = 0; at < commands.length; at += windowBytes) {
      const piece = commands.subarray(at, at + windowBytes)
      engine.drain(this.#loader, engine.feedChunk(this.#loader, piece))
    }
  }
}
