// DUMP and RESTORE: one value as bytes, its type and then the form that RDB files have it in, sealed (persistence/payload.ts).

import { Config } from "../generated/config";
import { Command } from "../execution/command";
import { FieldExpiry } from "../keyspace/field-expiry";
import { Entry, Type } from "../keyspace/entry";
import { Frequency } from "../keyspace/frequency";
import { Keyspace } from "../keyspace/keyspace";
import { Clock } from "../memory/clock";
import { Slice } from "../memory/slice";
import { Stats } from "../memory/stats";
import { Effects } from "../persistence/effects";
import { Payload } from "../persistence/payload";
import { RdbLoad } from "../persistence/rdb-load";
import { RdbReader, RdbState } from "../persistence/rdb-reader";
import { RdbSave } from "../persistence/rdb-save";
import { RdbWriter } from "../persistence/rdb-writer";
import { Notify } from "../sessions/notify";
import { RdbStrings } from "../types/string-rdb";
import { Values } from "../types/values";

const writer: usize = memory.data(offsetof<RdbWriter>(), 8);
const loading: usize = memory.data(offsetof<RdbLoad>(), 8);

/** DUMP key → its value as bytes, or nil. */
export function dump(cmd: Command): void {
  const entry = cmd.read(1, Type.ANY);
  if (!entry) return cmd.reply.nil();
  // The payload may take twice its size while the buffer grows, and once more as a reply.
  if (!cmd.room(Values.size(entry) * 3)) return;
  const out = changetype<RdbWriter>(writer);
  out.init();
  const type = RdbSave.typeOf(entry);
  out.byte(type);
  RdbSave.value(out, entry);
  Payload.seal(out, RdbSave.versionOf(type));
  cmd.reply.bulk(out.bytes, out.length);
  out.dispose();
}

/** RESTORE-ASKING: as RESTORE; the flag that it is asked for is the command's. */
export function restoreAsking(cmd: Command): void {
  restore(cmd);
}

/** What RESTORE is told beside the payload; -1: not given. */
class Options {
  static replaces: bool = false;
  static isAbsolute: bool = false;
  static idleSeconds: i64 = -1;
  static frequency: i64 = -1;

  /** Reads them; replies the error and sets `failed` otherwise. */
  static read(cmd: Command): void {
    Options.replaces = false;
    Options.isAbsolute = false;
    Options.idleSeconds = -1;
    Options.frequency = -1;
    for (let i = 4; i < cmd.argc; i++) {
      const hasMore = i + 1 < cmd.argc;
      if (cmd.is(i, "replace")) {
        Options.replaces = true;
      } else if (cmd.is(i, "absttl")) {
        Options.isAbsolute = true;
      } else if (cmd.is(i, "idletime") && hasMore && Options.frequency == -1) {
        Options.idleSeconds = cmd.integer(++i);
        if (cmd.failed) return;
        if (Options.idleSeconds < 0) return cmd.fail("ERR Invalid IDLETIME value, must be >= 0");
      } else if (cmd.is(i, "freq") && hasMore && Options.idleSeconds == -1) {
        Options.frequency = cmd.integer(++i);
        if (cmd.failed) return;
        if (Options.frequency < 0 || Options.frequency > 255)
          return cmd.fail("ERR Invalid FREQ value, must be >= 0 and <= 255");
      } else {
        return cmd.failSyntax();
      }
    }
  }

  /** Sets the clock of the last access. */
  static apply(entry: Entry): void {
    if (Keyspace.countsFrequency) {
      if (Options.frequency >= 0) entry.lru = Frequency.withCount(<u32>Options.frequency);
    } else if (Options.idleSeconds >= 0) {
      entry.lru =
        (Keyspace.accessClock() - <u32>min<i64>(Options.idleSeconds, 0x7fffff)) & 0xffffff;
    }
  }
}

/** RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ count] */
export function restore(cmd: Command): void {
  Options.read(cmd);
  if (cmd.failed) return;
  const old = cmd.write(1, Type.ANY);
  if (old && !Options.replaces) return cmd.fail("BUSYKEY Target key name already exists.");
  let expiry = cmd.integer(2);
  if (cmd.failed) return;
  if (expiry < 0) return cmd.fail("ERR Invalid TTL value, must be >= 0");
  const payload = cmd.arg(3);
  if (!Payload.isIntact(payload)) return cmd.fail("ERR DUMP payload version or checksum are wrong");
  const load = changetype<RdbLoad>(loading);
  Stats.sanitizedPayloads++;
  read(load, payload);
  if (!load.done) {
    load.drop();
    RdbReader.tidy(true);
    if (load.state != RdbState.NO_ROOM) return cmd.fail("ERR Bad data format");
    return cmd.fail("OOM command not allowed when used memory > 'maxmemory'.");
  }
  RdbReader.tidy(true);

  if (old) cmd.remove(1, old);
  if (expiry && !Options.isAbsolute) expiry += Clock.nowMs;
  if (expiry && isPast(cmd, expiry)) {
    load.drop();
    if (old) {
      cmd.effect(2);
      Effects.text(Config.lazyfreeLazyExpire ? "UNLINK" : "DEL");
      Effects.slice(cmd.arg(1));
      cmd.changed(1, Notify.GENERIC, "del");
    }
    return cmd.reply.ok();
  }
  const entry = settle(cmd, load.entry);
  Options.apply(entry);
  FieldExpiry.noteEntry(cmd.db, entry);
  if (expiry) cmd.db.setExpiry(entry, cmd.hashOf(1), expiry);
  if (expiry && !Options.isAbsolute) propagate(cmd, expiry);
  cmd.changed(1, Notify.GENERIC, "restore");
  cmd.reply.ok();
}

function read(load: RdbLoad, payload: Slice): void {
  load.open(payload.ptr, payload.len - Payload.SEAL);
  const type = load.byte();
  load.begin(type);
  load.isStrict = true;
  if (load.isOk) load.read();
}

/** Whether a key with this expiry is not to be made at all. */
function isPast(cmd: Command, expiry: i64): bool {
  return expiry <= Clock.nowMs && !Keyspace.hidesExpired && !cmd.session.isTrustedSource;
}

/** Gives the loaded value to the key in argument 1, which is not there. */
function settle(cmd: Command, loaded: Entry): Entry {
  if (loaded.type == Type.STRING) {
    const encoding = RdbStrings.encodingOf(loaded);
    const made = cmd.add(1, Type.STRING, encoding, RdbStrings.areaSize);
    RdbStrings.move(loaded, made);
    return made;
  }
  const made = cmd.add(1, loaded.type, loaded.encoding, 4);
  made.value = loaded.value;
  return made;
}

/** The command with the time at which the key goes instead of how long it stays. */
function propagate(cmd: Command, expiry: i64): void {
  cmd.effect(cmd.argc + 1);
  for (let i = 0; i < cmd.argc; i++) {
    if (i == 2) Effects.integer(expiry);
    else Effects.slice(cmd.arg(i));
  }
  Effects.text("ABSTTL");
}
