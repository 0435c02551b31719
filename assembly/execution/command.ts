// The context of a running command: its arguments, its session, its database, where the reply goes,
// and the only way to look up and to change keys.
//
// Contexts are a stack in static memory, since a script or a transaction runs commands inside a
// command.

import { Database } from "../keyspace/database";
import { Entry, Type } from "../keyspace/entry";
import { Keyspace } from "../keyspace/keyspace";
import { Garbage } from "../keyspace/garbage";
import { Slice } from "../memory/slice";
import { Stats } from "../memory/stats";
import { Integer } from "../algorithms/integer";
import { Effects } from "../persistence/effects";
import { Reply } from "../protocol/reply";
import { Changes } from "../sessions/changes";
import { Notify } from "../sessions/notify";
import { Session, SessionFlag } from "../sessions/session";
import { Bytes } from "../memory/bytes";
import { Host } from "./host";
import { CommandInfo, commandInfo } from "./info";

const DEPTH_MAX: u32 = 16;
/** What a command may take beside its arguments. */
const SPARE: u32 = 65536;
/** What the log has beside the bytes of a command's arguments and 16 for each of them. */
const EFFECT: u32 = 512;
/** `(redacted)` */
const REDACTED: usize = memory.data<u8>([40, 114, 101, 100, 97, 99, 116, 101, 100, 41]);
const contexts: usize = memory.data(DEPTH_MAX * 64, 8);


@unmanaged
export class Command {
  session: Session;
  info: CommandInfo;
  private argv: usize;
  argc: i32;
  /** The argument whose hash is known; 0: none. */
  private hashedArg: i32;
  /** An error was replied: the command must return. */
  failed: bool;
  /** The command wrote its effect itself, or has none. */
  ownEffect: bool;
  /** How much it changed. */
  dirty: u32;
  private keyHash: u64;
  /** Bytes of all arguments and their headers. */
  inputBytes: u32;
  /** Monotonic µs at which `measure` was called; -1: the command is not measured by itself. */
  measuredFrom: f64;

  /** Elements up to which a command that is flagged cheap need not `measure` itself. */
  @inline static readonly LIGHT: u32 = 64;

  private static depth: u32 = 0;

  /** The command that runs, the innermost if one runs others. */
  static get running(): Command | null {
    return Command.depth ? changetype<Command>(contexts + ((Command.depth - 1) << 6)) : null;
  }

  /** The command that the others run inside; there must be one. */
  @inline static get outermost(): Command {
    return changetype<Command>(contexts);
  }

  /** A fresh context on the stack; `leave` takes it off. */
  static enter(session: Session, info: CommandInfo, argv: usize, argc: i32): Command {
    const cmd = changetype<Command>(contexts + (Command.depth++ << 6));
    cmd.session = session;
    cmd.info = info;
    cmd.argv = argv;
    cmd.argc = argc;
    cmd.hashedArg = 0;
    cmd.failed = false;
    cmd.ownEffect = false;
    cmd.dirty = 0;
    cmd.measuredFrom = -1;
    return cmd;
  }


  @inline static leave(): void {
    Command.depth--;
  }
  /** How many commands run inside each other. */
  @inline static get nesting(): u32 {
    return Command.depth;
  }


  @inline arg(index: i32): Slice {
    return changetype<Slice>(this.argv + ((<usize>index) << 3));
  }


  @inline get arguments(): usize {
    return this.argv;
  }


  @inline get db(): Database {
    return this.session.db;
  }


  @inline get reply(): Reply {
    return changetype<Reply>(this.session);
  }


  @inline get isResp3(): bool {
    return this.session.protocol == 3;
  }

  /** Hides an argument from MONITOR and the slow log, once the command has no more use for it. */
  redact(index: i32): void {
    const slice = this.arg(index);
    slice.ptr = <u32>REDACTED;
    slice.len = 10;
  }

  /** A command flagged cheap that finds much work says so before it begins: the clock is asked then. */
  @inline measure(): void {
    if (this.measuredFrom < 0) this.measuredFrom = Host.clock();
  }

  // ── arguments ──────────────────────────────────────────────────────────────────────────────

  /** Whether an argument is this word in any letter case; `word` is given in lower case. */
  @inline is(index: i32, word: string): bool {
    const slice = this.arg(index);
    return Bytes.is(slice.ptr, slice.len, word);
  }

  /** An argument as an integer; replies the error and sets `failed` when it is none. */
  integer(index: i32): i64 {
    const slice = this.arg(index);
    if (Integer.parse(slice.ptr, slice.len)) return Integer.value;
    this.fail("ERR value is not an integer or out of range");
    return 0;
  }

  /** An argument as an integer in a range; replies the error and sets `failed` otherwise. */
  integerIn(index: i32, lowest: i64, highest: i64, error: string): i64 {
    const slice = this.arg(index);
    if (Integer.parse(slice.ptr, slice.len) && Integer.value >= lowest && Integer.value <= highest)
      return Integer.value;
    this.fail(error);
    return 0;
  }

  /** An argument as an integer of 32 bits; replies the error and sets `failed` otherwise. */
  integer32(index: i32): i64 {
    const value = this.integer(index);
    if (this.failed || value == <i64>(<i32>value)) return value;
    this.fail("ERR value is out of range, value must between -2147483648 and 2147483647");
    return 0;
  }

  /** An argument as an integer of which there is the opposite, too; replies the error and sets `failed` otherwise. */
  integerWithOpposite(index: i32): i64 {
    const value = this.integer(index);
    if (this.failed || value >= -i64.MAX_VALUE) return value;
    this.fail(
      "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    );
    return 0;
  }

  // ── errors ─────────────────────────────────────────────────────────────────────────────────

  /** Replies an error; the command must return. */
  fail(error: string): void {
    this.reply.error(error);
    this.failed = true;
  }


  @inline failSyntax(): void {
    this.fail("ERR syntax error");
  }


  @inline failType(): void {
    this.fail("WRONGTYPE Operation against a key holding the wrong kind of value");
  }
  failArity(): void {
    const reply = this.reply;
    Errors.begin();
    Errors.text("ERR wrong number of arguments for '");
    Errors.commandName(this.info);
    Errors.text("' command");
    Errors.send(reply);
    this.failed = true;
  }
  /** An unknown subcommand of a container command, in the words of Redis. */
  failSubcommand(): void {
    this.refuseSubcommand("ERR unknown subcommand '");
  }

  /** As `failSubcommand`, where the number of arguments may be what is wrong. */
  failSubcommandSyntax(): void {
    this.refuseSubcommand("ERR unknown subcommand or wrong number of arguments for '");
  }

  private refuseSubcommand(text: string): void {
    const slice = this.arg(1);
    Errors.begin();
    Errors.text(text);
    Errors.bytes(slice.ptr, min<u32>(slice.len, 128));
    Errors.text("'. Try ");
    const parent = this.info.parent;
    const container = parent < 0 ? this.info : commandInfo(parent);
    Errors.upper(container.name, container.nameLength);
    Errors.text(" HELP.");
    Errors.send(this.reply);
    this.failed = true;
  }

  /**
   * Whether memory has room for what the arguments bring, in the keyspace and in the log. To be asked before
   * anything changes.
   */
  @inline hasRoom(): bool {
    return Command.hasRoomFor(this.inputBytes, this.argc);
  }

  /** As `hasRoom`, for so many arguments of so many bytes in all. */
  static hasRoomFor(bytes: u32, argc: u32): bool {
    const entry = bytes + ((<u32>argc) << 4) + EFFECT;
    const kept = <u64>bytes + ((<u64>argc) << 6) + SPARE;
    if (bytes < SPARE || !Effects.isOn)
      return Garbage.makeRoom(kept + bytes, bytes) && Effects.reserve(entry);
    if (!Effects.reserve(entry)) {
      Garbage.work(i32.MAX_VALUE);
      if (!Effects.reserve(entry)) return false;
    }
    return Garbage.makeRoom(kept, bytes);
  }

  /**
   * Whether so many bytes can be had beyond what the arguments themselves need; replies `-OOM` and
   * sets `failed` when not. To be asked before anything changes.
   */
  room(bytes: u64): bool {
    if (Garbage.makeRoom(bytes, bytes)) return true;
    this.fail("OOM command not allowed when used memory > 'maxmemory'.");
    return false;
  }

  // ── keys ───────────────────────────────────────────────────────────────────────────────────

  @inline setHash(index: i32, hash: u64): void {
    this.hashedArg = index;
    this.keyHash = hash;
  }

  /** The hash of the key that is argument `index`. */
  hashOf(index: i32): u64 {
    if (this.hashedArg == index) return this.keyHash;
    const key = this.arg(index);
    const hash = Database.hash(key.ptr, key.len);
    this.hashedArg = index;
    this.keyHash = hash;
    return hash;
  }

  /** Looks up the key in argument `index` for reading; replies WRONGTYPE and sets `failed` for another type. */
  read(index: i32, type: u32): Entry | null {
    const key = this.arg(index);
    const entry = this.lookUp(key.ptr, key.len, this.hashOf(index));
    if (entry && type != Type.ANY && entry.type != type) {
      this.failType();
      return null;
    }
    return entry;
  }

  /** Looks up a key that is no argument for reading. */
  readKey(ptr: usize, len: u32): Entry | null {
    return this.lookUp(ptr, len, Database.hash(ptr, len));
  }


  @inline private lookUp(ptr: usize, len: u32, hash: u64): Entry | null {
    const entry = Keyspace.peek(this.session.db, ptr, len, hash);
    if (!entry) {
      Stats.keyspaceMisses++;
      Notify.event(Notify.KEY_MISS, "keymiss", ptr, len, this.session.db.index);
      return null;
    }
    Stats.keyspaceHits++;
    if (!this.session.has(SessionFlag.NO_TOUCH)) Keyspace.touch(entry);
    return entry;
  }

  /** Looks up the key in argument `index` without noting an access. */
  inspect(index: i32): Entry | null {
    const key = this.arg(index);
    return Keyspace.peek(this.session.db, key.ptr, key.len, this.hashOf(index));
  }

  /** Looks up the key in argument `index` in order to change it; as `read`, without statistics. */
  write(index: i32, type: u32): Entry | null {
    const key = this.arg(index);
    const entry = Keyspace.peek(this.session.db, key.ptr, key.len, this.hashOf(index));
    if (!entry) return null;
    if (type != Type.ANY && entry.type != type) {
      this.failType();
      return null;
    }
    if (!this.session.has(SessionFlag.NO_TOUCH)) Keyspace.touch(entry);
    Keyspace.edit(this.session.db, entry);
    return entry;
  }

  /** A new entry for the key in argument `index`, which must not be there. */
  add(index: i32, type: u32, encoding: u32, areaSize: usize): Entry {
    const key = this.arg(index);
    const db = this.session.db;
    const entry = db.add(
      key.ptr,
      key.len,
      this.hashOf(index),
      type,
      encoding,
      areaSize,
      Keyspace.initialClock(),
    );
    Notify.event(Notify.NEW, "new", key.ptr, key.len, db.index);
    Changes.ready(db, key.ptr, key.len);
    return entry;
  }

  /**
   * An entry of this kind for the key in argument `index`, whatever it was: `entry` is what `write` gave
   * for it. The value that was there is freed, and its expiry goes unless it is kept.
   */
  put(
    index: i32,
    entry: Entry | null,
    type: u32,
    encoding: u32,
    areaSize: usize,
    keepsTtl: bool,
  ): Entry {
    if (!entry) return this.add(index, type, encoding, areaSize);
    const db = this.db;
    const hash = this.hashOf(index);
    if (Database.goneHook) call_indirect<void>(Database.goneHook, db, entry.keyPtr, entry.keyLen);
    Database.freeValue(entry);
    const kept = keepsTtl || !entry.isVolatile ? entry : db.clearExpiry(entry, hash);
    const target = db.resizeArea(kept, hash, encoding, areaSize);
    target.setKind(type, encoding);
    return target;
  }

  /** Removes the entry of the key in argument `index`, which `write` gave. */
  @inline remove(index: i32, entry: Entry): void {
    this.session.db.remove(entry, this.hashOf(index));
  }

  /** Says that the key in argument `index` has changed by `count`, with the event that tells how. */
  @inline changed(index: i32, kind: u32, event: string, count: u32 = 1): void {
    this.changedKey(this.arg(index), kind, event, count);
  }

  changedKey(key: Slice, kind: u32, event: string, count: u32 = 1): void {
    const db = this.session.db;
    this.dirty += count;
    Changes.signal(db, key.ptr, key.len);
    Notify.event(kind, event, key.ptr, key.len, db.index);
  }

  /** One more event of a key whose change is already told. */
  @inline notify(index: i32, kind: u32, event: string): void {
    const key = this.arg(index);
    Notify.event(kind, event, key.ptr, key.len, this.session.db.index);
  }

  // ── effects ────────────────────────────────────────────────────────────────────────────────

  /**
   * Begins an effect of `argc` arguments that stands for the command in the log; `Effects.text`,
   * `slice`, `bytes` and `integer` write them. Without it the log gets the command as it came.
   */
  @inline effect(argc: u32): void {
    this.ownEffect = true;
    Effects.begin(this.session.db.index, argc);
  }
}

const line: usize = memory.data(2048);

/** Error texts that are put together. */
export class Errors {
  private static at: usize = 0;

  /** What was put together so far. */
  @inline static get pointer(): usize {
    return line;
  }


  @inline static get length(): u32 {
    return <u32>(Errors.at - line);
  }

  static begin(): void {
    Errors.at = line;
  }
  static text(text: string): void {
    if (Errors.at + text.length > line + 2048) return;
    Errors.at += Bytes.put(Errors.at, text);
  }
  /** Text of a client; it ends at a zero byte, as in C. */
  static bytes(pointer: usize, length: u32): void {
    const zero = Bytes.indexOf(pointer, pointer + length, 0);
    const shown = zero ? <u32>(zero - pointer) : length;
    const fits = min<u32>(shown, <u32>(line + 2048 - Errors.at));
    memory.copy(Errors.at, pointer, fits);
    Errors.at += fits;
  }
  static upper(pointer: usize, length: u32): void {
    for (let i: u32 = 0; i < length && Errors.at < line + 2048; i++) {
      const char = load<u8>(pointer + i);
      store<u8>(Errors.at++, char - 97 < 26 ? char - 32 : char);
    }
  }
  static number(value: i64): void {
    if (Errors.at + 24 > line + 2048) return;
    Errors.at += Integer.format(value, Errors.at);
  }
  /** A command's name, a subcommand's as `parent|name`. */
  static commandName(info: CommandInfo): void {
    if (info.parent >= 0) {
      const parent = commandInfo(info.parent);
      Errors.bytes(parent.name, parent.nameLength);
      Errors.text("|");
    }
    Errors.bytes(info.name, info.nameLength);
  }
  /** Characters `from` to `to` of a text. */
  static part(text: string, from: i32, to: i32): void {
    const chars = changetype<usize>(text);
    for (let i = from; i < to && Errors.at < line + 2048; i++)
      store<u8>(Errors.at++, load<u16>(chars + (i << 1)));
  }
  /** Replies the text as a simple string. */
  static sendStatus(reply: Reply): void {
    const length = <u32>(Errors.at - line);
    reply.text("+");
    reply.raw(line, length);
    reply.text("\r\n");
  }
  static send(reply: Reply): void {
    reply.errorBytes(line, <u32>(Errors.at - line));
  }
}
