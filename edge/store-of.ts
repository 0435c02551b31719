// A store as code outside its object sees it.

import { type Caller, RefusedError, type Store, type Wire } from '../host/http/index.ts'
import type { WadiObject } from './object.ts'
import type { WadiEnv } from './settings.ts'

export type Stub = DurableObjectStub<WadiObject>

/** The object of a name. */
export function objectOf(env: WadiEnv, name: string): Stub {
  return env.WADI.get(env.WADI.idFromName(name))
}

/** The store of a name. */
export function storeOf(env: WadiEnv, name: string): Store {
  return new ObjectStore(objectOf(env, name))
}

/** Inside the deployment: nobody but the worker makes such a request. */
const INSIDE = 'https://wadi.internal/'

/** The request for a WebSocket to an object; nothing of what came from outside goes along. */
export function upgradeRequest(caller: Caller, protocols?: string): Request {
  return new Request(INSIDE, {
    headers: {
      upgrade: 'websocket',
      'wadi-caller': JSON.stringify(caller),
      ...(protocols !== undefined && { 'sec-websocket-protocol': protocols }),
    },
  })
}

export class ObjectStore implements Store {
  readonly #stub: Stub

  constructor(stub: Stub) {
    this.#stub = stub
  }

  async exchange(commands: Uint8Array, caller: Caller): Promise<Uint8Array> {
    const result = await this.#stub.exchange(commands, caller)
    if (result instanceof Uint8Array) return result
    throw new RefusedError(result.message, result.status, result.retryAfter)
  }

  /** A socket to the object, which may sleep while it is open. */
  async connect(
    caller: Caller,
    receive: (bytes: Uint8Array) => void,
    closed: () => void,
  ): Promise<Wire> {
    const { webSocket } = await this.#stub.fetch(upgradeRequest(caller))
    if (!webSocket) throw new Error('the object gave no socket')
    webSocket.accept()
    webSocket.addEventListener('message', ({ data }) =>
      receive(new Uint8Array(data as ArrayBuffer)),
    )
    webSocket.addEventListener('close', closed)
    return {
      send: (bytes) => webSocket.send(bytes),
      close: () => webSocket.close(1000),
    }
  }
}
