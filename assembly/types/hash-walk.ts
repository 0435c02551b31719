// A walk over the fields of a hash, whatever its form. The hash must not change meanwhile.

import { Integer } from "../algorithms/integer";
import { Encoding } from "../keyspace/entry";
import { Field, FieldTable } from "../structures/field-table";
import { Listpack } from "../structures/listpack";
import { TableWalk } from "../structures/table-walk";

const WALK_SIZE: u32 = 96;
const mainWalk: usize = memory.data(WALK_SIZE, 8);
const spareWalk: usize = memory.data(WALK_SIZE, 8);


@unmanaged
export class HashWalk extends TableWalk {
  /** The field and its value. */
  ptr: usize;
  len: u32;
  valuePtr: usize;
  valueLen: u32;
  private value: usize;
  private encoding: u32;
  /** Digits of a field that is a number, then of a value: 24 bytes each. */
  private fieldDigits: u64;
  private fieldDigits1: u64;
  private fieldDigits2: u64;
  private valueDigits: u64;
  private valueDigits1: u64;
  private valueDigits2: u64;

  /** For commands that walk one hash at a time. */
  @inline static get main(): HashWalk {
    return changetype<HashWalk>(mainWalk);
  }
  /** For conversions in the midst of such a walk. */
  @inline static get spare(): HashWalk {
    return changetype<HashWalk>(spareWalk);
  }

  start(value: usize, encoding: u32): void {
    this.value = value;
    this.encoding = encoding;
    this.startAt(encoding == Encoding.LISTPACK ? Listpack.first(value) : 0);
  }

  /** Goes to the next field; false at the end. */
  next(): bool {
    if (this.encoding == Encoding.LISTPACK) {
      if (!this.place) return false;
      this.place = this.setPacked(this.place);
      return true;
    }
    const table = changetype<FieldTable>(this.value);
    for (;;) {
      const item = this.nextItem<Field>(table);
      if (!item) return false;
      const field = changetype<Field>(item);
      if (field.isDue) continue;
      this.setField(field);
      return true;
    }
  }

  setField(field: Field): void {
    this.ptr = field.keyPtr;
    this.len = field.keyLen;
    this.valuePtr = field.valuePtr;
    this.valueLen = field.valueLen;
  }

  /** Reads the field at `p` and the value behind it; answers the entry behind both. */
  setPacked(p: usize): usize {
    if (Listpack.read(p)) {
      this.ptr = changetype<usize>(this) + offsetof<HashWalk>("fieldDigits");
      this.len = Integer.format(Listpack.value, this.ptr);
    } else {
      this.ptr = Listpack.ptr;
      this.len = Listpack.len;
    }
    const value = Listpack.next(p);
    if (Listpack.read(value)) {
      this.valuePtr = changetype<usize>(this) + offsetof<HashWalk>("valueDigits");
      this.valueLen = Integer.format(Listpack.value, this.valuePtr);
    } else {
      this.valuePtr = Listpack.ptr;
      this.valueLen = Listpack.len;
    }
    return Listpack.next(value);
  }
}
