// The name of the history that this server's dataset belongs to: replicas that know it can go on where they
// stopped. A master has one; the one before it is kept by a replica that became a master.

import { randomBytes } from 'node:crypto'
import type { Info } from '../info.ts'
import type { Settings } from '../settings.ts'

const NONE = '0'.repeat(40)

export class ReplicationIdentity {
  id = newId()
  readonly previousId = NONE

  /** Begins a new history, which no replica knows. */
  change(): void {
    this.id = newId()
  }
}

function newId(): string {
  return randomBytes(20).toString('hex')
}

/** What INFO tells of replication: this server is a master without replicas. */
export function addReplicationInfo(
  info: Info,
  { identity, settings }: { identity: ReplicationIdentity; settings: Settings },
): void {
  info.add('replication', () => ({
    role: 'master',
    connected_slaves: 0,
    master_failover_state: 'no-failover',
    master_replid: identity.id,
    master_replid2: identity.previousId,
    master_repl_offset: 0,
    second_repl_offset: -1,
    repl_backlog_active: 0,
    repl_backlog_size: settings.number('repl-backlog-size'),
    repl_backlog_first_byte_offset: 0,
    repl_backlog_histlen: 0,
  }))
  info.add('stats', () => ({
    sync_full: 0,
    sync_partial_ok: 0,
    sync_partial_err: 0,
    slave_expires_tracked_keys: 0,
  }))
}
