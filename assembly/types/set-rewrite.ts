// Sets as commands: SADD.

import { Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { CommandWriter } from "../persistence/command-writer";
import { RdbWriter } from "../persistence/rdb-writer";
import { Member } from "../structures/member-table";
import { SetWalk } from "./set-walk";

export class SetRewrite {
  static value(out: RdbWriter, key: usize, keyLen: u32, value: usize, encoding: u32): void {
    let left = Types.length(Type.SET, value, encoding);
    const walk = SetWalk.spare;
    walk.start(value, encoding);
    while (left) {
      const count = min(left, CommandWriter.ITEMS);
      left -= count;
      SetRewrite.head(out, key, keyLen, count);
      for (let i: u32 = 0; i < count; i++) {
        walk.next();
        CommandWriter.bulk(out, walk.ptr, walk.len);
      }
    }
  }

  static head(out: RdbWriter, key: usize, keyLen: u32, count: u32): void {
    CommandWriter.begin(out, 2 + count, "SADD");
    CommandWriter.bulk(out, key, keyLen);
  }

  static member(out: RdbWriter, member: Member): void {
    CommandWriter.bulk(out, member.keyPtr, member.keyLen);
  }
}
