// The loading of one value, which may stop at any byte and go on when more have come.
//
// The value grows in an entry that has no key, so that the functions of its type build it as commands
// would. A type's function reads element after element: before each it calls `mark`; when `state` is not OK
// afterwards it calls `rewind` and returns, to be called again with the same fields. `stage`, `left`
// and the other numbers are its own, and 0 at the first call. It sets `done` at the end.

import { Entry } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { ModuleOpcode, RdbType } from "./rdb-format";
import { RdbReader, RdbState } from "./rdb-reader";

/** `(load)` for each way to write a value; 0: there is none. */
const loaders: usize = memory.data(4 * RdbType.COUNT, 4);


@unmanaged
export class RdbLoad extends RdbReader {
  /** How the value is written. */
  type: u32;
  done: bool;
  /** Whether a value exists in `entry`: a string may wait in `ptr` and `len` only. */
  hasValue: bool;
  /** Whether elements must be compared with each other: the bytes come from a client. */
  isStrict: bool;
  stage: u32;
  left: u64;
  /** What else a type keeps while it loads. */
  a: i64;
  b: usize;
  c: usize;
  d: u64;
  /** The id of the module that a value belongs to; 0: none did. */
  module: u64;
  /** Whether such a value stays out; else it is an error. */
  skipsModules: bool;
  /** The head of `entry`, and its value. */
  private meta: u32;
  private lengthAndFlags: u32;
  private area: u64;

  /** The value. */
  @inline get entry(): Entry {
    return changetype<Entry>(changetype<usize>(this) + offsetof<RdbLoad>("meta"));
  }

  /** Says how a value that is written as `rdbType` is read. */
  @inline static register(rdbType: u32, loader: u32): void {
    store<u32>(loaders + (rdbType << 2), loader);
  }

  /** Reads from these bytes. */
  open(ptr: usize, len: u32): void {
    this.at = ptr;
    this.end = ptr + len;
    this.state = RdbState.OK;
    this.wanted = 0;
  }

  /** The value that follows is written as `rdbType`. */
  begin(rdbType: u32): void {
    this.type = rdbType;
    this.done = false;
    this.hasValue = false;
    this.stage = 0;
    this.left = 0;
    this.a = 0;
    this.b = 0;
    this.c = 0;
    this.d = 0;
  }

  /** Makes the value one of this kind. */
  make(type: u32, encoding: u32, value: usize): Entry {
    const entry = this.entry;
    entry.init(type, encoding, 0, 0, 0);
    entry.value = value;
    this.hasValue = true;
    return entry;
  }

  /** Reads what there is of the value. */
  read(): void {
    const loader = this.type < <u32>RdbType.COUNT ? load<u32>(loaders + (this.type << 2)) : 0;
    if (loader) return call_indirect<void>(loader, this);
    const isModule = this.type == RdbType.MODULE_2 || this.type == RdbType.MODULE_PRE_GA;
    if (!isModule) return this.bad("a value has an unknown type");
    this.mark();
    const id = this.length();
    if (this.skipsModules && this.type == RdbType.MODULE_2) {
      this.skipModule();
      if (this.isOk) this.state = RdbState.EMPTY;
    } else if (this.isOk) {
      this.module = id;
      this.bad("a value belongs to a module");
    }
    if (this.state == RdbState.SHORT) this.rewind();
  }

  /** Goes over what a module wrote, to its end. */
  skipModule(): void {
    while (this.isOk) {
      const opcode = this.length();
      if (!this.isOk || opcode == ModuleOpcode.EOF) return;
      if (opcode == ModuleOpcode.SIGNED || opcode == ModuleOpcode.UNSIGNED) this.length();
      else if (opcode == ModuleOpcode.FLOAT) this.u32();
      else if (opcode == ModuleOpcode.DOUBLE) this.u64();
      else if (opcode == ModuleOpcode.STRING) this.skipString();
      else this.bad("a module's data has an unknown form");
    }
  }

  /** Frees the value as far as it was built. */
  drop(): void {
    if (!this.hasValue) return;
    this.hasValue = false;
    const entry = this.entry;
    if (Types.isCollection(entry.type))
      Types.free(entry.type, entry.value, entry.encoding, i32.MAX_VALUE);
    else Heap.free(entry.stringPtr);
  }
}
