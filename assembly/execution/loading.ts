// Loading a file, as the host sees it: what the log says about the file, and why it does not load.

import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { Detached } from "../keyspace/detached";
import { Keyspace } from "../keyspace/keyspace";
import { Changes } from "../sessions/changes";
import { Watches } from "../sessions/watches";
import { LibraryFile } from "../persistence/libraries";
import { LoadOption, LoadState, RdbFile } from "../persistence/rdb-file";
import { Clock } from "../memory/clock";
import { Host, LogLevel } from "./host";
import { Errors } from "./command";

/** Characters of a module's name, six bits each. */
const MODULE_CHARS: string = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export class Loading {
  /** The reason that `end` put together. */
  @inline static get reason(): usize {
    return Errors.pointer;
  }

  static begin(options: u32): void {
    if (options & LoadOption.EMPTIES) {
      Loading.empty();
      LibraryFile.clear();
    }
    RdbFile.auxHook = onAux.index;
    RdbFile.begin(options);
  }

  /** All keys go, and nobody but those who watch or cache them hears of it. */
  private static empty(): void {
    for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
      const db = Keyspace.database(i);
      if (!db.count) continue;
      Watches.touchDatabase(db, db);
      if (Changes.flushHook) call_indirect<void>(Changes.flushHook, db);
      Detached.flush(db, true);
    }
  }

  /** Ends a load; the length of the reason, 0 where it is complete. */
  static end(): u32 {
    const isComplete = RdbFile.state == LoadState.COMPLETE;
    if (isComplete) Loading.tell();
    Errors.begin();
    if (!isComplete) {
      Errors.text(RdbFile.reason);
      const id = RdbFile.module;
      if (id) Loading.nameModule(id);
    }
    RdbFile.end();
    return isComplete ? 0 : Errors.length;
  }

  private static tell(): void {
    Errors.begin();
    Errors.text("Done loading RDB, keys loaded: ");
    Errors.number(RdbFile.keys);
    Errors.text(", keys expired: ");
    Errors.number(RdbFile.expired);
    if (RdbFile.empty) {
      Errors.text(", empty keys skipped: ");
      Errors.number(RdbFile.empty);
    }
    Errors.text(".");
    Host.log(LogLevel.NOTICE, Errors.pointer, Errors.length);
  }

  private static nameModule(id: u64): void {
    Errors.text(": ");
    for (let shift: u64 = 58; shift >= 10; shift -= 6) {
      const index = <i32>((id >> shift) & 63);
      Errors.part(MODULE_CHARS, index, index + 1);
    }
  }
}

/** Says of a file what Redis says of it. */
function onAux(name: usize, nameLen: u32, value: usize, valueLen: u32): void {
  Errors.begin();
  if (Bytes.is(name, nameLen, "redis-ver")) {
    Errors.text("Loading RDB produced by version ");
    Errors.bytes(value, valueLen);
  } else if (Bytes.is(name, nameLen, "ctime") && Integer.parse(value, valueLen)) {
    Errors.text("RDB age ");
    Errors.number(max<i64>(Clock.nowMs / 1000 - Integer.value, 0));
    Errors.text(" seconds");
  } else if (Bytes.is(name, nameLen, "used-mem") && Integer.parse(value, valueLen)) {
    const hundredths = (Integer.value * 100) >> 20;
    Errors.text("RDB memory usage when created ");
    Errors.number(hundredths / 100);
    Errors.text(".");
    if (hundredths % 100 < 10) Errors.text("0");
    Errors.number(hundredths % 100);
    Errors.text(" Mb");
  } else if (Bytes.is(name, nameLen, "aof-base") && valueLen == 1 && load<u8>(value) == 49) {
    Errors.text("RDB is base AOF");
  } else {
    return;
  }
  Host.log(LogLevel.NOTICE, Errors.pointer, Errors.length);
}
