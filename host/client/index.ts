// The door of wadi/client: a store on a server, over a WebSocket that carries RESP.

export { Client, connect, type ConnectOptions } from './client.ts'
export { DisconnectedError, MaybeAppliedError, ReplyError } from './errors.ts'
export type { BackoffOptions } from './backoff.ts'
export type { WebSocketLike } from './socket.ts'
export type { MessageHandler } from '../core/remote/messages.ts'
export type { PushListener } from '../core/connection.ts'
export type { Reply } from '../core/decode.ts'
export type { Argument } from '../core/encode.ts'
export type { Commands } from '../core/generated/commands.ts'
