// The writing of one key as commands: its value, by the function of its type, then its expiry.

import { Encoding, Entry } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Capture } from "./capture";
import { CommandWriter } from "./command-writer";
import { RdbWriter } from "./rdb-writer";

export class Rewrite {
  static entry(out: RdbWriter, entry: Entry): void {
    const type = entry.type;
    const key = entry.keyPtr;
    const len = entry.keyLen;
    if (Types.isCollection(type)) {
      const writer = changetype<usize>(out);
      const rewrite = Types.info(type).rewrite;
      call_indirect<void>(rewrite, writer, key, len, entry.value, entry.encoding);
    } else {
      CommandWriter.begin(out, 3, "SET");
      CommandWriter.bulk(out, key, len);
      if (entry.encoding == Encoding.INT) CommandWriter.integer(out, entry.integer);
      else CommandWriter.bulk(out, entry.stringPtr, entry.stringLen);
    }
    if (entry.isVolatile) Rewrite.expiry(out, key, len, entry.expiry);
  }

  /** What comes behind the last element of a capture. */
  static end(capture: Capture): void {
    if (capture.expiry < 0) return;
    Rewrite.expiry(Capture.stream, capture.key, capture.keyLen, capture.expiry);
  }

  static select(out: RdbWriter, db: u32): void {
    CommandWriter.begin(out, 2, "SELECT");
    CommandWriter.integer(out, db);
  }

  private static expiry(out: RdbWriter, key: usize, len: u32, atMs: i64): void {
    CommandWriter.begin(out, 3, "PEXPIREAT");
    CommandWriter.bulk(out, key, len);
    CommandWriter.integer(out, atMs);
  }
}
