// Keyspace notifications: which classes of events are published, and the way to publish one.
//
// An event of a key in database 0 goes to two channels, each if its letter is set:
//
//   K   __keyspace@0__:<key>     message: the event
//   E   __keyevent@0__:<event>   message: the key

import { Integer } from "../algorithms/integer";
import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Subscriptions, TopicKind } from "./subscriptions";

/** Classes of events, as the letters of notify-keyspace-events name them. */
export class Notify {
  /** A change that no event tells of. */
  static readonly NOTHING: u32 = 0;
  static readonly KEYSPACE: u32 = 1 << 0; // K
  static readonly KEYEVENT: u32 = 1 << 1; // E
  static readonly GENERIC: u32 = 1 << 2; // g
  static readonly STRING: u32 = 1 << 3; // $
  static readonly LIST: u32 = 1 << 4; // l
  static readonly SET: u32 = 1 << 5; // s
  static readonly HASH: u32 = 1 << 6; // h
  static readonly ZSET: u32 = 1 << 7; // z
  static readonly EXPIRED: u32 = 1 << 8; // x
  static readonly EVICTED: u32 = 1 << 9; // e
  static readonly STREAM: u32 = 1 << 10; // t
  static readonly KEY_MISS: u32 = 1 << 11; // m
  static readonly MODULE: u32 = 1 << 13; // d
  static readonly NEW: u32 = 1 << 14; // n

  /** The classes that are published; 0: none. */
  static flags: u32 = 0;

  /** notify-keyspace-events was set. */
  static configured(): void {
    Notify.flags = Config.notifyKeyspaceEvents;
  }


  @inline static event(kind: u32, event: string, keyPtr: usize, keyLen: u32, db: u32): void {
    if (Notify.flags & kind) Notify.publish(event, keyPtr, keyLen, db);
  }

  private static publish(event: string, keyPtr: usize, keyLen: u32, db: u32): void {
    const eventLen = <u32>event.length;
    const channel = Heap.alloc(40 + max(keyLen, eventLen));
    const text = Heap.alloc(eventLen);
    Bytes.put(text, event);
    if (Notify.flags & Notify.KEYSPACE) {
      let at = channel + Bytes.put(channel, "__keyspace@");
      at += Integer.formatUnsigned(db, at);
      at += Bytes.put(at, "__:");
      memory.copy(at, keyPtr, keyLen);
      Subscriptions.publish(
        TopicKind.CHANNEL,
        channel,
        <u32>(at - channel) + keyLen,
        text,
        eventLen,
      );
    }
    if (Notify.flags & Notify.KEYEVENT) {
      let at = channel + Bytes.put(channel, "__keyevent@");
      at += Integer.formatUnsigned(db, at);
      at += Bytes.put(at, "__:");
      memory.copy(at, text, eventLen);
      Subscriptions.publish(
        TopicKind.CHANNEL,
        channel,
        <u32>(at - channel) + eventLen,
        keyPtr,
        keyLen,
      );
    }
    Heap.free(text);
    Heap.free(channel);
  }
}
