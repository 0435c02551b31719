// A store as code outside its objects sees it.

import { exchangeTogether } from './shared-calls.ts'
import { type Caller, RefusedError, type Store, type Wire } from '../host/http/index.ts'
import {
  clientsOf,
  exchangeOn,
  gatewayName,
  gatewayOf,
  shardStub,
  type StoreName,
} from './shards/place.ts'
import { RequestReader } from './shards/requests.ts'
import { ShardedSession } from './shards/session.ts'
import { newState } from './shards/session-state.ts'
import { settingsOf, type WadiEnv } from './settings.ts'
import { upgradeRequest } from './upgrade.ts'

/** The store of a name. */
export function storeOf(env: WadiEnv, name: string): EdgeStore {
  const { map } = settingsOf(env)
  return new EdgeStore(env, { name, map })
}

export class EdgeStore implements Store {
  readonly #env: WadiEnv
  readonly #store: StoreName

  constructor(env: WadiEnv, store: StoreName) {
    this.#env = env
    this.#store = store
  }

  async exchange(commands: Uint8Array, caller: Caller): Promise<Uint8Array> {
    const { map } = this.#store
    if (map.shards === 1) return this.#exchange(0, commands, caller)
    const identity = caller.identity ?? { id: 'worker', user: 'default', expiresMs: 0 }
    const session = new ShardedSession(newState(0, Date.now(), identity), {
      map,
      exchange: (shard, bytes, as) => this.#exchange(shard, bytes, { ...caller, identity: as }),
      login: async () => undefined,
      clients: clientsOf(this.#env, this.#store),
    })
    const { replies } = await session.run(new RequestReader().read(commands))
    return replies
  }

  #exchange(shard: number, commands: Uint8Array, caller: Caller): Promise<Uint8Array> {
    const env = this.#env
    // Requests have no order among each other; what code calls at once has one.
    if (!caller.isRest) return exchangeOn(env, this.#store, shard, commands, caller)
    return exchangeTogether(env, { ...this.#store, shard }, { commands, caller })
  }

  /** The response to a request for a WebSocket. */
  upgrade(caller: Caller, protocols?: string): Promise<Response> {
    const { map } = this.#store
    // Any gateway will do for a new session.
    const number = Math.floor(Math.random() * map.shards)
    const end =
      map.shards === 1
        ? shardStub(this.#env, this.#store, 0)
        : gatewayOf(this.#env, gatewayName(this.#store, number))
    return end.fetch(
      upgradeRequest(caller, {
        'wadi-store': JSON.stringify(this.#store),
        ...(map.shards > 1 && {
          'wadi-gateway': JSON.stringify({ store: this.#store, number }),
        }),
        ...(protocols !== undefined && { 'sec-websocket-protocol': protocols }),
      }),
    )
  }

  /** A socket to the object, which may sleep while it is open. */
  async connect(
    caller: Caller,
    receive: (bytes: Uint8Array) => void,
    closed: (why?: string) => void,
  ): Promise<Wire> {
    const response = await this.upgrade(caller)
    const { webSocket } = response
    if (!webSocket) throw new RefusedError(await response.text(), 503)
    webSocket.accept()
    webSocket.addEventListener('message', ({ data }) =>
      receive(new Uint8Array(data as ArrayBuffer)),
    )
    webSocket.addEventListener('close', ({ reason }) => closed(reason))
    return {
      send: (bytes) => webSocket.send(bytes),
      close: () => webSocket.close(1000),
    }
  }
}
