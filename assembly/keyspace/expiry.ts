// Active expiry: keys that nobody asks for go too.
//
// Each database's list of volatile keys is walked in a cycle, some entries a call. While many of
// those looked at were past their time, the walk goes on at once; else it rests until the next tick.

import { Config } from "../generated/config";
import { Clock } from "../memory/clock";
import { Stats } from "../memory/stats";
import { Database } from "./database";
import { Keyspace, Removal } from "./keyspace";

/**
 * Entries looked at in one go, with the least effort: a quarter more for each step of active-expire-effort. Where
 * more than 10 % of them, less 1 % for each step, were past their time, the next go follows at once.
 */
const SAMPLE: u32 = 64;
const STALE_PERCENT: u32 = 10;

export class Expiry {
  /** DEBUG SET-ACTIVE-EXPIRE. */
  static isActive: bool = true;
  private static database: u32 = 0;

  /** Whether there are keys that may expire. */
  static get hasWork(): bool {
    if (!Expiry.isActive || Keyspace.hidesExpired || !Keyspace.expires) return false;
    for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
      if (Keyspace.database(i).volatiles.count) return true;
    }
    return false;
  }

  private static get effort(): u32 {
    return <u32>Config.activeExpireEffort - 1;
  }

  /** Removes expired keys for at most `budget` entries looked at; whether there is more to do at once. */
  static work(budget: u32): bool {
    if (!Expiry.hasWork) return false;
    const size = SAMPLE + (SAMPLE >> 2) * Expiry.effort;
    const worthwhile = (size * (STALE_PERCENT - Expiry.effort)) / 100;
    let left = <i32>budget;
    for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
      const db = Keyspace.database(Expiry.database);
      while (db.volatiles.count) {
        if (left <= 0) return true;
        left -= size;
        if (Expiry.sample(db, size) <= worthwhile) break;
      }
      Expiry.database = Expiry.database + 1 == Keyspace.databaseCount ? 0 : Expiry.database + 1;
    }
    return false;
  }

  /** Looks at the next entries of a database; how many of them were past their time. */
  private static sample(db: Database, size: u32): u32 {
    const volatiles = db.volatiles;
    let looked = min(size, volatiles.count);
    const total = looked;
    let expired: u32 = 0;
    let ttlSum: i64 = 0;
    while (looked-- && volatiles.count) {
      if (db.expiryCursor >= volatiles.count) db.expiryCursor = 0;
      const entry = volatiles.at(db.expiryCursor);
      const left = entry.expiry - Clock.nowMs;
      if (left < 0) {
        // The last entry of the list comes into this place: the cursor stays.
        Keyspace.drop(db, entry, Database.hash(entry.keyPtr, entry.keyLen), Removal.EXPIRED);
        expired++;
      } else {
        ttlSum += left;
        db.expiryCursor++;
      }
    }
    if (total > expired) {
      const average = ttlSum / (total - expired);
      db.averageTtl = db.averageTtl ? db.averageTtl + (average - db.averageTtl) / 50 : average;
    }
    Stats.expiredStalePercent = (<f64>expired / <f64>total) * 5 + Stats.expiredStalePercent * 0.95;
    return expired;
  }
}
