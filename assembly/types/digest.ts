// DEBUG DIGEST: one number for a whole dataset, the same as Redis gives for the same data.
//
// Digests are 20 bytes. `mix` depends on the order of what is mixed in; `add` does not, and so takes
// the members of sets, hashes and sorted sets and the keys of a database.
//
//   add(d, x) = d ^ SHA1(x)         mix(d, x) = SHA1(d ^ SHA1(x))

import { Double } from "../algorithms/double";
import { Integer } from "../algorithms/integer";
import { Sha1 } from "../algorithms/sha1";
import { Entry, Type } from "../keyspace/entry";
import { Keyspace } from "../keyspace/keyspace";
import { Types } from "../keyspace/types";
import { Bytes } from "../memory/bytes";
import { Listpack } from "../structures/listpack";
import { Stream } from "../structures/stream";
import { StreamCursor } from "../structures/stream-cursor";
import { Bucket } from "../structures/table";
import { HashWalk } from "./hash-walk";
import { Lists } from "./list";
import { SetWalk } from "./set-walk";
import { SortedSet } from "./sorted-set";
import { SortedSetWalk } from "./sorted-set-walk";
import { Strings } from "./string";

const SIZE: u32 = 20;
const hashed: usize = memory.data(SIZE, 8);
const ofValue: usize = memory.data(SIZE, 8);
const ofElement: usize = memory.data(SIZE, 8);
const text: usize = memory.data(64, 8);

export class Digest {

  @inline static clear(digest: usize): void {
    memory.fill(digest, 0, SIZE);
  }

  static add(digest: usize, ptr: usize, len: usize): void {
    Sha1.hash(ptr, len, hashed);
    for (let i: u32 = 0; i < SIZE; i += 4)
      store<u32>(digest + i, load<u32>(digest + i) ^ load<u32>(hashed + i));
  }

  static mix(digest: usize, ptr: usize, len: usize): void {
    Digest.add(digest, ptr, len);
    Sha1.hash(digest, SIZE, hashed);
    memory.copy(digest, hashed, SIZE);
  }

  private static mixNumber(digest: usize, value: u32): void {
    store<u32>(text, bswap(value));
    Digest.mix(digest, text, 4);
  }

  /** All databases, into `digest`. */
  static ofDataset(digest: usize): void {
    Digest.clear(digest);
    for (let number: u32 = 0; number < Keyspace.databaseCount; number++) {
      const db = Keyspace.database(number);
      if (!db.count) continue;
      Digest.mixNumber(digest, number);
      for (let slot: u32 = 0; slot < db.tableCount; slot++) {
        const table = db.tableAt(slot);
        const buckets = table.buckets;
        for (let index: u32 = 0; index < buckets; index++) {
          for (let bucket: Bucket | null = table.bucketAt(index); bucket; bucket = bucket.next) {
            for (let filled = bucket.filled; filled; filled &= filled - 1) {
              const entry = changetype<Entry>(bucket.item(<u32>ctz(filled)));
              Digest.clear(ofValue);
              Digest.mix(ofValue, entry.keyPtr, entry.keyLen);
              Digest.mixValue(ofValue, entry);
              Digest.add(digest, ofValue, SIZE);
            }
          }
        }
      }
    }
  }

  /** Mixes in a value with its type and whether it has an expiry. */
  static mixValue(digest: usize, entry: Entry): void {
    Digest.mixNumber(digest, typeNumber(entry.type));
    switch (entry.type) {
      case Type.STRING:
        Strings.view(entry);
        Digest.mix(digest, Strings.ptr, Strings.len);
        break;
      case Type.LIST:
        mixList(digest, entry);
        break;
      case Type.SET:
        addSet(digest, entry);
        break;
      case Type.ZSET:
        addSortedSet(digest, entry);
        break;
      case Type.HASH:
        addHash(digest, entry);
        break;
      case Type.STREAM:
        mixStream(digest, entry);
        break;
      default: {
        const more = Types.info(entry.type).digest;
        if (more) call_indirect<void>(more, digest, entry);
      }
    }
    if (entry.isVolatile) Digest.add(digest, text, Bytes.put(text, "!!expire!!"));
  }
}

/** The number of a type in Redis, which counts modules as 5 and streams as 6. */
function typeNumber(type: u32): u32 {
  return type == Type.STREAM ? 6 : type;
}

function mixList(digest: usize, entry: Entry): void {
  Lists.seek(entry, 0);
  do {
    if (Lists.read()) Digest.mix(digest, text, Integer.format(Listpack.value, text));
    else Digest.mix(digest, Listpack.ptr, Listpack.len);
  } while (Lists.next());
}

function addSet(digest: usize, entry: Entry): void {
  const walk = SetWalk.main;
  walk.start(entry.value, entry.encoding);
  while (walk.next()) Digest.add(digest, walk.ptr, walk.len);
}

function addSortedSet(digest: usize, entry: Entry): void {
  const walk = SortedSetWalk.main;
  walk.start(entry, 0, false);
  for (let rest = SortedSet.length(entry); ; walk.step()) {
    walk.read();
    Digest.clear(ofElement);
    Digest.mix(ofElement, walk.ptr, walk.len);
    Digest.mix(ofElement, text, Double.format17(walk.memberScore, text));
    Digest.add(digest, ofElement, SIZE);
    if (!--rest) break;
  }
}

function mixStream(digest: usize, entry: Entry): void {
  const stream = changetype<Stream>(entry.value);
  StreamCursor.start(stream, 0, 0, u64.MAX_VALUE, u64.MAX_VALUE, false);
  while (StreamCursor.next()) {
    let length = Integer.formatUnsigned(StreamCursor.ms, text);
    store<u8>(text + length++, 46);
    length += Integer.formatUnsigned(StreamCursor.seq, text + length);
    Digest.mix(digest, text, length);
    while (StreamCursor.nextField()) {
      mixElement(digest, StreamCursor.field);
      mixElement(digest, StreamCursor.value);
    }
  }
}

function mixElement(digest: usize, p: usize): void {
  Listpack.text(p);
  Digest.mix(digest, Listpack.ptr, Listpack.len);
}

function addHash(digest: usize, entry: Entry): void {
  const walk = HashWalk.main;
  walk.start(entry.value, entry.encoding);
  while (walk.next()) {
    Digest.clear(ofElement);
    Digest.mix(ofElement, walk.ptr, walk.len);
    Digest.mix(ofElement, walk.valuePtr, walk.valueLen);
    Digest.add(digest, ofElement, SIZE);
  }
}
