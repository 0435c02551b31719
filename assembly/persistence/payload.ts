// What DUMP and FUNCTION DUMP answer and RESTORE takes: a piece of an RDB file, sealed.
//
//   ├───────┼─────────────┼──────────────────────────────┤
//   │ piece │ version u16 │ CRC-64 of all in front, or 0 │
//   └───────┴─────────────┴──────────────────────────────┘

import { Crc64 } from "../algorithms/crc64";
import { Slice } from "../memory/slice";
import { RDB_VERSION_MAX } from "./rdb-format";
import { RdbFile } from "./rdb-file";
import { RdbWriter } from "./rdb-writer";

export class Payload {
  /** Bytes behind the piece. */
  @inline static readonly SEAL: u32 = 10;

  /** Seals what was written, which needs this version of the format. */
  static seal(out: RdbWriter, version: u32): void {
    out.byte(version & 255);
    out.byte(version >> 8);
    out.u64(Crc64.update(0, out.bytes, out.length));
  }

  /** Whether a payload has a version that is known and the checksum of its bytes. */
  static isIntact(payload: Slice): bool {
    const len = payload.len;
    if (len < Payload.SEAL) return false;
    const seal = <usize>payload.ptr + len - Payload.SEAL;
    if (<u32>load<u16>(seal) > RDB_VERSION_MAX) return false;
    const checksum = load<u64>(seal, 2);
    if (!checksum || RdbFile.skipsChecksum) return true;
    return checksum == Crc64.update(0, payload.ptr, len - 8);
  }
}
