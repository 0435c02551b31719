// The door of host/http: a Hono app over any store.

export { type Access, type Identity, openAccess, Tokens } from './access.ts'
export { SignedTokens } from './signed.ts'
export { Buckets } from './buckets.ts'
export { type AppOptions, createApp } from './app.ts'
export { decodeReplies, encodeCommands, isWhole } from './commands.ts'
export type { StoreFile } from './file.ts'
export { memoryApp, type MemoryAppOptions, MemoryStore } from './memory.ts'
export { Origins } from './origins.ts'
export { acceptedProtocol, PROTOCOL, subprotocolToken } from './subprotocol.ts'
export { type Caller, kindOf, RefusedError, type Store, TOO_MANY, type Wire } from './store.ts'
