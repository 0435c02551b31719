// What memory is for. INFO and MEMORY STATS tell the same, as in Redis: the overhead is what is there without any value,
// and the dataset is the rest.

import { Keyspace } from "../../keyspace/keyspace";
import { Heap } from "../../memory/heap";
import { Effects } from "../../persistence/effects";
import { Libraries } from "../../scripting/library";
import { Scripts } from "../../scripting/scripts";
import { Describe } from "../../sessions/describe";
import { SessionKind, Sessions } from "../../sessions/session";

export class MemoryUse {
  static keys: u64 = 0;
  /** Of sessions, with what waits to be sent to them. */
  static clients: u64 = 0;
  static replicas: u64 = 0;
  static overhead: u64 = 0;

  /** Counts anew. */
  static measure(): void {
    MemoryUse.keys = MemoryUse.clients = MemoryUse.replicas = 0;
    let tables: u64 = 0;
    for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
      const db = Keyspace.database(i);
      MemoryUse.keys += db.count;
      tables += db.overhead;
    }
    let session = Sessions.first;
    while (session) {
      const bytes = Describe.memory(session);
      if (session.kind == SessionKind.REPLICA) MemoryUse.replicas += bytes;
      else MemoryUse.clients += bytes;
      session = session.next;
    }
    const texts = Scripts.bytes + Libraries.bytes;
    const sessions = MemoryUse.clients + MemoryUse.replicas;
    MemoryUse.overhead = Heap.startup + sessions + Effects.size + texts + tables;
  }

  static get dataset(): u64 {
    const used = <u64>Heap.used;
    return used > MemoryUse.overhead ? used - MemoryUse.overhead : 0;
  }

  /** What is used beyond what an empty engine takes. */
  static get net(): u64 {
    const used = <u64>Heap.used;
    return used > Heap.startup ? used - Heap.startup : 1;
  }
}
