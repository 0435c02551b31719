// A large collection as it was when the snapshot came to it, or when a command came first to change it.
//
// Its head is written at once: expiry, type, key, the number of elements. The elements follow bit by bit,
// while commands go on: before a block of the collection changes that is not written yet, its elements go
// to `early`. A capture that waits for its turn has its head there too.
//
//   stream   … │ key │ key │ head of a capture │ early │ elements … │ key │ key │ …
//                          └──────────────── its turn ──────────────┘
//
// A value that is deleted meanwhile belongs to its capture, which frees it at the end.

import { Entry } from "../keyspace/entry";
import { Garbage } from "../keyspace/garbage";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { RdbWriter } from "./rdb-writer";


@unmanaged
export class Capture {
  /** The next one that waits. */
  next: Capture | null;
  type: u32;
  encoding: u32;
  value: usize;
  /** The database's number in the stream. */
  db: u32;
  /** Whether the value has no key any more. */
  isOwned: bool;
  /** Whether its turn has come: what must be written goes to the stream itself. */
  isActive: bool;
  /** Nobody wants the bytes: the snapshot was given up, but blocks are still to be marked. */
  isSilent: bool;
  done: bool;
  /** Where the type goes on. */
  place: u32;
  a: usize;
  b: usize;
  /** The snapshot is one of commands: the key that they name, a copy, and its expiry or -1. */
  key: usize;
  keyLen: u32;
  expiry: i64;
  /** `(writer, key, keyLen, count)`: begins a command of so many elements; 0: each element begins its own. */
  head: u32;
  /** Records of a directory of blocks: how many, of how many bytes, and where in them the address is. */
  count: u32;
  stride: u32;
  offset: u32;
  /** What was written before its turn. */
  early: RdbWriter;

  static create(type: u32, value: usize, encoding: u32, db: u32): Capture {
    const capture = changetype<Capture>(Heap.alloc(offsetof<Capture>()));
    memory.fill(changetype<usize>(capture), 0, offsetof<Capture>());
    capture.type = type;
    capture.encoding = encoding;
    capture.value = value;
    capture.db = db;
    capture.early = changetype<RdbWriter>(Heap.alloc(offsetof<RdbWriter>()));
    capture.early.init();
    return capture;
  }

  /** Keeps what its commands need: those of a snapshot of commands. */
  keepKey(entry: Entry): void {
    this.keyLen = entry.keyLen;
    this.key = Heap.alloc(max(entry.keyLen, 1));
    memory.copy(this.key, entry.keyPtr, entry.keyLen);
    this.expiry = entry.expiry;
  }

  /** Whether it is written as commands. */
  @inline get isCommands(): bool {
    return this.key != 0;
  }

  /** Where its bytes go now. */
  @inline get out(): RdbWriter {
    return this.isActive ? Capture.stream : this.early;
  }

  /** The stream of the snapshot. */
  @inline static get stream(): RdbWriter {
    return changetype<RdbWriter>(stream);
  }

  /** Writes some of it; what is left of the budget. */
  @inline writeSome(budget: i32): i32 {
    return call_indirect<i32>(Types.info(this.type).captureSome, this, budget);
  }

  /** Lets go of the value. */
  release(): void {
    call_indirect<void>(Types.info(this.type).captureEnd, this);
    if (this.isOwned) Garbage.queue(this.type, this.value, this.encoding);
    if (this.key) Heap.free(this.key);
    this.early.dispose();
    Heap.free(changetype<usize>(this.early));
    Heap.free(changetype<usize>(this));
  }
}

const stream: usize = memory.data(offsetof<RdbWriter>(), 8);
