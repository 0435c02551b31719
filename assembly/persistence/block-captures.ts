// Captures of collections whose blocks must be written in their order: lists and streams.
//
// A capture has a copy of the collection's directory: a record for each block, with its address. All these
// addresses are in one index. A block that is about to change while it is in the index is copied, and
// the copy is the capture's; once its block is written, or copied, an address leaves the index.
//
//   directory   │ record │ record │ record │ …          a record holds the address of a block at `offset`
//   index       address ──► capture, number of the record         open addressing, linear probing

import { Heap } from "../memory/heap";
import { Block } from "../structures/block";
import { Capture } from "./capture";

/** The low bit of an address in a directory: the block is the capture's own copy. */
const OWNED: u32 = 1;
const FIRST_SIZE: u32 = 1024;


@unmanaged
class Slot {
  address: u32;
  capture: Capture;
  record: u32;
}

export class BlockCaptures {
  private static slots: usize = 0;
  private static mask: u32 = 0;
  private static count: u32 = 0;
  /** Bytes of copies that wait to be written. */
  static copied: u64 = 0;


  @inline private static at(index: u32): Slot {
    return changetype<Slot>(BlockCaptures.slots + <usize>index * offsetof<Slot>());
  }


  @inline private static home(address: u32): u32 {
    return ((address >> 3) * 0x9e3779b1) >> 8;
  }

  /**
   * Begins with a directory of `count` records of `stride` bytes, which belongs to the capture from now on;
   * the address of a record's block is at `offset`.
   */
  static begin(capture: Capture, directory: usize, count: u32, stride: u32, offset: u32): void {
    capture.a = directory;
    capture.count = count;
    capture.stride = stride;
    capture.offset = offset;
    BlockCaptures.reserve(count);
    for (let i: u32 = 0; i < count; i++)
      BlockCaptures.add(load<u32>(BlockCaptures.place(capture, i)), capture, i);
    Block.hook = onChange.index;
  }

  /** Where the address of a record's block is. */
  @inline private static place(capture: Capture, record: u32): usize {
    return capture.a + <usize>(record * capture.stride + capture.offset);
  }

  /** The address of a record's block. */
  @inline static blockOf(capture: Capture, record: u32): usize {
    return load<u32>(BlockCaptures.place(capture, record)) & ~OWNED;
  }

  /** The block of a record is written. */
  static written(capture: Capture, record: u32): void {
    const address = load<u32>(BlockCaptures.place(capture, record));
    if (!(address & OWNED)) return BlockCaptures.remove(address);
    const block = <usize>(address & ~OWNED);
    BlockCaptures.copied -= Heap.sizeOf(block);
    Heap.free(block);
  }

  /** Lets go of what is not written. */
  static end(capture: Capture): void {
    for (let i = capture.place; i < capture.count; i++) BlockCaptures.written(capture, i);
    Heap.free(capture.a);
    if (BlockCaptures.count) return;
    Block.hook = 0;
    if (BlockCaptures.slots) Heap.free(BlockCaptures.slots);
    BlockCaptures.slots = 0;
    BlockCaptures.mask = 0;
  }

  /** A block changes: a capture that has it gets a copy. */
  static changing(address: usize): void {
    const index = BlockCaptures.find(<u32>address);
    if (index < 0) return;
    const slot = BlockCaptures.at(<u32>index);
    const place = BlockCaptures.place(slot.capture, slot.record);
    const isSilent = slot.capture.isSilent;
    BlockCaptures.removeAt(<u32>index);
    if (isSilent) {
      // Nobody will look: an empty block stands for it.
      store<u32>(place, (<u32>Heap.alloc(8)) | OWNED);
      BlockCaptures.copied += 8;
      return;
    }
    const size = Heap.sizeOf(address);
    const copy = Heap.alloc(size);
    memory.copy(copy, address, size);
    store<u32>(place, (<u32>copy) | OWNED);
    BlockCaptures.copied += Heap.sizeOf(copy);
  }

  // ── the index ──────────────────────────────────────────────────────────────────────────────

  private static reserve(more: u32): void {
    const need = (BlockCaptures.count + more) << 1;
    if (BlockCaptures.slots && need <= BlockCaptures.mask + 1) return;
    let size = max(FIRST_SIZE, BlockCaptures.mask + 1);
    while (size < need) size <<= 1;
    const old = BlockCaptures.slots;
    const oldSize = old ? BlockCaptures.mask + 1 : 0;
    const bytes = <usize>size * offsetof<Slot>();
    BlockCaptures.slots = Heap.alloc(bytes);
    memory.fill(BlockCaptures.slots, 0, bytes);
    BlockCaptures.mask = size - 1;
    BlockCaptures.count = 0;
    for (let i: u32 = 0; i < oldSize; i++) {
      const slot = changetype<Slot>(old + <usize>i * offsetof<Slot>());
      if (slot.address) BlockCaptures.add(slot.address, slot.capture, slot.record);
    }
    if (old) Heap.free(old);
  }

  private static add(address: u32, capture: Capture, record: u32): void {
    let index = BlockCaptures.home(address) & BlockCaptures.mask;
    while (BlockCaptures.at(index).address) index = (index + 1) & BlockCaptures.mask;
    const slot = BlockCaptures.at(index);
    slot.address = address;
    slot.capture = capture;
    slot.record = record;
    BlockCaptures.count++;
  }

  /** The slot of an address; -1 when it is not there. */
  private static find(address: u32): i32 {
    if (!BlockCaptures.slots) return -1;
    let index = BlockCaptures.home(address) & BlockCaptures.mask;
    while (BlockCaptures.at(index).address) {
      if (BlockCaptures.at(index).address == address) return <i32>index;
      index = (index + 1) & BlockCaptures.mask;
    }
    return -1;
  }

  private static remove(address: u32): void {
    const index = BlockCaptures.find(address);
    if (index >= 0) BlockCaptures.removeAt(<u32>index);
  }

  /** Empties a slot, and moves those behind it that would not be found any more. */
  private static removeAt(index: u32): void {
    const mask = BlockCaptures.mask;
    let gap = index;
    let next = index;
    for (;;) {
      next = (next + 1) & mask;
      const slot = BlockCaptures.at(next);
      if (!slot.address) break;
      const home = BlockCaptures.home(slot.address) & mask;
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      const target = BlockCaptures.at(gap);
      target.address = slot.address;
      target.capture = slot.capture;
      target.record = slot.record;
      gap = next;
    }
    BlockCaptures.at(gap).address = 0;
    BlockCaptures.count--;
  }
}

function onChange(address: usize): void {
  BlockCaptures.changing(address);
}
