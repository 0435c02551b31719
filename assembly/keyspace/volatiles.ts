// The entries that have an expiry, as a list of pointers without gaps.
//
//   directory ─► chunk 0: [entry, entry, … 4096]
//                chunk 1: [entry, entry, …]
//
// Each entry knows its index, so removal moves the last one into the gap: O(1), and a random or a
// cyclic sample is an index. The list never copies more than its directory.

import { Heap } from "../memory/heap";
import { Entry } from "./entry";

const CHUNK_SHIFT: u32 = 12;
const CHUNK_SIZE: u32 = 1 << CHUNK_SHIFT;


@unmanaged
export class Volatiles {
  count: u32;
  private directory: usize;
  private directorySize: u32;
  private chunks: u32;

  init(): void {
    this.count = 0;
    this.directory = 0;
    this.directorySize = 0;
    this.chunks = 0;
  }

  dispose(): void {
    for (let i: u32 = 0; i < this.chunks; i++) Heap.free(load<u32>(this.directory + (i << 2)));
    if (this.directory) Heap.free(this.directory);
    this.init();
  }


  @inline private slot(index: u32): usize {
    return (
      load<u32>(this.directory + ((index >> CHUNK_SHIFT) << 2)) + ((index & (CHUNK_SIZE - 1)) << 2)
    );
  }


  @inline at(index: u32): Entry {
    return changetype<Entry>(<usize>load<u32>(this.slot(index)));
  }

  /** Bytes of the list. */
  get size(): usize {
    return ((<usize>this.chunks) << (CHUNK_SHIFT + 2)) + ((<usize>this.directorySize) << 2);
  }

  add(entry: Entry): void {
    const index = this.count++;
    if (index >> CHUNK_SHIFT == this.chunks) {
      if (this.chunks == this.directorySize) {
        this.directorySize = max<u32>(4, this.directorySize << 1);
        this.directory = this.directory
          ? Heap.resize(this.directory, this.directorySize << 2)
          : Heap.alloc(this.directorySize << 2);
      }
      store<u32>(this.directory + (this.chunks++ << 2), Heap.alloc(CHUNK_SIZE << 2));
    }
    store<u32>(this.slot(index), changetype<usize>(entry));
    entry.volatileIndex = index;
  }

  remove(entry: Entry): void {
    const index = entry.volatileIndex;
    const last = this.at(--this.count);
    store<u32>(this.slot(index), changetype<usize>(last));
    last.volatileIndex = index;
    // One empty chunk stays, so that a key coming and going costs nothing.
    if (this.chunks > ((this.count + CHUNK_SIZE - 1) >> CHUNK_SHIFT) + 1) {
      Heap.free(load<u32>(this.directory + (--this.chunks << 2)));
    }
  }

  /** An entry was copied to another place. */
  @inline moved(entry: Entry): void {
    store<u32>(this.slot(entry.volatileIndex), changetype<usize>(entry));
  }
}
