// A walk over the members of a set, whatever its form. The set must not change meanwhile.

import { Integer } from "../algorithms/integer";
import { Encoding } from "../keyspace/entry";
import { IntSet } from "../structures/intset";
import { Listpack } from "../structures/listpack";
import { Member, MemberTable } from "../structures/member-table";
import { TableWalk } from "../structures/table-walk";

const WALK_SIZE: u32 = 64;
const mainWalk: usize = memory.data(WALK_SIZE, 8);
const spareWalk: usize = memory.data(WALK_SIZE, 8);


@unmanaged
export class SetWalk extends TableWalk {
  /** The member. */
  ptr: usize;
  len: u32;
  private value: usize;
  private encoding: u32;
  /** Digits of an integer member: 24 bytes. */
  private digits0: u64;
  private digits1: u64;
  private digits2: u64;

  /** For commands that walk one set at a time. */
  @inline static get main(): SetWalk {
    return changetype<SetWalk>(mainWalk);
  }
  /** For conversions in the midst of such a walk. */
  @inline static get spare(): SetWalk {
    return changetype<SetWalk>(spareWalk);
  }

  start(value: usize, encoding: u32): void {
    this.value = value;
    this.encoding = encoding;
    this.startAt(encoding == Encoding.LISTPACK ? Listpack.first(value) : 0);
  }

  /** Goes to the next member; false at the end. */
  next(): bool {
    switch (this.encoding) {
      case Encoding.INTSET:
        if (this.place == IntSet.length(this.value)) return false;
        this.setInteger(IntSet.at(this.value, <u32>this.place));
        this.place++;
        return true;
      case Encoding.LISTPACK:
        if (!this.place) return false;
        this.setPacked(this.place);
        this.place = Listpack.next(this.place);
        return true;
      default:
        return this.nextInTable();
    }
  }

  setInteger(value: i64): void {
    const digits = changetype<usize>(this) + offsetof<SetWalk>("digits0");
    this.ptr = digits;
    this.len = Integer.format(value, digits);
  }

  setPacked(p: usize): void {
    if (Listpack.read(p)) return this.setInteger(Listpack.value);
    this.ptr = Listpack.ptr;
    this.len = Listpack.len;
  }

  private nextInTable(): bool {
    const table = changetype<MemberTable>(this.value);
    const item = this.nextItem<Member>(table);
    if (!item) return false;
    const member = changetype<Member>(item);
    this.ptr = member.keyPtr;
    this.len = member.keyLen;
    return true;
  }
}
