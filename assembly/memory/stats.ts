/** Counters that INFO shows and CONFIG RESETSTAT sets back. Statistics never influence state. */
export class Stats {
  static commands: u64 = 0;
  static connections: u64 = 0;
  static rejectedConnections: u64 = 0;
  static keyspaceHits: u64 = 0;
  static keyspaceMisses: u64 = 0;
  static expiredKeys: u64 = 0;
  static expiredFields: u64 = 0;
  static expiredStalePercent: f64 = 0;
  static expireCyclesCut: u64 = 0;
  /** µs that looking for expired keys took. */
  static expireCycleUs: f64 = 0;
  static evictedKeys: u64 = 0;
  static evictedClients: u64 = 0;
  static inputBytes: u64 = 0;
  static outputBytes: u64 = 0;
  static reads: u64 = 0;
  static writes: u64 = 0;
  static errorReplies: u64 = 0;
  /** Payloads of RESTORE that were looked through. */
  static sanitizedPayloads: u64 = 0;
  static aclDeniedAuth: u64 = 0;
  static aclDeniedCommand: u64 = 0;
  static aclDeniedKey: u64 = 0;
  static aclDeniedChannel: u64 = 0;
  static queryBufferLimitDisconnections: u64 = 0;
  static outputBufferLimitDisconnections: u64 = 0;

  static reset(): void {
    Stats.commands = 0;
    Stats.connections = 0;
    Stats.rejectedConnections = 0;
    Stats.keyspaceHits = 0;
    Stats.keyspaceMisses = 0;
    Stats.expiredKeys = 0;
    Stats.expiredFields = 0;
    Stats.expiredStalePercent = 0;
    Stats.expireCyclesCut = 0;
    Stats.expireCycleUs = 0;
    Stats.evictedKeys = 0;
    Stats.evictedClients = 0;
    Stats.inputBytes = 0;
    Stats.outputBytes = 0;
    Stats.reads = 0;
    Stats.writes = 0;
    Stats.errorReplies = 0;
    Stats.sanitizedPayloads = 0;
    Stats.aclDeniedAuth = 0;
    Stats.aclDeniedCommand = 0;
    Stats.aclDeniedKey = 0;
    Stats.aclDeniedChannel = 0;
    Stats.queryBufferLimitDisconnections = 0;
    Stats.outputBufferLimitDisconnections = 0;
  }
}
