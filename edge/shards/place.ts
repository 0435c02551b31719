// Where the objects of a store are. One object is the whole store; of several shards the first has the store's own name
// and the others one made of it, and each knows how many there were when the store was created.

import { type Caller, RefusedError } from '../../host/http/index.ts'
import type { WadiObject } from '../object.ts'
import type { WadiEnv } from '../settings.ts'
import type { WadiGateway } from './gateway.ts'
import { CALL_BYTES, incoming, isBulk } from '../bulk.ts'
import { refused } from '../refusal.ts'
import type { Clients } from './clients.ts'
import type { SlotMap } from './slots.ts'

export interface StoreName {
  name: string
  map: SlotMap
}

/** An object's place in its store, as a caller sees it. */
export interface Place extends StoreName {
  shard: number
}

export type Stub = DurableObjectStub<WadiObject>

export function shardStub(env: WadiEnv, { name }: StoreName, shard: number): Stub {
  return env.WADI.get(env.WADI.idFromName(shard === 0 ? name : `${name}/shard/${shard}`))
}

export type GatewayStub = DurableObjectStub<WadiGateway>

/** A store has as many gateways as shards; this is the name of one. */
export const gatewayName = ({ name }: StoreName, number: number): string =>
  `${name}/gateway/${number}`

export function gatewayOf(env: WadiEnv, name: string): GatewayStub {
  if (!env.WADI_GATEWAY) throw new Error('several shards need the binding WADI_GATEWAY')
  return env.WADI_GATEWAY.get(env.WADI_GATEWAY.idFromName(name))
}

/** @throws {RefusedError} */
export async function exchangeOn(
  env: WadiEnv,
  store: StoreName,
  shard: number,
  commands: Uint8Array,
  caller: Caller,
): Promise<Uint8Array> {
  if (commands.length > CALL_BYTES) throw new RefusedError('ERR max request size exceeded', 413)
  // A view of a larger buffer would travel with all of it.
  const exact = commands.length === commands.buffer.byteLength ? commands : commands.slice()
  const result = await shardStub(env, store, shard).exchange(exact, caller, { ...store, shard })
  if (isBulk(result)) return incoming(result)
  throw refused(result)
}

/** The connections of a store with several shards. */
export function clientsOf(env: WadiEnv, store: StoreName): Clients {
  const { shards } = store.map
  const numbers = Array.from({ length: shards }, (_, number) => number)
  const gateway = (number: number): GatewayStub => gatewayOf(env, gatewayName(store, number))
  return {
    all: async () => (await Promise.all(numbers.map((one) => gateway(one).clients()))).flat(),
    kill: async (ids) => {
      const calls = numbers.map(async (number) => {
        const own = ids.filter((id) => id % shards === number)
        if (own.length) await gateway(number).kill(own)
      })
      await Promise.all(calls)
    },
  }
}
