// Whether groups still need an entry of a stream, and making them forget it.

import { Names } from "./named";
import { Stream } from "./stream";
import { Group } from "./stream-group";

/** What happens to what is pending when its entry is deleted from the stream. */
export const enum References {
  /** It stays pending. */
  KEEP = 0,
  /** All groups forget it. */
  DROP = 1,
  /** The entry is deleted only if all groups have read and acknowledged it. */
  RESPECT = 2,
}

/** Whether a group has the entry pending, or has not read it yet. */
export function isReferenced(stream: Stream, ms: u64, seq: u64): bool {
  const index = stream.groups;
  let place: u32 = 0;
  let found = Names.at(index, place);
  while (found) {
    const group = changetype<Group>(found);
    if (Stream.order(ms, seq, group.lastMs, group.lastSeq) > 0 || group.find(ms, seq)) return true;
    place = Names.step(index, place);
    found = Names.at(index, place);
  }
  return false;
}

/** Ends that the entry is pending, in every group; answers in how many it was. */
export function dropReferences(stream: Stream, ms: u64, seq: u64): u32 {
  const index = stream.groups;
  let dropped: u32 = 0;
  let place: u32 = 0;
  let found = Names.at(index, place);
  while (found) {
    dropped += u32(changetype<Group>(found).acknowledge(ms, seq));
    place = Names.step(index, place);
    found = Names.at(index, place);
  }
  return dropped;
}
