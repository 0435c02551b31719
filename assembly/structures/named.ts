// What has a name inside a stream, and the index of such things.
//
// Groups and consumers are listed in the order of their names, and looked up by name for each command
// that reads or acknowledges. Their index is a row of chunks of sorted pointers, found through a directory
// of the chunks; it needs no keys of its own, since the first record of a chunk says where it begins.
//
//   directory   0        4       8
//               ├────────┼───────┼──────────┬──────────┬──
//               │ chunks │ names │ chunk[0] │ chunk[1] │ …
//               └────────┴───────┴──────────┴──────────┴──
//   chunk       0       2      4
//               ├───────┼──────┼───────────┬───────────┬──
//               │ count │ room │ record[0] │ record[1] │ …
//               └───────┴──────┴───────────┴───────────┴──
//
// An empty index is no directory (0). `add` and `remove` answer where the directory is now.

import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { IdTree } from "./id-tree";

/** A record with an index of ids and a name behind its fields. */
@unmanaged
export class Named extends IdTree {
  nameOffset: u32;
  nameLength: u32;


  @inline get name(): usize {
    return changetype<usize>(this) + <usize>this.nameOffset;
  }


  @inline orderTo(ptr: usize, len: u32): i32 {
    return Bytes.compare(this.name, this.nameLength, ptr, len);
  }

  /** A record of `size` bytes with this name; its other fields are still to be set. */
  static create(size: usize, stride: u32, ptr: usize, len: u32): Named {
    const record = changetype<Named>(Heap.alloc(size + <usize>len));
    record.reset(stride);
    record.nameOffset = <u32>size;
    record.nameLength = len;
    memory.copy(record.name, ptr, len);
    return record;
  }
}

/** Records in a full chunk: 1 KB. */
const CHUNK_ROOM: u32 = 255;
const FIRST_ROOM: u32 = 2;


@unmanaged
class Chunk {
  count: u16;
  room: u16;


  @inline slot(index: u32): usize {
    return changetype<usize>(this) + offsetof<Chunk>() + ((<usize>index) << 2);
  }


  @inline record(index: u32): Named {
    return changetype<Named>(<usize>load<u32>(this.slot(index)));
  }

  /** The index of the first record that is not below the name. */
  lowerBound(ptr: usize, len: u32): u32 {
    let low: u32 = 0;
    let high = <u32>this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.record(middle).orderTo(ptr, len) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  static resize(block: usize, room: u32): Chunk {
    const size = offsetof<Chunk>() + ((<usize>room) << 2);
    const chunk = changetype<Chunk>(block ? Heap.resize(block, size) : Heap.alloc(size));
    if (!block) chunk.count = 0;
    chunk.room = <u16>room;
    return chunk;
  }
}


@unmanaged
class Directory {
  chunks: u32;
  names: u32;


  @inline slot(index: u32): usize {
    return changetype<usize>(this) + offsetof<Directory>() + ((<usize>index) << 2);
  }


  @inline chunk(index: u32): Chunk {
    return changetype<Chunk>(<usize>load<u32>(this.slot(index)));
  }

  /** The chunk whose range has the name. */
  @inline chunkOf(ptr: usize, len: u32): u32 {
    let low: u32 = 1;
    let high = this.chunks;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.chunk(middle).record(0).orderTo(ptr, len) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

export class Names {
  /** The record of this name, or null. */
  static find(index: usize, ptr: usize, len: u32): Named | null {
    if (!index) return null;
    const directory = changetype<Directory>(index);
    const chunk = directory.chunk(directory.chunkOf(ptr, len));
    const at = chunk.lowerBound(ptr, len);
    if (at == <u32>chunk.count) return null;
    const record = chunk.record(at);
    return record.orderTo(ptr, len) == 0 ? record : null;
  }


  @inline static count(index: usize): u32 {
    return index ? changetype<Directory>(index).names : 0;
  }

  /**
   * The record at a place, or null behind the last; places begin at 0 and go on with `step`, until a
   * record is added or removed.
   */
  @inline static at(index: usize, place: u32): Named | null {
    if (!index) return null;
    const directory = changetype<Directory>(index);
    const number = place >> 8;
    return number < directory.chunks ? directory.chunk(number).record(place & 255) : null;
  }


  @inline static step(index: usize, place: u32): u32 {
    const chunk = changetype<Directory>(index).chunk(place >> 8);
    return (place & 255) + 1 < <u32>chunk.count ? place + 1 : (place | 255) + 1;
  }

  /** Adds a record whose name the index does not have. */
  static add(index: usize, record: Named): usize {
    if (!index) index = Names.create();
    let directory = changetype<Directory>(index);
    let number = directory.chunkOf(record.name, record.nameLength);
    let chunk = directory.chunk(number);
    let at = chunk.lowerBound(record.name, record.nameLength);
    if (chunk.count == chunk.room) {
      if (<u32>chunk.room < CHUNK_ROOM) {
        chunk = Chunk.resize(
          changetype<usize>(chunk),
          min(((<u32>chunk.room) << 1) + 1, CHUNK_ROOM),
        );
        store<u32>(directory.slot(number), changetype<usize>(chunk));
      } else {
        directory = Names.split(directory, number);
        const kept = <u32>directory.chunk(number).count;
        if (at > kept) {
          at -= kept;
          number++;
        }
        chunk = directory.chunk(number);
      }
    }
    memory.copy(chunk.slot(at + 1), chunk.slot(at), (<usize>chunk.count - at) << 2);
    store<u32>(chunk.slot(at), changetype<usize>(record));
    chunk.count++;
    directory.names++;
    return changetype<usize>(directory);
  }

  /** Takes a record out; the record itself stays. */
  static remove(index: usize, record: Named): usize {
    const directory = changetype<Directory>(index);
    const number = directory.chunkOf(record.name, record.nameLength);
    const chunk = directory.chunk(number);
    const at = chunk.lowerBound(record.name, record.nameLength);
    const count = <u32>--chunk.count;
    memory.copy(chunk.slot(at), chunk.slot(at + 1), (<usize>count - at) << 2);
    directory.names--;
    if (count) {
      if (count <= (<u32>chunk.room) >> 2) {
        store<u32>(
          directory.slot(number),
          changetype<usize>(Chunk.resize(changetype<usize>(chunk), (<u32>chunk.room) >> 1)),
        );
      }
      return index;
    }
    Heap.free(changetype<usize>(chunk));
    const chunks = --directory.chunks;
    if (!chunks) {
      Heap.free(index);
      return 0;
    }
    memory.copy(directory.slot(number), directory.slot(number + 1), (<usize>chunks - number) << 2);
    return index;
  }

  /** The last record; the index must not be empty. */
  static last(index: usize): Named {
    const directory = changetype<Directory>(index);
    const chunk = directory.chunk(directory.chunks - 1);
    return chunk.record(<u32>chunk.count - 1);
  }

  /** Bytes of the index itself. */
  static bytes(index: usize): usize {
    if (!index) return 0;
    const directory = changetype<Directory>(index);
    let sum = Heap.sizeOf(index);
    for (let i: u32 = 0; i < directory.chunks; i++)
      sum += Heap.sizeOf(changetype<usize>(directory.chunk(i)));
    return sum;
  }

  private static create(): usize {
    const directory = changetype<Directory>(Heap.alloc(offsetof<Directory>() + 4));
    directory.chunks = 1;
    directory.names = 0;
    store<u32>(directory.slot(0), changetype<usize>(Chunk.resize(0, FIRST_ROOM)));
    return changetype<usize>(directory);
  }

  /** Moves the upper half of a full chunk to a new one behind it. */
  private static split(directory: Directory, number: u32): Directory {
    const chunk = directory.chunk(number);
    const count = <u32>chunk.count;
    const kept = count >> 1;
    const right = Chunk.resize(0, CHUNK_ROOM);
    memory.copy(right.slot(0), chunk.slot(kept), (<usize>(count - kept)) << 2);
    right.count = <u16>(count - kept);
    chunk.count = <u16>kept;

    const chunks = directory.chunks;
    const size = offsetof<Directory>() + ((<usize>(chunks + 1)) << 2);
    if (size > Heap.sizeOf(changetype<usize>(directory))) {
      directory = changetype<Directory>(
        Heap.resize(changetype<usize>(directory), size + (size >> 1)),
      );
    }
    memory.copy(
      directory.slot(number + 2),
      directory.slot(number + 1),
      (<usize>(chunks - number - 1)) << 2,
    );
    store<u32>(directory.slot(number + 1), changetype<usize>(right));
    directory.chunks = chunks + 1;
    return directory;
  }
}
