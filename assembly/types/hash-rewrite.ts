// Hashes as commands: HSET, and HPEXPIREAT behind each field that has an expiry.

import { Encoding, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Capture } from "../persistence/capture";
import { CommandWriter } from "../persistence/command-writer";
import { RdbWriter } from "../persistence/rdb-writer";
import { Field, FieldTable } from "../structures/field-table";
import { Bucket } from "../structures/table";
import { HashWalk } from "./hash-walk";

export class HashRewrite {
  static value(out: RdbWriter, key: usize, keyLen: u32, value: usize, encoding: u32): void {
    if (encoding != Encoding.LISTPACK && changetype<FieldTable>(value).volatileCount)
      return HashRewrite.volatiles(out, key, keyLen, changetype<FieldTable>(value));
    let left = Types.length(Type.HASH, value, encoding);
    const walk = HashWalk.spare;
    walk.start(value, encoding);
    while (left) {
      const count = min(left, CommandWriter.ITEMS);
      left -= count;
      HashRewrite.head(out, key, keyLen, count);
      for (let i: u32 = 0; i < count; i++) {
        walk.next();
        CommandWriter.bulk(out, walk.ptr, walk.len);
        CommandWriter.bulk(out, walk.valuePtr, walk.valueLen);
      }
    }
  }

  static head(out: RdbWriter, key: usize, keyLen: u32, count: u32): void {
    CommandWriter.begin(out, 2 + (count << 1), "HSET");
    CommandWriter.bulk(out, key, keyLen);
  }

  static field(out: RdbWriter, field: Field): void {
    CommandWriter.bulk(out, field.keyPtr, field.keyLen);
    CommandWriter.bulk(out, field.valuePtr, field.valueLen);
  }

  /** A field by itself, with its expiry. */
  static captured(out: RdbWriter, field: Field, capture: Capture): void {
    HashRewrite.single(out, capture.key, capture.keyLen, field);
  }

  private static volatiles(out: RdbWriter, key: usize, keyLen: u32, table: FieldTable): void {
    for (let index: u32 = 0; index < table.buckets; index++) {
      for (let bucket: Bucket | null = table.bucketAt(index); bucket; bucket = bucket.next) {
        for (let filled = bucket.filled; filled; filled &= filled - 1)
          HashRewrite.single(out, key, keyLen, changetype<Field>(bucket.item(<u32>ctz(filled))));
      }
    }
  }

  private static single(out: RdbWriter, key: usize, keyLen: u32, field: Field): void {
    HashRewrite.head(out, key, keyLen, 1);
    HashRewrite.field(out, field);
    if (!field.hasExpiry) return;
    CommandWriter.begin(out, 6, "HPEXPIREAT");
    CommandWriter.bulk(out, key, keyLen);
    CommandWriter.integer(out, field.expiry);
    CommandWriter.text(out, "FIELDS");
    CommandWriter.integer(out, 1);
    CommandWriter.bulk(out, field.keyPtr, field.keyLen);
  }
}
