// From received bytes to executed commands, in batches.
//
// A batch is up to 16 commands. They are parsed first, with the hash of each one's first key; then
// all their buckets are touched, then all their entries; then they run in order. The cache misses of
// 16 lookups overlap instead of following each other. It is a hint only: bucket and entry are found
// again when the command runs.
//
// Bytes come into the shared window. What is left of an incomplete command is kept by its session:
//
//   up to KEPT_IN_FRONT bytes     copied back to just before the window when more comes, and read anew
//   more than that                grown in the session's own block, with the arguments read so far
//
//        ┌─ kept ─┬──────── window ─────────┐
//   ─────┴────────┴─────────────────────────┴─────

import { Config } from "../generated/config";
import { Garbage } from "../keyspace/garbage";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Stats } from "../memory/stats";
import { Clock } from "../memory/clock";
import { SipHash } from "../algorithms/siphash";
import { Parsed, Reader } from "../protocol/reader";
import { Output } from "../protocol/output";
import { Access } from "../sessions/access";
import { Deferred } from "../sessions/subscriptions";
import { Tracking } from "../sessions/tracking";
import { Effects } from "../persistence/effects";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Timers } from "../sessions/timers";
import { CommandInfo, commandInfo, findCommand, Flag } from "./info";
import { Errors } from "./command";
import { ClientMemory } from "./client-memory";
import { Execute } from "./execute";
import { Known } from "./known";
import { Histogram } from "./histogram";
import { Host } from "./host";
import { Tick } from "./tick";
import { Pause } from "./pause";

const BATCH: u32 = 16;
const WINDOW: u32 = 65536;
const KEPT_IN_FRONT: u32 = 16384;
/** Reading past the end of an input by so much must be harmless. */
const SLACK: u32 = 16;
/** Output of one session above which it waits until the host has sent some. */
const OUTPUT_HIGH: u32 = 524288;
/** Commands of one session after which others get their turn. */
const TURN: u32 = 8192;
/** Bytes that a client may send ahead before it has logged in. */
const STRANGER_BYTES: u64 = 1048576;

/** What `feed` and `status` answer. */
export class FeedFlag {
  static readonly OUTPUT: u32 = 1;
  static readonly MORE: u32 = 2;
  static readonly CLOSE: u32 = 4;
  static readonly READY: u32 = 8;
  static readonly LOG: u32 = 16;
  static readonly BLOCKED: u32 = 32;
  static readonly CLOSE_NOW: u32 = 64;
  static readonly TIMER: u32 = 128;
  /** `call` did not run the command. */
  static readonly REFUSED: u32 = 256;
  /** All that `call` has to answer was taken out. */
  static readonly ANSWERED: u32 = 512;
}

/** One parsed command of the batch. */
@unmanaged
class Parsing {
  /** Index of its first argument in the reader's vector. */
  first: u32;
  argc: u32;
  /** Where its bytes end. */
  end: usize;
  info: CommandInfo | null;
  hash: u64;
  hashedArg: u32;
  bytes: u32;
}

const records: usize = memory.data(BATCH * 32, 8);
/** Those of a batch in the middle of which another session is fed. */
const recordsAside: usize = memory.data(BATCH * 32, 8);

export class Feed {
  /** The shared read window. */
  static window: usize = 0;
  /** Sum of what lookups ahead have loaded; nobody reads it, but it keeps the loads. */
  private static touched: u32 = 0;

  static boot(): void {
    Feed.window = Heap.alloc(KEPT_IN_FRONT + WINDOW + SLACK) + KEPT_IN_FRONT;
  }


  @inline private static record(index: u32): Parsing {
    return changetype<Parsing>(records + (index << 5));
  }

  /** Takes `length` received bytes of a session and runs what is complete. Returns the flags. */
  static run(session: Session, pointer: usize, length: u32): u32 {
    if (length) {
      session.lastMs = Clock.nowMs;
      session.receivedBytes += length;
      Stats.inputBytes += length;
      Stats.reads++;
    }
    if (ClientMemory.isOn) ClientMemory.evict();
    if (session.has(SessionFlag.CLOSE_NOW | SessionFlag.CLOSE_AFTER_REPLY))
      return Feed.flags(session);
    if (session.has(SessionFlag.BLOCKED | SessionFlag.PAUSED)) {
      if (length && Feed.append(session, pointer, length)) session.add(SessionFlag.HAS_MORE);
      if (ClientMemory.isOn) ClientMemory.update(session);
      return Feed.flags(session);
    }
    session.drop(SessionFlag.HAS_MORE);
    Output.running = changetype<usize>(session);
    Deferred.running = changetype<usize>(session);
    const kept = session.inputEnd - session.inputStart;
    if (!kept) {
      Feed.restart(pointer, pointer + length);
      Feed.execute(session, pointer, false);
    } else if (kept <= KEPT_IN_FRONT && pointer == Feed.window && !session.parsed) {
      memory.copy(pointer - kept, session.input + session.inputStart, kept);
      Feed.dropInput(session);
      Feed.restart(pointer - kept, pointer + length);
      Feed.execute(session, pointer - kept, false);
    } else {
      Feed.executeOwn(session, pointer, length);
    }
    Deferred.running = 0;
    if (Tracking.isOn) Tracking.endBatch();
    Output.running = 0;
    Effects.seal();
    if (ClientMemory.isOn) ClientMemory.update(session);
    return Feed.flags(session);
  }

  /**
   * Runs one command whose arguments lie in memory already, without RESP around them and without
   * being timed. Returns the flags, or `REFUSED` where only bytes can wait for their turn. A reply in
   * one piece is taken out: `taken` bytes at `Output.takenAt`.
   */
  static call(session: Session, argv: usize, argc: u32): u32 {
    if (session.has(STOPS | REPLIES_SPECIALLY) || session.input || Pause.isOn)
      return FeedFlag.REFUSED;
    session.lastMs = Clock.nowMs;
    session.commands++;
    Output.running = changetype<usize>(session);
    Deferred.running = changetype<usize>(session);
    let bytes: u32 = 0;
    for (let i: u32 = 0; i < argc; i++) bytes += changetype<Slice>(argv + (i << 3)).len;
    session.receivedBytes += bytes;
    Stats.inputBytes += bytes;
    const name = changetype<Slice>(argv);
    const number = findCommand(name.ptr, name.len);
    if (number < 0) {
      Execute.run(session, null, argv, argc, bytes, 0, 0);
    } else {
      const info = commandInfo(number);
      const keyIndex = <u32>info.firstKey;
      if (keyIndex - 1 < argc - 1) {
        const key = changetype<Slice>(argv + (keyIndex << 3));
        Execute.run(session, info, argv, argc, bytes, keyIndex, SipHash.hash(key.ptr, key.len));
      } else {
        Execute.run(session, info, argv, argc, bytes, 0, 0);
      }
    }
    Deferred.running = 0;
    if (Tracking.isOn) Tracking.endBatch();
    Output.running = 0;
    Effects.seal();
    let flags = Feed.flags(session);
    if ((flags & ~FeedFlag.LOG) == FeedFlag.OUTPUT) {
      Feed.taken = session.takeWhole();
      if (Feed.taken) flags ^= FeedFlag.OUTPUT | FeedFlag.ANSWERED;
    }
    if (ClientMemory.isOn) ClientMemory.update(session);
    return flags;
  }
  static taken: u32 = 0;

  /** The state of a session as the host must know it. */
  static flags(session: Session): u32 {
    const state = session.state;
    let flags: u32 = 0;
    // Who must go at once is not answered any more.
    if (state & SessionFlag.CLOSE_NOW) flags |= FeedFlag.CLOSE_NOW;
    else if (session.sendableLength()) flags |= FeedFlag.OUTPUT;
    if (state & SessionFlag.CLOSE_AFTER_REPLY && !session.isHeld) flags |= FeedFlag.CLOSE;
    if (state & (SessionFlag.BLOCKED | SessionFlag.PAUSED)) flags |= FeedFlag.BLOCKED;
    else if (state & SessionFlag.HAS_MORE) flags |= FeedFlag.MORE;
    if (Sessions.readyCount) flags |= FeedFlag.READY;
    if (Effects.isOn && Effects.sealedLength) flags |= FeedFlag.LOG;
    if (Timers.nextMs < Tick.promisedMs) flags |= FeedFlag.TIMER;
    return flags;
  }

  /** Takes bytes into the session's own block, and runs what is complete there. */
  private static executeOwn(session: Session, pointer: usize, length: u32): void {
    if (!Feed.append(session, pointer, length)) return;
    const from = session.input + session.inputStart;
    Feed.restart(from, session.input + session.inputEnd);
    if (session.parsed) Feed.restore(session);
    Feed.execute(session, from, true);
  }

  /**
   * As `run`, in the middle of a command of another session: that one's place in its input and in its batch is
   * kept, the window is not touched, and nothing is sealed. Who may be fed so is for `Aside` to say.
   */
  static runAside(session: Session, pointer: usize, length: u32): void {
    session.lastMs = Clock.nowMs;
    session.receivedBytes += length;
    Stats.inputBytes += length;
    Stats.reads++;
    const running = Output.running;
    const measured = Execute.measured;
    const batchStart = Execute.batchStart;
    const notRun = Execute.notRun;
    const startedUs = Clock.monotonicUs;
    memory.copy(recordsAside, records, BATCH * 32);
    Reader.setAside();
    Output.running = changetype<usize>(session);
    Clock.monotonicUs = Host.clock();
    Feed.executeOwn(session, pointer, length);
    Clock.monotonicUs = startedUs;
    Output.running = running;
    Reader.bringBack();
    memory.copy(records, recordsAside, BATCH * 32);
    Execute.measured = measured;
    Execute.batchStart = batchStart;
    Execute.notRun = notRun;
    if (ClientMemory.isOn) ClientMemory.update(session);
    // The host learns at the end of the batch what else is to be done for it.
    Sessions.markReady(session);
  }

  private static restart(from: usize, to: usize): void {
    Reader.clear();
    Reader.at = from;
    Reader.end = to;
    Reader.expectedArgs = -1;
    Reader.expectedBytes = -1;
  }

  /** Runs all complete commands of an input; the first begins at `from`, and may be read in part already. */
  private static execute(session: Session, from: usize, isOwnInput: bool): void {
    let turn: u32 = 0;
    let start = from;
    for (;;) {
      Reader.isAnonymous = Access.isStranger(session);
      let count: u32 = 0;
      let state = Parsed.COMPLETE;
      const batchStart = start;
      while (count < BATCH) {
        state = Reader.next();
        if (state != Parsed.COMPLETE && state != Parsed.EMPTY) break;
        const begin = start;
        start = Reader.at;
        if (state == Parsed.COMPLETE && Feed.look(Feed.record(count++), begin)) break;
      }
      if (count > 1) Feed.touchEntries(session, count);
      const done = Feed.runRecords(session, count);
      turn += done;
      if (
        done < count ||
        session.has(
          SessionFlag.CLOSE_NOW |
            SessionFlag.CLOSE_AFTER_REPLY |
            SessionFlag.BLOCKED |
            SessionFlag.PAUSED,
        )
      ) {
        if (session.has(SessionFlag.CLOSE_NOW | SessionFlag.CLOSE_AFTER_REPLY))
          return Feed.dropInput(session);
        return Feed.keep(session, done ? Feed.record(done - 1).end : batchStart, isOwnInput, true);
      }
      if (state == Parsed.ERROR) return Feed.failProtocol(session);
      if (state == Parsed.INCOMPLETE) {
        const bigEnough = <u32>(Reader.end - start) > KEPT_IN_FRONT && Reader.expectedArgs >= 0;
        return bigEnough
          ? Feed.keepParsed(session, start, isOwnInput)
          : Feed.keep(session, start, isOwnInput, false);
      }
      if (turn >= TURN) return Feed.keep(session, Reader.at, isOwnInput, true);
      Reader.clear();
    }
  }

  /** Looks a command up and hashes its first key; whether the look-ahead ends here. */
  @inline private static look(record: Parsing, start: usize): bool {
    const first = Reader.first;
    const argc = Reader.count - first;
    record.first = first;
    record.argc = argc;
    record.end = Reader.at;
    record.bytes = <u32>(Reader.at - start);
    record.hashedArg = 0;
    const name = Reader.arg(first);
    const number = findCommand(name.ptr, name.len);
    if (number < 0) {
      record.info = null;
      return false;
    }
    const info = commandInfo(number);
    record.info = info;
    const keyIndex = <u32>info.firstKey;
    if (keyIndex - 1 < argc - 1) {
      const key = Reader.arg(first + keyIndex);
      const hash = SipHash.hash(key.ptr, key.len);
      record.hash = hash;
      record.hashedArg = keyIndex;
    }
    return info.has(Flag.BREAKS);
  }

  /** Loads all buckets, then all entries: short loops, so that many of the misses are under way together. */
  private static touchEntries(session: Session, count: u32): void {
    let touched: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const record = Feed.record(i);
      if (!record.hashedArg) continue;
      const key = Reader.arg(record.first + record.hashedArg);
      touched += session.db.tableFor(key.ptr, key.len).touchBucket(record.hash);
    }
    for (let i: u32 = 0; i < count; i++) {
      const record = Feed.record(i);
      if (!record.hashedArg) continue;
      const key = Reader.arg(record.first + record.hashedArg);
      touched += session.db.tableFor(key.ptr, key.len).touchItem(record.hash);
    }
    Feed.touched += touched;
  }

  /** Runs the batch; how many commands ran. */
  private static runRecords(session: Session, count: u32): u32 {
    if (!count) return 0;
    Execute.measured = 0;
    Execute.batchStart = session.commands;
    Execute.notRun = 0;
    let done: u32 = 0;
    while (done < count) {
      const record = Feed.record(done);
      if (Pause.isOn && Pause.holds(session, record.info)) {
        session.add(SessionFlag.PAUSED);
        break;
      }
      done++;
      session.commands++;
      Feed.runOne(session, record);
      if (session.has(STOPS)) break;
      if (session.outputMemory > OUTPUT_HIGH) break;
    }
    if (done && session.isCounted) Feed.attributeTime(done);
    return done;
  }


  @inline private static runOne(session: Session, record: Parsing): void {
    const argv = changetype<usize>(Reader.arg(record.first));
    if (session.has(REPLIES_SPECIALLY)) return Feed.runSpecially(session, record, argv);
    Execute.run(
      session,
      record.info,
      argv,
      record.argc,
      record.bytes,
      record.hashedArg,
      record.hash,
    );
  }

  /**
   * After CLIENT REPLY OFF and SKIP the command runs and its reply is dropped, though not what was pushed; a loader
   * hears of errors only. What CLIENT CACHING said is for one command, or one transaction.
   */
  private static runSpecially(session: Session, record: Parsing, argv: usize): void {
    const skips = session.has(SessionFlag.REPLY_SKIP_NEXT);
    const isCaching = session.has(SessionFlag.TRACKING_CACHING);
    session.drop(SessionFlag.REPLY_SKIP_NEXT);
    const mark = session.beginDrop();
    const errors = session.errors;
    Deferred.isHeld = true;
    Execute.run(
      session,
      record.info,
      argv,
      record.argc,
      record.bytes,
      record.hashedArg,
      record.hash,
    );
    Deferred.isHeld = false;
    const speaks = session.kind == SessionKind.LOADER && session.errors != errors;
    if (!speaks && (skips || session.has(SessionFlag.REPLY_OFF))) session.endDrop(mark);
    if (Deferred.isWaiting) Deferred.flush(session);
    if (isCaching && !session.has(SessionFlag.MULTI) && !isClientCommand(record.info))
      session.drop(SessionFlag.TRACKING_CACHING);
  }

  /** Spreads the time of this batch over the commands that did not measure themselves. */
  private static attributeTime(done: u32): void {
    const now = Host.clock();
    const spent = now - Clock.monotonicUs - Execute.measured;
    Clock.monotonicUs = now;
    let ran = done;
    for (let left = Execute.notRun; left; left &= left - 1) {
      Feed.record(<u32>ctz(left)).info = null;
      if (!--ran) return;
    }
    const share = spent > 0 ? spent / <f64>ran : 0;
    Feed.carried += share - Math.floor(share);
    let whole = <u64>share;
    if (Feed.carried >= 1) {
      Feed.carried -= 1;
      whole += 1;
    }
    const tracks = Config.latencyTracking;
    let i: u32 = 0;
    while (i < done) {
      const info = Feed.record(i).info;
      let run: u32 = 1;
      while (i + run < done && Feed.record(i + run).info == info) run++;
      i += run;
      if (!info || !info.has(Flag.CHEAP)) continue;
      info.microseconds += whole * run;
      if (tracks) Histogram.add(info.number, whole, run);
    }
  }
  private static carried: f64 = 0;

  private static failProtocol(session: Session): void {
    Errors.begin();
    Errors.text("ERR Protocol error: ");
    Errors.text(Reader.problem);
    if (Reader.problem.charCodeAt(0) == 101) {
      store<u8>(offenderText, Reader.offender);
      Errors.bytes(offenderText, 1);
      Errors.text("'");
    }
    Errors.send(session);
    session.add(SessionFlag.CLOSE_AFTER_REPLY);
    Feed.dropInput(session);
  }

  // ── what is kept ───────────────────────────────────────────────────────────────────────────

  /** Keeps the bytes from `start` on; `isRunnable` says that there may be complete commands in them. */
  private static keep(session: Session, start: usize, isOwnInput: bool, isRunnable: bool): void {
    const rest = <u32>(Reader.end - start);
    if (!rest) return Feed.dropInput(session);
    if (isOwnInput) {
      session.inputStart = <u32>(start - session.input);
    } else if (!Feed.append(session, start, rest)) {
      return;
    }
    if (isRunnable) session.add(SessionFlag.HAS_MORE);
  }

  /** Keeps a large incomplete command with the arguments that are read already. */
  private static keepParsed(session: Session, start: usize, isOwnInput: bool): void {
    session.expectedArgs = Reader.expectedArgs;
    session.expectedBytes = Reader.expectedBytes;
    session.scanned = <u32>(Reader.at - start);
    const before = start;
    Feed.keep(session, start, isOwnInput, false);
    if (session.has(SessionFlag.CLOSE_NOW)) return;
    Reader.lend(session, session.input + session.inputStart - before);
  }

  /** Goes on with the command that `keepParsed` left. */
  private static restore(session: Session): void {
    Reader.takeBack(session);
    Reader.expectedArgs = session.expectedArgs;
    Reader.expectedBytes = session.expectedBytes;
    Reader.at += session.scanned;
  }

  /** Adds bytes to what a session keeps; false when that is too much and the session must go. */
  private static append(session: Session, pointer: usize, length: u32): bool {
    const kept = session.inputEnd - session.inputStart;
    const most = Access.isStranger(session)
      ? min<u64>(STRANGER_BYTES, Config.clientQueryBufferLimit)
      : Config.clientQueryBufferLimit;
    if (<u64>kept + length > most && session.kind == SessionKind.CLIENT) {
      Stats.queryBufferLimitDisconnections++;
      Sessions.requestClose(session, true);
      return false;
    }
    const need = kept + length + SLACK;
    const capacity = session.input ? <u32>Heap.sizeOf(session.input) : 0;
    if (session.inputEnd + length + SLACK > capacity) {
      let block = session.input;
      const from = block + session.inputStart;
      if (need > capacity || session.inputStart < capacity >> 1) {
        let want = max(need, min<u32>(capacity << 1, 64 << 20));
        if (!Heap.hasRoom(want)) want = need;
        if (!Garbage.makeRoom(want, want)) {
          session.error("OOM command not allowed when used memory > 'maxmemory'.");
          Sessions.requestClose(session, false);
          return false;
        }
        block = Heap.alloc(want);
      }
      memory.copy(block, from, kept);
      if (session.parsed) Reader.rebase(session, block - from);
      if (session.input && session.input != block) Heap.free(session.input);
      session.input = block;
      session.inputStart = 0;
      session.inputEnd = kept;
    }
    memory.copy(session.input + session.inputEnd, pointer, length);
    session.inputEnd += length;
    return true;
  }

  private static dropInput(session: Session): void {
    if (session.input) Heap.free(session.input);
    session.input = 0;
    session.inputStart = 0;
    session.inputEnd = 0;
    if (session.parsed) Heap.free(session.parsed);
    session.parsed = 0;
  }
}

const offenderText: usize = memory.data(1);
const STOPS: u32 =
  SessionFlag.CLOSE_NOW | SessionFlag.CLOSE_AFTER_REPLY | SessionFlag.BLOCKED | SessionFlag.PAUSED;
const REPLIES_SPECIALLY: u32 =
  SessionFlag.REPLY_OFF | SessionFlag.REPLY_SKIP_NEXT | SessionFlag.TRACKING_CACHING;

function isClientCommand(info: CommandInfo | null): bool {
  return info != null && <i32>info.number == Known.client;
}
