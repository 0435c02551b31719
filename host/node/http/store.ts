// The store of this server as the shared HTTP app sees it: a session of the engine for each request, which logs in
// with what the request brought.

import type { Context } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { concat } from '../../core/bytes.ts'
import { ReplyError } from '../../core/errors.ts'
import { ReplyDecoder, readText } from '../../core/decode.ts'
import { encodeCommand } from '../../core/encode.ts'
import {
  type Access,
  type Caller,
  createApp,
  type Identity,
  isWhole,
  kindOf,
  type Origins,
  RefusedError,
  type Store,
  type Wire,
} from '../../http/index.ts'
import type { Clients } from '../clients.ts'
import { tokenCredentials } from './credentials.ts'

/** The largest body that is read. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

/** Someone with credentials, which the engine looks at. */
interface NodeIdentity extends Identity {
  login?: string[]
}

const GUEST: NodeIdentity = { id: 'guest', user: 'default', expiresMs: 0 }

/** Whoever comes is looked at by the engine: as with AUTH, or as the default user without it. */
const access: Access = {
  guest: GUEST,
  identify: (token): NodeIdentity => ({
    ...GUEST,
    id: 'bearer',
    login: tokenCredentials(token),
  }),
}

/** The AUTH that comes before all else; undefined: none. */
function loginOf(identity: Identity | undefined): Uint8Array | undefined {
  const { login } = (identity ?? GUEST) as NodeIdentity
  return login && encodeCommand(['AUTH', ...login])
}

/** REST and messages for the store of this server, which has the name `default`. */
export function storeApp({ clients, origins }: { clients: Clients; origins: () => Origins }) {
  const store = new ServerStore(clients)
  return createApp<HttpBindings>({
    access: () => access,
    address: (c) => addressOf(c),
    store: (_env, name) => {
      if (name !== 'default') throw new RefusedError('ERR there is one store here: default', 404)
      return store
    },
    origins,
    maxBodyBytes: () => MAX_BODY_BYTES,
    upgrade: (c) => c.text('a WebSocket is expected', 426),
  })
}

function addressOf(c: Context): string {
  const { remoteAddress = '0.0.0.0', remotePort = 0 } = (c.env as HttpBindings).incoming.socket
  return remoteAddress.includes(':')
    ? `[${remoteAddress}]:${remotePort}`
    : `${remoteAddress}:${remotePort}`
}

class ServerStore implements Store {
  readonly #clients: Clients

  constructor(clients: Clients) {
    this.#clients = clients
  }

  async exchange(commands: Uint8Array, caller: Caller): Promise<Uint8Array> {
    const login = loginOf(caller.identity)
    const count = countRequests(commands) + (login ? 1 : 0)
    const replies = await new Promise<Uint8Array>((resolve, reject) => {
      const pieces: Uint8Array[] = []
      const wire = this.#join(
        caller,
        (bytes) => {
          pieces.push(bytes)
          const all = concat(pieces)
          if (!isWhole(all, count)) return
          resolve(all)
          queueMicrotask(() => wire.close())
        },
        () => reject(new RefusedError('ERR the session was closed', 503)),
      )
      wire.send(login ? concat([login, commands]) : commands)
    })
    return login ? behindLogin(replies) : replies
  }

  async connect(
    caller: Caller,
    receive: (bytes: Uint8Array) => void,
    closed: () => void,
  ): Promise<Wire> {
    const login = loginOf(caller.identity)
    if (!login) return this.#join(caller, receive, closed)
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    let take: (bytes: Uint8Array) => void = resolve
    const wire = this.#join(
      caller,
      (bytes) => take(bytes),
      () => {
        reject(new RefusedError('ERR the session was closed', 503))
        closed()
      },
    )
    wire.send(login)
    try {
      behindLogin(await promise)
    } catch (error) {
      wire.close()
      throw error
    }
    take = receive
    return wire
  }

  /** @throws {RefusedError} no further client is taken */
  #join(caller: Caller, receive: (bytes: Uint8Array) => void, closed: () => void): Wire {
    const origin = caller.address ?? '0.0.0.0:0'
    const ends = { receive: (bytes: Uint8Array) => receive(Uint8Array.from(bytes)), closed }
    const wire = this.#clients.join(`${origin} ${origin} -1`, ends, kindOf(caller))
    if (!wire) throw new RefusedError('ERR max number of clients reached', 503)
    return wire
  }
}

/** The replies behind that of AUTH. @throws {RefusedError} it was refused */
function behindLogin(replies: Uint8Array): Uint8Array {
  const decoder = new ReplyDecoder(readText)
  decoder.reset(replies, 0, replies.length)
  if (decoder.decode(false) instanceof ReplyError) throw new RefusedError('Unauthorized', 401)
  return replies.subarray(decoder.position)
}

/** How many replies a session that answers each command once will give. */
function countRequests(commands: Uint8Array): number {
  const decoder = new ReplyDecoder(readText)
  decoder.reset(commands, 0, commands.length)
  let count = 0
  for (; decoder.position < commands.length; count++) decoder.decode(true)
  return count
}
