// Streams as values of keys, and how their entries are replied.

import { Encoding, Entry, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Reply } from "../protocol/reply";
import { Listpack } from "../structures/listpack";
import { Names } from "../structures/named";
import { Stream } from "../structures/stream";
import { StreamCursor } from "../structures/stream-cursor";
import { Group } from "../structures/stream-group";
import { Command } from "../execution/command";
import { StreamId } from "./stream-id";

const CRLF: u16 = 0x0a0d;

export class Streams {

  @inline static of(entry: Entry): Stream {
    return changetype<Stream>(entry.value);
  }

  /** Makes the key in argument `index`, which must not be there, an empty stream. */
  static create(cmd: Command, index: i32): Stream {
    const stream = Stream.create();
    cmd.add(index, Type.STREAM, Encoding.STREAM, 4).value = changetype<usize>(stream);
    return stream;
  }

  // --- replies ---

  /** Replies up to `count` entries of a range as an array, and answers how many. */
  static replyRange(
    reply: Reply,
    stream: Stream,
    firstMs: u64,
    firstSeq: u64,
    lastMs: u64,
    lastSeq: u64,
    backwards: bool,
    count: u64,
  ): u32 {
    const mark = reply.mark();
    let found: u32 = 0;
    StreamCursor.start(stream, firstMs, firstSeq, lastMs, lastSeq, backwards);
    while (<u64>found < count && StreamCursor.next()) {
      Streams.replyEntry(reply);
      found++;
    }
    reply.closeArray(mark, found);
    return found;
  }

  /** Replies the entry that the cursor stands on: its id, and its fields and values. */
  static replyEntry(reply: Reply): void {
    const target = reply.reserve(80);
    store<u32>(target, 0x0a0d322a); // *2\r\n
    reply.advance(4 + StreamId.writeBulk(target + 4, StreamCursor.ms, StreamCursor.seq));
    reply.array(StreamCursor.fields << 1);
    while (StreamCursor.nextField()) {
      Streams.replyElement(reply, StreamCursor.field);
      Streams.replyElement(reply, StreamCursor.value);
    }
  }

  /** Replies an element of a listpack as a bulk string. */
  @inline private static replyElement(reply: Reply, p: usize): void {
    const length = <u32>load<u8>(p) - 128;
    if (length < 64) Streams.replyShort(reply, p + 1, length);
    else if (Listpack.read(p)) reply.bulkInteger(Listpack.value);
    else reply.bulk(Listpack.ptr, Listpack.len);
  }

  private static replyShort(reply: Reply, ptr: usize, length: u32): void {
    const target = reply.reserve(length + 8);
    let at: usize;
    if (length < 10) {
      store<u32>(target, 0x0a0d3024 + (length << 8));
      at = target + 4;
    } else {
      const tens = length / 10;
      store<u32>(target, 0x0d303024 + (tens << 8) + ((length - tens * 10) << 16));
      store<u8>(target, 10, 4);
      at = target + 5;
    }
    Streams.copyShort(at, ptr, length);
    store<u16>(at + length, CRLF);
    reply.advance(<u32>(at - target) + length + 2);
  }

  /** Copies less than 64 bytes, in pieces of which the last may overlap the one before. */
  @inline private static copyShort(target: usize, ptr: usize, length: u32): void {
    if (length >= 8) {
      const last = length - 8;
      for (let i: u32 = 0; i < last; i += 8) store<u64>(target + i, load<u64>(ptr + i));
      store<u64>(target + last, load<u64>(ptr + last));
    } else if (length >= 4) {
      store<u32>(target, load<u32>(ptr));
      store<u32>(target + length - 4, load<u32>(ptr + length - 4));
    } else if (length) {
      store<u8>(target, load<u8>(ptr));
      if (length > 1) store<u16>(target + length - 2, load<u16>(ptr + length - 2));
    }
  }
}

// --- the type ---

function release(value: usize, _encoding: u32, budget: i32): i32 {
  const left = changetype<Stream>(value).release(budget);
  // What is left of the budget says that all is freed.
  return left < 0 ? 0 : max(left, 1);
}

/** Blocks, more or less. */
function length(value: usize, _encoding: u32): u32 {
  const stream = changetype<Stream>(value);
  let sum: u32 = stream.size;
  let place: u32 = 0;
  let group = Names.at(stream.groups, place);
  while (group) {
    sum += 1 + (group.size >> 5) + Names.count(changetype<Group>(group).consumers);
    place = Names.step(stream.groups, place);
    group = Names.at(stream.groups, place);
  }
  return sum;
}

function size(value: usize, _encoding: u32): u64 {
  return changetype<Stream>(value).bytes();
}

function copy(value: usize, _encoding: u32): usize {
  return changetype<usize>(changetype<Stream>(value).copy());
}

/** Once, when the engine boots. */
export function registerStream(): void {
  const info = Types.register(Type.STREAM, "stream");
  info.free = release.index;
  info.length = length.index;
  info.size = size.index;
  info.copy = copy.index;
}
