// The door of `wadi/browser`: a store in the browser, kept in IndexedDB and shared by tabs.
//
//   const db = await open('app')
//   await db.set('greeting', 'hello', { ex: 60 })
//   await db.get('greeting')                            // 'hello'

export { open } from './open.ts'
export { deleteStore, listStores } from './stores.ts'
export * from './errors.ts'
export { EngineCrash, NoRoomError, RdbError, ReplyError, SnapshotError } from '../core/errors.ts'
export type * from './types.ts'
export type { Reply } from '../core/decode.ts'
export type { Argument } from '../core/encode.ts'
export type { Answer, Commands, Many, Pairs } from '../core/generated/commands.ts'
export type { Connection, PushListener } from '../core/connection.ts'
export type { Changes } from './storage/storage.ts'
