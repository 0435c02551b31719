// Where the objects of a store are. One object is the whole store; of several shards the first has the store's own name
// and the others one made of it, and each knows how many there were when the store was created.

import { type Caller, RefusedError } from '../../host/http/index.ts'
import type { WadiObject } from '../object.ts'
import type { WadiEnv } from '../settings.ts'
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

/** A gateway for a new session: any will do. */
export function gatewayStub(env: WadiEnv, { name, map }: StoreName): { fetch: Stub['fetch'] } {
  if (!env.WADI_GATEWAY) throw new Error('several shards need the binding WADI_GATEWAY')
  const number = Math.floor(Math.random() * map.shards)
  return env.WADI_GATEWAY.get(env.WADI_GATEWAY.idFromName(`${name}/gateway/${number}`))
}

/** @throws {RefusedError} */
export async function exchangeOn(
  env: WadiEnv,
  store: StoreName,
  shard: number,
  commands: Uint8Array,
  caller: Caller,
): Promise<Uint8Array> {
  const result = await shardStub(env, store, shard).exchange(commands, caller, { ...store, shard })
  if (result instanceof Uint8Array) return result
  throw new RefusedError(result.message, result.status, result.retryAfter)
}
