// DEBUG as far as it is the host's: disturbing the process on purpose.

import { OK } from '../core/reply.ts'
import type { HostCommands } from './commands.ts'
import type { Logger } from './logger.ts'
import type { Persistence } from './persistence/persistence.ts'
import { sleep } from './process/sleep.ts'
import type { ReplicationIdentity } from './replication/identity.ts'

export interface DebugParts {
  commands: HostCommands
  log: Logger
  identity: ReplicationIdentity
  persistence: Persistence
}

export function addDebugCommands({ commands, log, identity, persistence }: DebugParts): void {
  commands.on('debug|sleep', (call) => {
    sleep((Number.parseFloat(call.text(2)) || 0) * 1000)
    return OK
  })
  commands.on('debug|change-repl-id', () => {
    log.notice('Changing replication IDs after receiving change-repl-id')
    identity.change()
    return OK
  })
  commands.on('debug|aof-flush-sleep', (call) => {
    persistence.aof.beforeWriteMs = (Number.parseInt(call.text(2)) || 0) / 1000
    return OK
  })
}
