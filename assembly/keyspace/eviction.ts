// Making room by removing keys, as maxmemory-policy says.
//
// A key to go is found by sampling. Candidates from all samples compete in a small pool that lives
// on between evictions, which comes near to true LRU or LFU at a few lookups each:
//
//   pool: 16 × ( score, database, key )    sorted, the best one to go at the end
//
// The pool keeps copies of names, since entries move; a name that is gone meanwhile is skipped, and so is one
// that was used since it was sampled.

import { Random } from "../algorithms/random";
import { Config, MaxmemoryPolicy } from "../generated/config";
import { Text } from "../memory/text";
import { Bucket } from "../structures/table";
import { Database } from "./database";
import { Entry } from "./entry";
import { Frequency } from "./frequency";
import { Keyspace, Removal } from "./keyspace";

const POOL: u32 = 16;


@unmanaged
class Candidate {
  score: u64;
  name: Text | null;
  db: u32;
}

const candidates: usize = memory.data(POOL * 16, 8);

export class Eviction {
  private static pooled: u32 = 0;
  /** The database that a random policy looks at next. */
  private static nextDb: u32 = 0;

  /** maxmemory-policy was set: scores of another kind are worth nothing. */
  static configured(): void {
    const policy = Config.maxmemoryPolicy;
    Keyspace.countsFrequency =
      policy == MaxmemoryPolicy.ALLKEYS_LFU || policy == MaxmemoryPolicy.VOLATILE_LFU;
    Keyspace.ranksIdleness =
      policy == MaxmemoryPolicy.ALLKEYS_LRU || policy == MaxmemoryPolicy.VOLATILE_LRU;
    while (Eviction.pooled) Eviction.drop(Eviction.pooled - 1);
  }

  /** Removes one key; false when the policy has none to give. */
  static evictOne(): bool {
    switch (Config.maxmemoryPolicy) {
      case MaxmemoryPolicy.NOEVICTION:
        return false;
      case MaxmemoryPolicy.ALLKEYS_RANDOM:
        return Eviction.evictRandom(false);
      case MaxmemoryPolicy.VOLATILE_RANDOM:
        return Eviction.evictRandom(true);
      default:
        return Eviction.evictBest();
    }
  }


  @inline private static at(index: u32): Candidate {
    return changetype<Candidate>(candidates + (index << 4));
  }

  private static evictRandom(volatileOnly: bool): bool {
    for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
      const db = Keyspace.database(Eviction.nextDb);
      Eviction.nextDb = (Eviction.nextDb + 1) % Keyspace.databaseCount;
      let entry: Entry | null = null;
      if (volatileOnly) {
        if (db.volatiles.count) entry = db.volatiles.at(Random.below(db.volatiles.count));
      } else if (db.count) {
        entry = randomEntry(db);
      }
      if (!entry) continue;
      Eviction.remove(db, entry);
      return true;
    }
    return false;
  }

  private static evictBest(): bool {
    const policy = Config.maxmemoryPolicy;
    const volatileOnly =
      policy == MaxmemoryPolicy.VOLATILE_LRU ||
      policy == MaxmemoryPolicy.VOLATILE_LFU ||
      policy == MaxmemoryPolicy.VOLATILE_TTL;
    // Each round adds candidates; the best that still exists goes.
    for (let round = 0; round < 32; round++) {
      let any = false;
      for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
        const db = Keyspace.database(i);
        if (!(volatileOnly ? db.volatiles.count : db.count)) continue;
        any = true;
        Eviction.sample(db, volatileOnly);
      }
      if (!any) return false;
      while (Eviction.pooled) {
        const best = Eviction.at(Eviction.pooled - 1);
        const db = Keyspace.database(best.db);
        const name = best.name!;
        const score = best.score;
        const entry = db.find(name.bytes, name.length, Database.hash(name.bytes, name.length));
        Eviction.drop(Eviction.pooled - 1);
        if (!entry || (volatileOnly && !entry.isVolatile)) continue;
        if (Eviction.scoreOf(entry) < score) continue;
        Eviction.remove(db, entry);
        return true;
      }
    }
    return false;
  }

  private static remove(db: Database, entry: Entry): void {
    Keyspace.drop(db, entry, Database.hash(entry.keyPtr, entry.keyLen), Removal.EVICTED);
  }

  /** Lets some entries of a database compete. A bucket is in the cache once one of its entries is looked at. */
  private static sample(db: Database, volatileOnly: bool): void {
    let rest = <i32>Config.maxmemorySamples;
    if (volatileOnly) {
      const count = db.volatiles.count;
      for (; rest > 0; rest--) Eviction.consider(db, db.volatiles.at(Random.below(count)));
      return;
    }
    for (let tries = 0; rest > 0 && tries < 64; tries++) {
      const table = db.tableAt(db.tableCount == 1 ? 0 : Random.below(db.tableCount));
      let bucket: Bucket | null = table.bucketAt(Random.below(table.buckets));
      while (bucket) {
        for (let filled = bucket.filled; filled; filled &= filled - 1) {
          Eviction.consider(db, changetype<Entry>(bucket.item(<u32>ctz(filled))));
          rest--;
        }
        bucket = bucket.next;
      }
    }
  }

  /** The higher, the sooner the key goes. */
  private static scoreOf(entry: Entry): u64 {
    const policy = Config.maxmemoryPolicy;
    if (policy == MaxmemoryPolicy.VOLATILE_TTL) return u64.MAX_VALUE - <u64>entry.expiry;
    if (Keyspace.countsFrequency) return 255 - Frequency.of(entry);
    return (Keyspace.accessClock() - entry.lru) & 0xffffff;
  }

  /** Puts an entry into the pool, if it is better than the worst there or there is room. */
  private static consider(db: Database, entry: Entry): void {
    const score = Eviction.scoreOf(entry);
    let place: u32 = 0;
    while (place < Eviction.pooled && Eviction.at(place).score < score) place++;
    if (Eviction.pooled == POOL) {
      if (!place) return;
      place--;
    }
    for (let i: u32 = 0; i < Eviction.pooled; i++) {
      const other = Eviction.at(i);
      if (
        other.db == db.index &&
        other.name!.length == entry.keyLen &&
        entry.hasKey(other.name!.bytes, entry.keyLen)
      ) {
        return;
      }
    }
    if (Eviction.pooled == POOL) {
      Eviction.at(0).name!.dispose();
      memory.copy(candidates, candidates + 16, (<usize>place) << 4);
    } else {
      memory.copy(
        candidates + ((place + 1) << 4),
        candidates + (place << 4),
        (<usize>(Eviction.pooled - place)) << 4,
      );
      Eviction.pooled++;
    }
    const candidate = Eviction.at(place);
    candidate.score = score;
    candidate.name = Text.of(entry.keyPtr, entry.keyLen);
    candidate.db = db.index;
  }

  /** Takes a candidate at the end out of the pool. */
  private static drop(index: u32): void {
    Eviction.at(index).name!.dispose();
    Eviction.pooled = index;
  }
}

function randomEntry(db: Database): Entry | null {
  for (let tries = 0; tries < 64; tries++) {
    const table = db.tableAt(db.tableCount == 1 ? 0 : Random.below(db.tableCount));
    if (table.count) return table.randomItem(Random.next());
  }
  return null;
}
