// What the commands that take elements out of lists have in common, whether or not they wait.

import { Integer } from "../../algorithms/integer";
import { Entry, Type } from "../../keyspace/entry";
import { Heap } from "../../memory/heap";
import { Effects } from "../../persistence/effects";
import { Notify } from "../../sessions/notify";
import { Listpack } from "../../structures/listpack";
import { End, Lists } from "../../types/list";
import { Command } from "../../execution/command";
import { PopArguments } from "./pop-arguments";

/** LEFT or RIGHT in argument `index`. */
export function endOf(cmd: Command, index: i32): End {
  if (cmd.is(index, "left")) return End.LEFT;
  if (!cmd.is(index, "right")) cmd.failSyntax();
  return End.RIGHT;
}

/** `count` elements are gone from one end: events, and the end of an empty list. */
export function listRemoved(cmd: Command, index: i32, entry: Entry, end: End, count: u32): void {
  cmd.changed(index, Notify.LIST, end == End.LEFT ? "lpop" : "rpop", count);
  if (Lists.length(entry)) return Lists.settle(entry);
  cmd.remove(index, entry);
  cmd.notify(index, Notify.GENERIC, "del");
}

/** Replies up to `count` elements from one end on, and takes them out; how many there were. */
export function popRange(cmd: Command, index: i32, entry: Entry, end: End, count: i64): u32 {
  const length = Lists.length(entry);
  const popped = <u32>min<i64>(count, length);
  const first = end == End.LEFT ? 0 : length - popped;
  Lists.replyRange(cmd.reply, entry, first, popped, end == End.RIGHT);
  Lists.remove(entry, first, popped);
  listRemoved(cmd, index, entry, end, popped);
  return popped;
}

/** LMPOP and BLMPOP: their arguments behind the time-out, and what they do with one key. */
export class Pops extends PopArguments {
  /** Reads `numkeys key [key …] LEFT | RIGHT [COUNT count]`; false after an error. */
  @inline static read(cmd: Command, index: i32): bool {
    return PopArguments.parse(cmd, index, "left", "right");
  }


  @inline private static get end(): End {
    return PopArguments.isFirstEnd ? End.LEFT : End.RIGHT;
  }

  /** Pops from the list in argument `index`; false when there is none and nothing was replied. */
  static popFrom(cmd: Command, index: i32): bool {
    const entry = cmd.write(index, Type.LIST);
    if (cmd.failed) return true;
    if (!entry) return false;
    cmd.reply.array(2);
    cmd.reply.slice(cmd.arg(index));
    const popped = popRange(cmd, index, entry, Pops.end, Pops.count);
    cmd.effect(3);
    Effects.text(Pops.end == End.LEFT ? "LPOP" : "RPOP");
    Effects.slice(cmd.arg(index));
    Effects.integer(popped);
    return true;
  }
}

/** Longer elements are copied to the heap where they must be copied. */
const SHORT: u32 = 64;
/** Elements that need more memory than what is kept for any command. */
const LARGE: u32 = 32768;
const scratch: usize = memory.data(SHORT);

/**
 * Moves the element at an end of the list in argument 1, which `entry` is, to an end of the list in
 * argument 2, and replies it.
 */
export function moveElement(cmd: Command, entry: Entry, from: End, to: End): void {
  let target = cmd.write(2, Type.LIST);
  if (cmd.failed) return;
  const isInteger = Lists.peek(entry, from);
  const ptr = isInteger ? scratch : Listpack.ptr;
  const len = isInteger ? Integer.format(Listpack.value, scratch) : Listpack.len;
  // The element's length says nothing about the command's.
  if (len > LARGE && !cmd.room(<u64>len * 2)) return;
  cmd.reply.bulk(ptr, len);
  if (target == entry) {
    // The bytes must not lie in the list that changes.
    const block = len > SHORT ? Heap.alloc(len) : scratch;
    memory.copy(block, ptr, len);
    Lists.drop(entry, from);
    Lists.makeRoomFor(entry, len, 1);
    Lists.push(entry, block, len, to);
    if (len > SHORT) Heap.free(block);
  } else {
    if (!target) target = Lists.create(cmd, 2);
    Lists.makeRoomFor(target, len, 1);
    Lists.push(target, ptr, len, to);
    Lists.drop(entry, from);
  }
  cmd.changed(2, Notify.LIST, to == End.LEFT ? "lpush" : "rpush", 0);
  listRemoved(cmd, 1, entry, from, 1);
}
