// The writing of one value.

import { Encoding, Entry } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { RdbType, RDB_VERSION, RDB_VERSION_MAX } from "./rdb-format";
import { RdbWriter } from "./rdb-writer";

export class RdbSave {
  /** How a value is written. */
  static typeOf(entry: Entry): u32 {
    const type = entry.type;
    return Types.isCollection(type)
      ? Types.rdbType(type, entry.value, entry.encoding)
      : RdbType.STRING;
  }

  /** The lowest version of the format that has this way to write a value. */
  static versionOf(rdbType: u32): u32 {
    return rdbType < <u32>RdbType.SET_LISTPACK ? RDB_VERSION : RDB_VERSION_MAX;
  }

  /** Writes a value, without its type. */
  static value(out: RdbWriter, entry: Entry): void {
    const type = entry.type;
    if (Types.isCollection(type))
      Types.save(type, changetype<usize>(out), entry.value, entry.encoding);
    else if (entry.encoding == Encoding.INT) out.integer(entry.integer);
    else out.string(entry.stringPtr, entry.stringLen);
  }
}
