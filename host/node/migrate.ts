// MIGRATE: keys go to another server as DUMP payloads, and are deleted here once they have arrived.
//
// Other clients are served meanwhile. So a key is dumped again when the other server has it: one that
// has changed since is sent once more, and only what arrived as it is now is deleted.

import type { Socket } from 'node:net'
import { type Argument, encodeCommand } from '../core/encode.ts'
import { ReplyError } from '../core/errors.ts'
import type { InternalSession } from '../core/internal.ts'
import { type HostReply, OK, Simple } from '../core/reply.ts'
import type { HostCall } from './commands.ts'
import type { Outgoing, Place } from './net/outgoing.ts'

/** How often a key that keeps changing is sent. */
const ATTEMPTS = 3
const NOT_AN_INTEGER = new ReplyError('ERR value is not an integer or out of range')
const SYNTAX = new ReplyError('ERR syntax error')

interface Order {
  readonly host: string
  readonly port: number
  readonly db: number
  readonly timeoutMs: number
  readonly keys: readonly Uint8Array[]
  readonly copies: boolean
  readonly replaces: boolean
  readonly login: readonly Argument[] | undefined
}

/** A key as it was when it was dumped. */
interface Parcel {
  readonly key: Uint8Array
  readonly payload: Uint8Array
  readonly ttlMs: number
}

/** Carries out one call; `connect` begins a connection. @throws {ReplyError} what the client is told */
export async function migrate(
  call: HostCall,
  internal: InternalSession,
  connect: (place: Place) => Outgoing,
): Promise<HostReply> {
  // Nothing may be asked of the engine before its own call is over.
  await Promise.resolve()
  const order = read(call)
  let waiting = dump(internal, call.db, order.keys)
  if (waiting.length === 0) return new Simple('NOKEY')
  const target = await Target.open(order, connect)
  try {
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt === ATTEMPTS) throw new ReplyError('ERR a key changes while it is migrated')
      const replaces = order.replaces || attempt > 0
      await target.restore(waiting, replaces)
      if (order.copies) break
      waiting = finish(internal, call.db, waiting)
    }
    return OK
  } finally {
    target.close()
  }
}

/** Reads the arguments. */
function read(call: HostCall): Order {
  const integer = (index: number): number => {
    const text = call.text(index)
    if (!/^-?\d{1,15}$/.test(text)) throw NOT_AN_INTEGER
    return Number(text)
  }
  let copies = false
  let replaces = false
  let login: Argument[] | undefined
  let keys: readonly Uint8Array[] = [call.args[3]!]
  for (let i = 6; i < call.args.length; i++) {
    const left = call.args.length - 1 - i
    const word = call.word(i)
    if (word === 'copy') copies = true
    else if (word === 'replace') replaces = true
    else if (word === 'auth' && left >= 1) login = ['AUTH', call.args[++i]!]
    else if (word === 'auth2' && left >= 2) login = ['AUTH', call.args[++i]!, call.args[++i]!]
    else if (word === 'keys') {
      if (call.args[3]!.length > 0) {
        throw new ReplyError(
          'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
        )
      }
      keys = call.args.slice(i + 1)
      break
    } else throw SYNTAX
  }
  const timeoutMs = integer(5)
  const db = integer(4)
  return {
    host: call.text(1),
    port: integer(2),
    db,
    timeoutMs: timeoutMs > 0 ? timeoutMs : 1000,
    keys,
    copies,
    replaces,
    login,
  }
}

/** The keys that are there, as they are now. */
function dump(internal: InternalSession, db: number, keys: readonly Uint8Array[]): Parcel[] {
  internal.call('SELECT', db)
  try {
    return keys.flatMap((key) => {
      const payload = internal.callBytes('DUMP', key)
      if (!(payload instanceof Uint8Array)) return []
      return [{ key, payload, ttlMs: Math.max(Number(internal.call('PTTL', key)), 0) }]
    })
  } finally {
    internal.call('SELECT', 0)
  }
}

/** Deletes the keys that are as they were sent; the others, as they are now, must be sent again. */
function finish(internal: InternalSession, db: number, sent: readonly Parcel[]): Parcel[] {
  const changed: Parcel[] = []
  for (const parcel of sent) {
    const [now] = dump(internal, db, [parcel.key])
    if (!now) continue
    if (Buffer.compare(now.payload, parcel.payload) !== 0 || now.ttlMs > parcel.ttlMs) {
      changed.push(now)
      continue
    }
    internal.call('SELECT', db)
    internal.call('DEL', parcel.key)
    internal.call('SELECT', 0)
  }
  return changed
}

/** The other server: commands go out together, and each answers one line. */
class Target {
  readonly #socket: Socket
  readonly #order: Order
  #received = ''
  #failure: Error | undefined
  #wake: (() => void) | undefined
  #isReady = false

  private constructor(socket: Socket, order: Order) {
    this.#socket = socket
    this.#order = order
    socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1')
      this.#wake?.()
    })
    const fail = (): void => {
      this.#failure ??= new ReplyError('IOERR error or timeout reading to target instance')
      this.#wake?.()
    }
    socket.on('error', fail)
    socket.on('close', fail)
    socket.setTimeout(order.timeoutMs, () => socket.destroy())
  }

  /** @throws {ReplyError} */
  static open(order: Order, connect: (place: Place) => Outgoing): Promise<Target> {
    return new Promise((resolve, reject) => {
      const refused = new ReplyError('IOERR error or timeout connecting to the client')
      const { socket, ready } = connect(order)
      const timer = setTimeout(() => socket.destroy(), order.timeoutMs)
      socket.once('error', () => reject(refused))
      socket.once('close', () => reject(refused))
      socket.once(ready, () => {
        clearTimeout(timer)
        resolve(new Target(socket, order))
      })
    })
  }

  /** Makes the keys there. @throws {ReplyError} what the other server says, or that it says nothing */
  async restore(parcels: readonly Parcel[], replaces: boolean): Promise<void> {
    const commands: Argument[][] = []
    if (!this.#isReady) {
      if (this.#order.login) commands.push([...this.#order.login])
      commands.push(['SELECT', this.#order.db])
    }
    this.#isReady = true
    for (const { key, payload, ttlMs } of parcels) {
      commands.push(['RESTORE', key, ttlMs, payload, ...(replaces ? ['REPLACE'] : [])])
    }
    for (const command of commands) this.#socket.write(encodeCommand(command))
    let refusal: string | undefined
    for (const _ of commands) {
      const line = await this.#line()
      if (line.startsWith('-')) refusal ??= line.slice(1)
    }
    if (refusal) throw new ReplyError(`ERR Target instance replied with error: ${refusal}`)
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf('\r\n')
      if (end >= 0) {
        const line = this.#received.slice(0, end)
        this.#received = this.#received.slice(end + 2)
        return line
      }
      if (this.#failure) throw this.#failure
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
