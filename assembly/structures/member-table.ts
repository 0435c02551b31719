// The members of a large set: a hash table of blocks with a length and the bytes.
//
//   0     1                0                 4
//   ├─────┼────────   or   ├─────────────────┼────────
//   │ len │ member         │ len | 1<<31, BE │ member
//   └─────┴────────        └─────────────────┴────────

import { SipHash } from "../algorithms/siphash";
import { Bucket, Table } from "./table";
import { Heap } from "../memory/heap";

const SHORT_MAX: u32 = 0x7f;
const LONG_MARK: u32 = 0x80000000;


@unmanaged
export class Member {
  private lead: u8;

  static create(ptr: usize, len: u32): Member {
    const header: u32 = len <= SHORT_MAX ? 1 : 4;
    const block = Heap.alloc(header + len);
    if (len <= SHORT_MAX) store<u8>(block, len);
    else store<u32>(block, bswap(len | LONG_MARK));
    memory.copy(block + header, ptr, len);
    return changetype<Member>(block);
  }


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + (<u32>this.lead <= SHORT_MAX ? 1 : 4);
  }


  @inline get keyLen(): u32 {
    const lead = <u32>this.lead;
    return lead <= SHORT_MAX ? lead : bswap(load<u32>(changetype<usize>(this))) & ~LONG_MARK;
  }


  @inline free(): void {
    Heap.free(changetype<usize>(this));
  }
}


@unmanaged
export class MemberTable extends Table<Member> {
  /** Bytes of the members' blocks. */
  private memberBytes: usize;

  static make(): MemberTable {
    const table = changetype<MemberTable>(Heap.alloc(offsetof<MemberTable>()));
    table.init();
    table.memberBytes = 0;
    return table;
  }


  @inline has(ptr: usize, len: u32): bool {
    return this.findSlot(ptr, len, SipHash.hash(ptr, len)) != 0;
  }

  /** Adds a member; whether it was not there. */
  add(ptr: usize, len: u32): bool {
    const hash = SipHash.hash(ptr, len);
    if (this.findSlot(ptr, len, hash)) return false;
    const member = Member.create(ptr, len);
    this.memberBytes += Heap.sizeOf(changetype<usize>(member));
    this.insert(member, hash);
    return true;
  }

  /** Removes a member; whether it was there. */
  delete(ptr: usize, len: u32): bool {
    const member = this.remove(ptr, len, SipHash.hash(ptr, len));
    if (!member) return false;
    this.memberBytes -= Heap.sizeOf(changetype<usize>(member));
    member.free();
    return true;
  }

  /** Bytes of the table and its members. */
  get bytes(): usize {
    return offsetof<MemberTable>() + this.size + this.memberBytes;
  }

  copy(): MemberTable {
    const made = MemberTable.make();
    const total = this.buckets;
    for (let index: u32 = 0; index < total; index++) {
      for (let bucket: Bucket | null = this.bucketAt(index); bucket; bucket = bucket.next) {
        for (let filled = bucket.filled; filled; filled &= filled - 1) {
          const member = changetype<Member>(bucket.item(<u32>ctz(filled)));
          made.add(member.keyPtr, member.keyLen);
        }
      }
    }
    return made;
  }
}
