// LCS: the longest common subsequence of two strings, by the table of all prefixes.
//
//   length[i][j] = length of the LCS of the first i bytes of a and the first j bytes of b, u32

import { Config } from "../generated/config";
import { Entry, Type } from "../keyspace/entry";
import { Heap } from "../memory/heap";
import { Reply } from "../protocol/reply";
import { Strings } from "../types/string";
import { Command } from "../execution/command";

class Lcs {
  static a: usize = 0;
  static aLen: u32 = 0;
  static b: usize = 0;
  static bLen: u32 = 0;
  private static table: usize = 0;


  @inline private static at(i: u32, j: u32): usize {
    return Lcs.table + ((<usize>i * (Lcs.bLen + 1) + j) << 2);
  }

  static fill(): void {
    const bytes = (<usize>Lcs.aLen + 1) * (Lcs.bLen + 1) * 4;
    Lcs.table = Heap.alloc(bytes);
    memory.fill(Lcs.table, 0, (<usize>Lcs.bLen + 1) << 2);
    for (let i: u32 = 1; i <= Lcs.aLen; i++) {
      store<u32>(Lcs.at(i, 0), 0);
      const char = load<u8>(Lcs.a + i - 1);
      for (let j: u32 = 1; j <= Lcs.bLen; j++) {
        const length =
          char == load<u8>(Lcs.b + j - 1)
            ? load<u32>(Lcs.at(i - 1, j - 1)) + 1
            : max(load<u32>(Lcs.at(i - 1, j)), load<u32>(Lcs.at(i, j - 1)));
        store<u32>(Lcs.at(i, j), length);
      }
    }
  }

  static get length(): u32 {
    return load<u32>(Lcs.at(Lcs.aLen, Lcs.bLen));
  }

  static dispose(): void {
    Heap.free(Lcs.table);
  }

  static replyBytes(reply: Reply): void {
    const length = Lcs.length;
    const bytes = Heap.alloc(length);
    let to = length;
    let i = Lcs.aLen;
    let j = Lcs.bLen;
    while (to) {
      if (load<u8>(Lcs.a + i - 1) == load<u8>(Lcs.b + j - 1)) {
        store<u8>(bytes + --to, load<u8>(Lcs.a + i - 1));
        i--;
        j--;
      } else if (load<u32>(Lcs.at(i - 1, j)) > load<u32>(Lcs.at(i, j - 1))) {
        i--;
      } else {
        j--;
      }
    }
    reply.bulk(bytes, length);
    Heap.free(bytes);
  }

  /** Replies the runs that match in both strings, from the last to the first; how many. */
  static replyRuns(reply: Reply, minimum: i64, withLengths: bool): u32 {
    let runs: u32 = 0;
    let i = Lcs.aLen;
    let j = Lcs.bLen;
    while (i && j) {
      if (load<u8>(Lcs.a + i - 1) == load<u8>(Lcs.b + j - 1)) {
        let length: u32 = 0;
        while (i && j && load<u8>(Lcs.a + i - 1) == load<u8>(Lcs.b + j - 1)) {
          i--;
          j--;
          length++;
        }
        if (<i64>length < minimum) continue;
        runs++;
        reply.array(withLengths ? 3 : 2);
        Lcs.replyRange(reply, i, length);
        Lcs.replyRange(reply, j, length);
        if (withLengths) reply.integer(length);
      } else if (load<u32>(Lcs.at(i - 1, j)) > load<u32>(Lcs.at(i, j - 1))) {
        i--;
      } else {
        j--;
      }
    }
    return runs;
  }

  private static replyRange(reply: Reply, start: u32, length: u32): void {
    reply.array(2);
    reply.integer(start);
    reply.integer(start + length - 1);
  }
}

/** LCS key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN] */
export function lcs(cmd: Command): void {
  let wantsLength = false;
  let wantsIndexes = false;
  let withLengths = false;
  let minimum: i64 = 0;
  const first = cmd.read(1, Type.ANY);
  const second = cmd.read(2, Type.ANY);
  if ((first && first.type != Type.STRING) || (second && second.type != Type.STRING)) {
    return cmd.fail("ERR The specified keys must contain string values");
  }
  for (let i = 3; i < cmd.argc; i++) {
    if (cmd.is(i, "idx")) wantsIndexes = true;
    else if (cmd.is(i, "len")) wantsLength = true;
    else if (cmd.is(i, "withmatchlen")) withLengths = true;
    else if (cmd.is(i, "minmatchlen") && i + 1 < cmd.argc) {
      minimum = max<i64>(cmd.integer(++i), 0);
      if (cmd.failed) return;
    } else {
      return cmd.failSyntax();
    }
  }
  if (wantsLength && wantsIndexes) {
    return cmd.fail("ERR If you want both the length and indexes, please just use IDX.");
  }
  const a = bytesOf(first);
  Lcs.a = a;
  Lcs.aLen = Strings.len;
  Lcs.b = bytesOf(second);
  Lcs.bLen = Strings.len;
  const bytes = (<u64>Lcs.aLen + 1) * (<u64>Lcs.bLen + 1) * 4;
  if (bytes > Config.protoMaxBulkLen || !Heap.hasRoom(bytes)) {
    freeBytes();
    return cmd.fail("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  }
  Lcs.fill();
  const reply = cmd.reply;
  if (wantsIndexes) {
    reply.map(2);
    reply.bulkText("matches");
    const mark = reply.mark();
    reply.closeArray(mark, Lcs.replyRuns(reply, minimum, withLengths));
    reply.bulkText("len");
    reply.integer(Lcs.length);
  } else if (wantsLength) {
    reply.integer(Lcs.length);
  } else {
    Lcs.replyBytes(reply);
  }
  Lcs.dispose();
  freeBytes();
}

/** A copy of a string's bytes, since two numbers share the memory that shows their digits. */
function bytesOf(entry: Entry | null): usize {
  if (entry) Strings.view(entry);
  else Strings.len = 0;
  const copy = Heap.alloc(Strings.len);
  memory.copy(copy, Strings.ptr, Strings.len);
  return copy;
}

function freeBytes(): void {
  Heap.free(Lcs.a);
  Heap.free(Lcs.b);
}
