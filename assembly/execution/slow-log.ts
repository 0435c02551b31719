// SLOWLOG: the last commands that took long.
//
//   newest ─► SlowCommand ─► … ─► oldest
//   one:      next │ id │ time │ duration │ argc │ address │ name │ argv: (length, bytes) × argc
//
// Of a command 32 arguments are kept, of an argument 128 bytes; what is cut is said in its place.

import { Integer } from "../algorithms/integer";
import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Text } from "../memory/text";
import { Reply } from "../protocol/reply";
import { Command } from "./command";
import { Flag } from "./info";

const ARGS_MAX: i32 = 32;
const BYTES_MAX: u32 = 128;
/** Room for the words that say what was cut. */
const NOTE: u32 = 48;


@unmanaged
class SlowCommand {
  next: SlowCommand | null;
  argc: u32;
  id: u64;
  time: i64;
  duration: i64;
  address: Text;
  name: Text;


  @inline get arguments(): usize {
    return changetype<usize>(this) + offsetof<SlowCommand>();
  }
}

export class SlowLog {
  private static newest: SlowCommand | null = null;
  static length: u32 = 0;
  private static nextId: u64 = 0;

  /** Keeps a command that took so many µs. */
  static add(cmd: Command, microseconds: i64): void {
    const limit = <u32>Config.slowlogMaxLen;
    if (!limit || cmd.info.has(Flag.SKIP_SLOWLOG)) return;
    const argc = min(cmd.argc, ARGS_MAX);
    let bytes: usize = offsetof<SlowCommand>();
    for (let i = 0; i < argc; i++) bytes += 4 + min(cmd.arg(i).len, BYTES_MAX) + NOTE;
    const entry = changetype<SlowCommand>(Heap.alloc(bytes));
    entry.argc = argc;
    entry.id = SlowLog.nextId++;
    entry.time = Clock.nowSeconds;
    entry.duration = microseconds;
    entry.address = Text.of(cmd.session.address.bytes, cmd.session.address.length);
    entry.name = Text.of(cmd.session.name.bytes, cmd.session.name.length);
    let at = entry.arguments;
    for (let i = 0; i < argc; i++) {
      let to = at + 4;
      if (i == ARGS_MAX - 1 && cmd.argc > ARGS_MAX) {
        to += Bytes.put(to, "... (");
        to += Integer.format(cmd.argc - ARGS_MAX + 1, to);
        to += Bytes.put(to, " more arguments)");
      } else {
        const arg = cmd.arg(i);
        const kept = min(arg.len, BYTES_MAX);
        memory.copy(to, arg.ptr, kept);
        to += kept;
        if (arg.len > kept) {
          to += Bytes.put(to, "... (");
          to += Integer.format(arg.len - kept, to);
          to += Bytes.put(to, " more bytes)");
        }
      }
      store<u32>(at, <u32>(to - at - 4));
      at = to;
    }
    entry.next = SlowLog.newest;
    SlowLog.newest = entry;
    SlowLog.length++;
    SlowLog.trim(limit);
  }

  /** Keeps the newest `limit` entries. */
  static trim(limit: u32): void {
    if (SlowLog.length <= limit) return;
    let last = SlowLog.newest;
    if (!limit) SlowLog.newest = null;
    for (let i: u32 = 1; i < limit; i++) last = changetype<SlowCommand>(last).next;
    let entry = last;
    if (limit) {
      entry = changetype<SlowCommand>(last).next;
      changetype<SlowCommand>(last).next = null;
    }
    while (entry) {
      const next = entry.next;
      entry.address.dispose();
      entry.name.dispose();
      Heap.free(changetype<usize>(entry));
      entry = next;
    }
    SlowLog.length = limit;
  }

  /** Replies the newest `count` entries. */
  static reply(reply: Reply, count: u32): void {
    reply.array(min(count, SlowLog.length));
    let entry = SlowLog.newest;
    for (let left = count; entry && left; left--) {
      reply.array(6);
      reply.integer(entry.id);
      reply.integer(entry.time);
      reply.integer(entry.duration);
      reply.array(entry.argc);
      let at = entry.arguments;
      for (let i: u32 = 0; i < entry.argc; i++) {
        const length = load<u32>(at);
        reply.bulk(at + 4, length);
        at += 4 + length;
      }
      reply.bulk(entry.address.bytes, entry.address.length);
      reply.bulk(entry.name.bytes, entry.name.length);
      entry = entry.next;
    }
  }
}
