// DEBUG as far as it is the host's: disturbing the process on purpose.

import { OK } from '../core/reply.ts'
import { sleep } from './process/sleep.ts'
import type { Server } from './server.ts'

export function addDebugCommands(server: Server): void {
  const { commands, log } = server
  commands.on('debug|sleep', (call) => {
    sleep((Number.parseFloat(call.text(2)) || 0) * 1000)
    return OK
  })
  commands.on('debug|change-repl-id', () => {
    log.notice('Changing replication IDs after receiving change-repl-id')
    server.identity.change()
    return OK
  })
  commands.on('debug|aof-flush-sleep', (call) => {
    server.persistence.aof.beforeWriteMs = (Number.parseInt(call.text(2)) || 0) / 1000
    return OK
  })
}
