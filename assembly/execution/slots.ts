// The slots of a shard: what a script asks of keys that lie elsewhere must fail, since they would be missing here.
// Commands of clients come from a gateway that has looked at their slots.

import { Crc16 } from "../algorithms/crc16";
import { Command } from "./command";
import { Keys } from "./keys";

export class Slots {
  /** This is a shard: it has the slots from `first` to `last`. */
  static isDivided: bool = false;
  private static first: u32 = 0;
  private static last: u32 = 0;

  static readonly NONE: i32 = -1;
  static readonly SEVERAL: i32 = -2;
  static readonly ANY: i32 = -3;


  @inline static own(first: u32, last: u32): void {
    Slots.first = first;
    Slots.last = last;
    Slots.isDivided = true;
  }


  @inline static has(slot: i32): bool {
    return <u32>slot >= Slots.first && <u32>slot <= Slots.last;
  }

  /** The slot of a command's keys and shard channels. */
  static of(cmd: Command): i32 {
    const ranges = Keys.find(cmd.info, cmd.arguments, <i32>cmd.argc, true);
    let slot = Slots.NONE;
    for (let i: u32 = 0; i < ranges; i++) {
      const range = Keys.range(i);
      for (let at = range.first; at <= range.last; at += range.step) {
        const key = cmd.arg(<u32>at);
        const own = <i32>Crc16.slot(key.ptr, key.len);
        if (slot != Slots.NONE && slot != own) return Slots.SEVERAL;
        slot = own;
      }
    }
    return slot;
  }
}
