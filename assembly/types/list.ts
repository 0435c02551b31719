// Lists: a listpack while they fit in one (`list-max-listpack-size`), then a quicklist. Everything here takes
// the entry of the key and does the same for either form.
//
// An element is read into `Listpack.value`, or into `Listpack.ptr` and `Listpack.len`. These are views: they
// end with the next change of the list.

import { Config } from "../generated/config";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Garbage } from "../keyspace/garbage";
import { Types } from "../keyspace/types";
import { Command } from "../execution/command";
import { Heap } from "../memory/heap";
import { Reply } from "../protocol/reply";
import { Listpack } from "../structures/listpack";
import { Quicklist } from "../structures/quicklist";

/** The two ends. */
export const enum End {
  LEFT,
  RIGHT,
}

/** Bytes that any command may take without asking. */
const UNASKED: u64 = 32768;

export class Lists {

  @inline static isPacked(entry: Entry): bool {
    return entry.encoding == Encoding.LISTPACK;
  }


  @inline static quicklist(entry: Entry): Quicklist {
    return changetype<Quicklist>(entry.value);
  }

  /** A new, empty list for the key in argument `index`. */
  static create(cmd: Command, index: i32): Entry {
    const entry = cmd.add(index, Type.LIST, Encoding.LISTPACK, 4);
    entry.value = Listpack.create();
    return entry;
  }


  @inline static length(entry: Entry): u32 {
    return Lists.isPacked(entry) ? Listpack.length(entry.value) : Lists.quicklist(entry).count;
  }

  // ── growing and shrinking ──────────────────────────────────────────────────────────────────

  /**
   * Makes the list one that can take the arguments `first` to `last`. False when there is not the memory for
   * it, beyond that for the arguments themselves; the error is then replied.
   */
  static makeRoom(entry: Entry, cmd: Command, first: i32, last: i32): bool {
    let bytes: u64 = 0;
    for (let i = first; i <= last; i++) bytes += cmd.arg(i).len;
    Lists.makeRoomFor(entry, bytes, last - first + 1);
    if (Lists.isPacked(entry)) return true;
    const growth = Lists.quicklist(entry).growth(bytes, last - first + 1);
    return growth <= UNASKED || cmd.room(growth);
  }

  /** Makes the list one that can take `count` more elements of so many bytes. */
  static makeRoomFor(entry: Entry, bytes: u64, count: u32): void {
    if (!Lists.isPacked(entry)) return;
    const lp = entry.value;
    const fill = <i32>Config.listMaxListpackSize;
    if (!Quicklist.exceeds(fill, Listpack.bytes(lp) + bytes, Listpack.length(lp) + count)) return;
    const list = Quicklist.create(fill);
    list.appendListpack(lp);
    entry.value = changetype<usize>(list);
    entry.setKind(Type.LIST, Encoding.QUICKLIST);
  }

  /** After a removal: a quicklist that has become small is a listpack again. */
  static settle(entry: Entry): void {
    if (Lists.isPacked(entry) || !Lists.quicklist(entry).isListpack(true)) return;
    entry.value = Lists.quicklist(entry).toListpack();
    entry.setKind(Type.LIST, Encoding.LISTPACK);
  }

  // ── the ends ───────────────────────────────────────────────────────────────────────────────

  /** Adds an element, for which `makeRoom` has been called. */
  static push(entry: Entry, ptr: usize, len: u32, end: End): void {
    if (Lists.isPacked(entry)) {
      const lp = entry.value;
      entry.value =
        end == End.RIGHT ? Listpack.append(lp, ptr, len) : Listpack.prepend(lp, ptr, len);
      return;
    }
    const list = Lists.quicklist(entry);
    if (end == End.RIGHT) list.pushLast(ptr, len);
    else list.pushFirst(ptr, len);
  }

  /** Reads the element at an end of a list that is not empty. True: it is an integer. */
  static peek(entry: Entry, end: End): bool {
    if (Lists.isPacked(entry)) {
      const lp = entry.value;
      return Listpack.read(end == End.RIGHT ? Listpack.last(lp) : Listpack.first(lp));
    }
    const list = Lists.quicklist(entry);
    return end == End.RIGHT ? list.readLast() : list.readFirst();
  }

  /** Takes the element at an end away. */
  static drop(entry: Entry, end: End): void {
    if (Lists.isPacked(entry)) {
      const lp = entry.value;
      const p = end == End.RIGHT ? Listpack.last(lp) : Listpack.first(lp);
      entry.value = Listpack.delete(lp, p);
      return;
    }
    if (end == End.RIGHT) Lists.quicklist(entry).dropLast();
    else Lists.quicklist(entry).dropFirst();
  }

  // ── walking ────────────────────────────────────────────────────────────────────────────────

  /** The list that is walked: 0 for a listpack. */
  private static walked: usize = 0;
  private static block: usize = 0;
  private static at: usize = 0;

  /** Goes to the element at an index below the length. */
  static seek(entry: Entry, index: u32): void {
    Lists.block = entry.value;
    if (Lists.isPacked(entry)) {
      Lists.walked = 0;
      Lists.at = Listpack.seek(entry.value, index);
    } else {
      Lists.walked = entry.value;
      changetype<Quicklist>(Lists.walked).seek(index);
    }
  }

  /** Goes to the next element, if there is one. */
  static next(): bool {
    if (Lists.walked) return changetype<Quicklist>(Lists.walked).next();
    const p = Listpack.next(Lists.at);
    if (p) Lists.at = p;
    return p != 0;
  }

  /** Goes to the element before, if there is one. */
  static previous(): bool {
    if (Lists.walked) return changetype<Quicklist>(Lists.walked).previous();
    const p = Listpack.prev(Lists.block, Lists.at);
    if (p) Lists.at = p;
    return p != 0;
  }

  /** Reads the element. True: it is an integer. */
  static read(): bool {
    return Lists.walked ? changetype<Quicklist>(Lists.walked).read() : Listpack.read(Lists.at);
  }

  /** Whether the element is what `Listpack.want` was told. */
  static isWanted(): bool {
    return Lists.walked
      ? changetype<Quicklist>(Lists.walked).isWanted()
      : Listpack.isWanted(Lists.at);
  }

  /** Goes to the next element that is what `Listpack.want` was told, which may be the one where it is. */
  static findWanted(): bool {
    if (Lists.walked) return changetype<Quicklist>(Lists.walked).findWanted();
    const p = Listpack.findWanted(Lists.at);
    if (p) Lists.at = p;
    return p != 0;
  }

  // ── changes in the middle ──────────────────────────────────────────────────────────────────

  /** Puts an element before or after the one that `seek` or `findWanted` went to. */
  static insert(entry: Entry, ptr: usize, len: u32, after: bool): void {
    if (!Lists.isPacked(entry)) return Lists.quicklist(entry).insert(ptr, len, after);
    entry.value = after
      ? Listpack.insertAfter(entry.value, Lists.at, ptr, len)
      : Listpack.insertBefore(entry.value, Lists.at, ptr, len);
  }

  /** Replaces the element at an index below the length. */
  static replace(entry: Entry, index: u32, ptr: usize, len: u32): void {
    if (Lists.isPacked(entry)) {
      const lp = entry.value;
      entry.value = Listpack.replace(lp, Listpack.seek(lp, index), ptr, len);
      return;
    }
    const list = Lists.quicklist(entry);
    list.seek(index);
    list.replace(index, ptr, len);
  }

  /** Removes `count` elements from an index on; there are so many. */
  static remove(entry: Entry, index: u32, count: u32): void {
    if (!count) return;
    if (Lists.isPacked(entry)) {
      entry.value = Listpack.deleteRange(entry.value, index, count);
      return;
    }
    const gone = Lists.quicklist(entry).remove(index, count);
    if (gone) Garbage.queue(Type.LIST, gone, Encoding.QUICKLIST);
  }

  /** Removes up to `limit` elements that `Listpack.want` was told, from an end on; how many there were. */
  static removeWanted(entry: Entry, limit: u32, from: End): u32 {
    if (!Lists.isPacked(entry))
      return Lists.quicklist(entry).removeWanted(limit, from == End.RIGHT);
    const lp = entry.value;
    const first =
      from == End.RIGHT
        ? Listpack.findWantedFromEnd(lp, limit)
        : Listpack.findWanted(lp + Listpack.HEADER);
    if (!first) return 0;
    const gone = Listpack.deleteWanted(lp, first, limit);
    entry.value = Listpack.shrink(lp);
    return gone;
  }

  // ── replies ────────────────────────────────────────────────────────────────────────────────

  /** Replies the element that was read; `isInteger` is what reading it answered. */
  @inline static reply(reply: Reply, isInteger: bool): void {
    if (isInteger) reply.bulkInteger(Listpack.value);
    else reply.bulk(Listpack.ptr, Listpack.len);
  }

  /** Replies `count` elements from an index on as an array, or from the last of them back. */
  static replyRange(reply: Reply, entry: Entry, index: u32, count: u32, backwards: bool): void {
    reply.array(count);
    if (!count) return;
    if (!backwards) return Lists.replyForwards(reply, entry, index, count);
    Lists.seek(entry, index + count - 1);
    for (let left = count; left; left--) {
      Lists.reply(reply, Lists.read());
      Lists.previous();
    }
  }

  private static replyForwards(reply: Reply, entry: Entry, index: u32, count: u32): void {
    if (Lists.isPacked(entry)) {
      return Lists.replyEntries(reply, Listpack.seek(entry.value, index), count);
    }
    const list = Lists.quicklist(entry);
    list.seek(index);
    for (let left = count; ; list.enter(Quicklist.node + 1)) {
      const node = list.at(Quicklist.node);
      const here = min(left, node.count - Quicklist.offset);
      if (node.isLarge) reply.bulk(node.block, node.length);
      else Lists.replyEntries(reply, Quicklist.entry, here);
      left -= here;
      if (!left) return;
    }
  }

  /** Replies entries of a listpack. */
  private static replyEntries(reply: Reply, p: usize, count: u32): void {
    for (; count; count--) {
      Lists.reply(reply, Listpack.read(p));
      p = Listpack.skip(p);
    }
  }
}

// ── registration ─────────────────────────────────────────────────────────────────────────────

function free(value: usize, encoding: u32, budget: i32): i32 {
  if (encoding == Encoding.LISTPACK) {
    Listpack.free(value);
    return max(budget - 1, 1);
  }
  const list = changetype<Quicklist>(value);
  const left = budget - <i32>list.nodes;
  return list.free(<u32>budget) ? max(left, 1) : 0;
}

/** The blocks that are to be freed. */
function blocks(value: usize, encoding: u32): u32 {
  return encoding == Encoding.LISTPACK ? 1 : changetype<Quicklist>(value).nodes;
}

function size(value: usize, encoding: u32): u64 {
  return encoding == Encoding.LISTPACK
    ? Heap.sizeOf(value)
    : changetype<Quicklist>(value).memoryBytes;
}

function copy(value: usize, encoding: u32): usize {
  return encoding == Encoding.LISTPACK
    ? Listpack.copy(value)
    : changetype<usize>(changetype<Quicklist>(value).copy());
}

export function registerList(): void {
  const info = Types.register(Type.LIST, "list");
  info.free = free.index;
  info.length = blocks.index;
  info.size = size.index;
  info.copy = copy.index;
}
