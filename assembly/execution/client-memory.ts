// maxmemory-clients: when all clients together take more, those that take most are closed.
//
//   by the power of two of their size      < 32 KB │ < 64 KB │ … │ ≥ 8 GB
//                                              ▼         ▼            ▼
//                                           session ⇄ session ⇄ …
//
// A client is looked at when it was fed, when its output grew and when some has left, so that its place
// is right at any time and the largest are found without a search. Nothing of this happens while
// the directive is 0. A client that is not to be evicted counts, but is in no list.

import { Config } from "../generated/config";
import { Stats } from "../memory/stats";
import { TextBuffer } from "../protocol/text-buffer";
import { Describe } from "../sessions/describe";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Host, LogLevel } from "./host";

const BUCKETS: u32 = 19;
/** Sizes below 2 to this power are in the first list. */
const FIRST_POWER: u32 = 15;
/** A lower limit would leave nobody to set it right. */
const LEAST: u64 = 131072;

const firsts: usize = memory.data(BUCKETS << 2, 4);

export class ClientMemory {
  static isOn: bool = false;
  /** What all clients take. */
  private static total: u64 = 0;

  /** maxmemory-clients was set. */
  static configured(): void {
    const on = Config.maxmemoryClients != 0;
    if (on == ClientMemory.isOn) return;
    ClientMemory.isOn = on;
    Sessions.sizeHook = on ? changed.index : 0;
    let session = Sessions.first;
    while (session) {
      if (on) ClientMemory.update(session);
      else ClientMemory.leave(session);
      session = session.next;
    }
  }

  /** The size of a session may be another now. */
  static update(session: Session): void {
    if (session.kind != SessionKind.CLIENT || session.has(SessionFlag.CLOSE_NOW)) return;
    const bytes = <u32>min<u64>(Describe.memory(session), u32.MAX_VALUE);
    ClientMemory.total += <u64>bytes - session.countedBytes;
    session.countedBytes = bytes;
    const bucket = session.has(SessionFlag.NO_EVICT) ? 0 : bucketOf(bytes);
    if (bucket == session.sizeBucket) return;
    ClientMemory.unlink(session);
    if (bucket) ClientMemory.link(session, bucket);
  }

  /** It counts no more. */
  static leave(session: Session): void {
    ClientMemory.unlink(session);
    ClientMemory.total -= session.countedBytes;
    session.countedBytes = 0;
  }

  /** Closes clients, the largest first, until the others take less than they may. */
  static evict(): void {
    const limit = ClientMemory.limit;
    if (!limit || ClientMemory.total < limit) return;
    for (let bucket = BUCKETS; bucket; bucket--) {
      for (let session = first(bucket); session; session = first(bucket)) {
        TextBuffer.begin();
        TextBuffer.text("Evicting client: ");
        Describe.line(session);
        Host.log(LogLevel.NOTICE, TextBuffer.pointer, TextBuffer.length);
        TextBuffer.end();
        Stats.evictedClients++;
        ClientMemory.leave(session);
        Sessions.requestClose(session, true);
        if (ClientMemory.total < limit) return;
      }
    }
    TextBuffer.begin();
    TextBuffer.text("Over client maxmemory after evicting all evictable clients");
    Host.log(LogLevel.WARNING, TextBuffer.pointer, TextBuffer.length);
    TextBuffer.end();
  }

  /** Bytes that all clients may take; 0: there is no limit. */
  private static get limit(): u64 {
    const given = Config.maxmemoryClients;
    if (given > 0) return max<u64>(<u64>given, LEAST);
    const memory = <u64>Config.maxmemory;
    return memory ? max<u64>(<u64>((<f64>memory * <f64>-given) / 100), LEAST) : 0;
  }

  private static link(session: Session, bucket: u32): void {
    const next = first(bucket);
    session.sizeBucket = bucket;
    session.previousOfSize = null;
    session.nextOfSize = next;
    if (next) next.previousOfSize = session;
    setFirst(bucket, session);
  }

  private static unlink(session: Session): void {
    const bucket = session.sizeBucket;
    if (!bucket) return;
    const previous = session.previousOfSize;
    const next = session.nextOfSize;
    if (previous) previous.nextOfSize = next;
    else setFirst(bucket, next);
    if (next) next.previousOfSize = previous;
    session.sizeBucket = 0;
  }
}

/** From 1 up. */
function bucketOf(bytes: u32): u32 {
  const power: u32 = 32 - <u32>clz(bytes);
  return power <= FIRST_POWER ? 1 : min(power - FIRST_POWER + 1, BUCKETS);
}

function first(bucket: u32): Session | null {
  return changetype<Session | null>(<usize>load<u32>(firsts + ((bucket - 1) << 2)));
}

function setFirst(bucket: u32, session: Session | null): void {
  store<u32>(firsts + ((bucket - 1) << 2), <u32>changetype<usize>(session));
}

function changed(session: usize): void {
  ClientMemory.update(changetype<Session>(session));
}
