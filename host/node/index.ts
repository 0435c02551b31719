// The door of host/node: a server in the caller's process, and the embedded database with Node's own means.

export { ConfigError } from './config/directives.ts'
export { createServer, type CreateOptions, EmbeddedServer } from './create.ts'
export { HostCall, type HostCommand, type LateHostCommand } from './commands.ts'
export { StartError } from './net/listeners.ts'
export { Server } from './server.ts'
export * from './embedded.ts'
