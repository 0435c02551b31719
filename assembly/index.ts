// The ABI: everything a host can call. See docs/architecture.md for what each function means.

import "./memory/abort";
import { bindHandlers } from "./generated/handlers";
import { appliedAll } from "./generated/applied";
import { SipHash } from "./algorithms/siphash";
import { Random } from "./algorithms/random";
import { Aside } from "./execution/aside";
import { ClientMemory } from "./execution/client-memory";
import { Control } from "./execution/control";
import { Command } from "./execution/command";
import { Known } from "./execution/known";
import { ErrorCounts } from "./execution/error-counts";
import { Feed } from "./execution/feed";
import { Glance } from "./execution/glance";
import { Host } from "./execution/host";
import { Loading } from "./execution/loading";
import { Lifecycle } from "./execution/lifecycle";
import { Limits } from "./execution/limits";
import { Parking } from "./execution/parking";
import { bootAccess } from "./access/access";
import { Secret } from "./access/secret";
import { Slots } from "./execution/slots";
import { Tick } from "./execution/tick";
import { Keyspace } from "./keyspace/keyspace";
import { Heap } from "./memory/heap";
import { Effects } from "./persistence/effects";
import { RdbFile } from "./persistence/rdb-file";
import { Snapshot } from "./persistence/snapshot";
import { Libraries } from "./scripting/library";
import { Overtime } from "./scripting/overtime";
import { Script } from "./scripting/script";
import { Reader } from "./protocol/reader";
import { Gate, Output } from "./protocol/output";
import { bootChanges, Changes } from "./sessions/changes";
import { bootSessions, Session, Sessions } from "./sessions/session";
import { TextBuffer } from "./protocol/text-buffer";
import { Subscriptions } from "./sessions/subscriptions";
import { Timers } from "./sessions/timers";
import { Pause } from "./execution/pause";
import { Tracking } from "./sessions/tracking";
import { bootTypes } from "./types/types";

/** Once, before all else. `maxPages` caps the memory in 64 KB pages; 0: all that wasm32 has. */
export function boot(seedLow: u32, seedHigh: u32, maxPages: u32): void {
  Heap.boot(maxPages);
  const seed = ((<u64>seedHigh) << 32) | seedLow;
  Random.seed(seed);
  SipHash.seed(Random.next(), Random.next());
  Control.readClock();
  Reader.boot();
  Feed.boot();
  Keyspace.configured();
  bootSessions();
  bootChanges();
  Subscriptions.boot();
  bootAccess();
  Lifecycle.boot();
  Limits.boot();
  bootTypes();
  Libraries.boot();
  ErrorCounts.boot();
  bindHandlers();
  Known.boot();
  Heap.startup = Heap.used;
  appliedAll();
}

export function control(): usize {
  return changetype<usize>(Control.it);
}

export function window(): usize {
  return Feed.window;
}

/** Address of 32 bytes that the host fills with what nobody can guess. */
export function secret(): usize {
  return Secret.key;
}

/** A new session; 0 when there is no room for one. */
export function open(kind: u32, pointer: usize, length: u32): usize {
  Control.readClock();
  return Lifecycle.open(kind, pointer, length);
}

/** The connection is gone. */
export function close(session: usize): void {
  Control.readClock();
  Lifecycle.close(changetype<Session>(session));
  Effects.seal();
  publish();
}

export function feed(session: usize, pointer: usize, length: u32): u32 {
  Control.readClock();
  const flags = Feed.run(changetype<Session>(session), pointer, length);
  publish();
  return flags;
}

/** Whether `hear` may be called for a session: inside the import `hear` alone. */
export function mayHear(session: usize): bool {
  return Aside.mayHear(changetype<Session>(session));
}

/** Runs what a session sent while a script of another one runs. */
export function hear(session: usize, pointer: usize, length: u32): void {
  Aside.hear(changetype<Session>(session), pointer, length);
}

/** The process is about to end: the script that runs ends, and nothing that it wrote reaches the log. */
export function abandon(): void {
  Overtime.abandon();
}

/** Runs one command whose arguments lie in memory; a reply that was taken out is in the control block. */
export function call(session: usize, argv: usize, argc: u32): u32 {
  Control.readClock();
  const flags = Feed.call(changetype<Session>(session), argv, argc);
  Control.it.flags = flags;
  Control.it.outputLength = Feed.taken;
  Control.it.address = <u32>Output.takenAt;
  publish();
  return flags;
}

/** GET of a key, where a session may have its value at once; its bytes are where the control block says. */
export function glance(session: usize, key: usize, length: u32): bool {
  Control.readClock();
  if (!Glance.get(changetype<Session>(session), key, length)) return false;
  Control.it.address = <u32>Glance.at;
  Control.it.outputLength = Glance.length;
  return true;
}

/** Bytes of a session that may be sent now; their address is in the control block. */
export function output(session: usize): u32 {
  const from = changetype<Session>(session);
  const length = from.sendableLength();
  if (length) Control.it.address = <u32>from.sendable;
  return length;
}

export function sent(session: usize, length: u32): void {
  changetype<Session>(session).sent(length);
  if (ClientMemory.isOn) ClientMemory.update(changetype<Session>(session));
}

/** The next session that the host must look at, or 0. */
export function ready(): usize {
  const session = Sessions.nextReady();
  Control.it.readyCount = Sessions.readyCount;
  return changetype<usize>(session);
}

export function status(session: usize): u32 {
  return Feed.flags(changetype<Session>(session));
}

/** The raw reply of a command that the host was asked to answer. */
export function answer(session: usize, pointer: usize, length: u32): void {
  Control.readClock();
  Lifecycle.answer(changetype<Session>(session), pointer, length);
  Effects.seal();
  publish();
}

/** What the host adds to what the engine asks it just now: lines of INFO, or why it refuses a directive. */
export function append(pointer: usize, length: u32): void {
  if (Host.onAppend) call_indirect<void>(Host.onAppend, pointer, length);
}

/** Leaves the arguments of the command that runs in the control block, for the report of a trap. */
export function running(): void {
  const control = Control.it;
  const cmd = Command.running;
  control.argc = cmd ? cmd.argc : 0;
  if (cmd) control.argv = <u32>cmd.arguments;
}

/** Does background work for at most `work` units; returns in how many ms to call again. */
export function tick(work: u32): u32 {
  Control.readClock();
  const next = Tick.run(work);
  Effects.seal();
  publish();
  return next;
}

/** Sealed bytes of the effects log; their address is in the control block. */
export function log(): u32 {
  const length = Effects.sealedLength;
  if (length) Control.it.address = <u32>Effects.sealedAt;
  return length;
}

export function logTaken(length: u32): void {
  Effects.taken(length);
}

/** Who writes the records of the log that are sealed from now on: the host's epoch, who asked, and his request. */
export function writer(epoch: f64, originId: f64, originSequence: f64): void {
  Effects.epoch = <u64>epoch;
  Effects.originId = <u64>originId;
  Effects.originSequence = <u64>originSequence;
}

/** Whether the effects log is written. */
export function logOn(on: bool): void {
  if (on) Effects.enable();
  else Effects.disable();
}

/**
 * Begins a snapshot of the dataset as it is now (`SnapshotOption`), and answers the offset of the log that
 * belongs to it, or -1 while the last one is not gone; 0 gives up the one that runs.
 */
export function snapshot(options: u32): f64 {
  Control.readClock();
  if (!options) {
    Snapshot.abort();
    return 0;
  }
  const offset = Snapshot.begin(options);
  publish();
  return offset;
}

/** Writes more of the snapshot; the length of its next bytes, whose address is in the control block. */
export function snapshotRead(work: u32): u32 {
  const length = Snapshot.read(work);
  Control.it.address = <u32>Snapshot.bytes;
  Control.it.snapshotState = Snapshot.state;
  return length;
}

export function snapshotTaken(length: u32): void {
  Snapshot.taken(length);
  Control.it.snapshotState = Snapshot.state;
}

/** Begins to load an RDB file (`LoadOption`). */
export function loadBegin(options: u32): void {
  Control.readClock();
  Loading.begin(options);
}

/** Reads the next bytes of the file; the `LoadState`. How far it came is in the control block. */
export function load(pointer: usize, length: u32): u32 {
  RdbFile.feed(pointer, length);
  Control.it.loaded = RdbFile.offset;
  return RdbFile.state;
}

/** Ends the load; the length of the reason why it failed, or where nothing did, 0. */
export function loadEnd(): u32 {
  Control.it.loaded = RdbFile.offset;
  const length = Loading.end();
  Control.it.address = <u32>Loading.reason;
  return length;
}

/** How many changes there were since the last save. */
export function changes(): f64 {
  return <f64>Changes.dirty;
}

/** So many of them are saved. */
export function changesSaved(count: f64): void {
  Changes.dirty -= min(Changes.dirty, <u64>count);
}

/** The log is safe up to this offset: what waits for it may leave. */
export function release(offset: f64): void {
  Gate.released = <u64>offset;
  Gate.open();
  publish();
}

/** Replies wait for `release`, or do not. */
export function gate(on: bool): void {
  if (on && !Gate.isOn) Sessions.endSegments();
  Gate.turn(on);
  publish();
}

/** This is a shard of a store, which has the slots from `first` to `last`. */
export function slots(first: u32, last: u32): void {
  Slots.own(first, last);
}

/** Writes a session as bytes, whose address is in the control block; the session stays. Returns their length. */
export function park(session: usize): u32 {
  Control.readClock();
  Parking.write(changetype<Session>(session));
  Control.it.address = <u32>TextBuffer.pointer;
  return TextBuffer.length;
}

/** A session made of such bytes; 0 when they are damaged or there is no room. */
export function unpark(pointer: usize, length: u32): usize {
  Control.readClock();
  const session = Heap.hasRoom(<u64>length * 2 + 65536) ? Parking.read(pointer, length) : null;
  if (Tracking.isOn) Tracking.endBatch();
  Effects.seal();
  publish();
  return changetype<usize>(session);
}

/** Memory for bytes larger than the window; 0 when there is no room. */
export function buffer(length: u32): usize {
  return Heap.hasRoom(<u64>length + 16) ? Heap.alloc(<usize>length + 16) : 0;
}

export function unbuffer(pointer: usize): void {
  Heap.free(pointer);
}

// ── what Lua calls, beside the host: see assembly/scripting/script.ts ───────────────────────

/** Where Lua may leave so many bytes; 0 when there is no room. */
export function scriptArena(length: u32): usize {
  return Script.arenaFor(length);
}

export function scriptPoke(pointer: usize, bytes: v128): void {
  v128.store(pointer, bytes);
}

export function scriptPeek(pointer: usize): v128 {
  return v128.load(pointer);
}

/** Runs the command in the arena; where its reply lies, with the length in the upper half. */
export function scriptCall(argc: u32, length: u32): u64 {
  return Script.call(argc, length);
}

/** Replies what is in the arena. */
export function scriptReply(length: u32, isCounted: bool): void {
  Script.reply(length, isCounted);
}

export function scriptSet(what: u32, value: u32): void {
  Script.set(what, value);
}

export function scriptAsk(question: u32, argc: u32, length: u32): u32 {
  return Script.ask(question, argc, length);
}

/** Whether a command that a script called is running, or one of another session in the middle of a script. */
export function scriptInside(): bool {
  return Script.isInside || Overtime.isHearing;
}

/** What the host reads after a call. */
function publish(): void {
  const control = Control.it;
  control.readyCount = Sessions.readyCount;
  // Signed, since that is one instruction.
  control.logEnd = <f64>(<i64>Gate.logEnd);
  control.outputBytes = <f64>(<i64>Output.totalMemory);
  control.usedBytes = <f64>(<i64>Heap.used);
  const nextMs = min(Timers.nextMs, Pause.endMs);
  control.deadlineMs = nextMs == i64.MAX_VALUE ? 0 : <f64>nextMs;
}
