// Error replies by their code, the first word of the text: INFO errorstats.

import { SipHash } from "../algorithms/siphash";
import { Heap } from "../memory/heap";
import { ErrorStats } from "../protocol/reply";
import { TextBuffer } from "../protocol/text-buffer";
import { Bucket, Table } from "../structures/table";

/** Codes that are counted apart; further ones are not, since texts come from scripts too. */
const CODES_MAX: u32 = 128;
const CODE_LENGTH_MAX: u32 = 64;


@unmanaged
class ErrorCode {
  count: u64;
  keyLen: u32;


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + offsetof<ErrorCode>();
  }
}

export class ErrorCounts {
  private static table: usize = 0;

  static boot(): void {
    ErrorCounts.table = changetype<usize>(Table.create<ErrorCode>());
    ErrorStats.hook = count.index;
  }

  static reset(): void {
    each(1);
    changetype<Table<ErrorCode>>(ErrorCounts.table).dispose();
    Heap.free(ErrorCounts.table);
    ErrorCounts.boot();
  }

  /** Writes a line for each code. */
  static write(): void {
    each(0);
  }

  static get codes(): Table<ErrorCode> {
    return changetype<Table<ErrorCode>>(ErrorCounts.table);
  }
}

/** Writes the codes, or frees them. */
function each(frees: u32): void {
  const codes = ErrorCounts.codes;
  const buckets = codes.buckets;
  for (let index: u32 = 0; index < buckets; index++) {
    let bucket: Bucket | null = codes.bucketAt(index);
    while (bucket) {
      for (let filled = bucket.filled; filled; filled &= filled - 1) {
        const code = changetype<ErrorCode>(bucket.item(<u32>ctz(filled)));
        if (frees) {
          Heap.free(changetype<usize>(code));
          continue;
        }
        TextBuffer.text("errorstat_");
        TextBuffer.bytes(code.keyPtr, code.keyLen);
        TextBuffer.text(":count=");
        TextBuffer.integer(code.count);
        TextBuffer.text("\r\n");
      }
      bucket = bucket.next;
    }
  }
}

function count(pointer: usize, length: u32): void {
  let end: u32 = 0;
  while (end < length && end < CODE_LENGTH_MAX && load<u8>(pointer + end) != 32) end++;
  const codes = ErrorCounts.codes;
  const hash = SipHash.hash(pointer, end);
  let code = codes.find(pointer, end, hash);
  if (!code) {
    if (codes.count >= CODES_MAX) return;
    code = changetype<ErrorCode>(Heap.alloc(offsetof<ErrorCode>() + end));
    code.count = 0;
    code.keyLen = end;
    memory.copy(code.keyPtr, pointer, end);
    codes.insert(code, hash);
  }
  code.count++;
}
