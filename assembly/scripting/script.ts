// The script that runs, and what it asks of the engine. Lua is a module of its own with a memory of its own;
// it calls the functions here directly, and both leave bytes for each other in the arena.
//
//   arena   ├ length × argc ┼ bytes of the arguments … ┤    of a command that the script calls
//           ├ bytes ┤                                       of what it replies, logs, or is told

import { Config } from "../generated/config";
import { Garbage } from "../keyspace/garbage";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Effects } from "../persistence/effects";
import { Output } from "../protocol/output";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Denial, Permission } from "../access/permission";
import { Command } from "../execution/command";
import { Checks } from "../execution/checks";
import { Execute } from "../execution/execute";
import { Host, ScriptTask } from "../execution/host";
import { CommandInfo, commandInfo, findCommand, findSubcommand, Flag } from "../execution/info";
import { MemoryLimit } from "../execution/memory-limit";
import { Mode } from "../execution/mode";
import { Slots } from "../execution/slots";
import { Overtime } from "./overtime";
import { ScriptFlag } from "./shebang";

const ARENA_INITIAL: u32 = 4096;
const ARENA_KEPT: u32 = 1 << 20;
/** Bytes that may be written behind what is asked for. */
const SLACK: u32 = 64;
/** Instructions that the code of a library may take when it is loaded: about half a second. */
const LOAD_LIMIT: u64 = 100000000;
/** Instructions that calling a command counts for. */
const CALL_COST: u64 = 50;
/** All that redis.set_repl can say. */
const REPLICATES_ALL: u32 = 3;

/** What Lua asks with `scriptAsk`. */
export const enum Question {
  MUST_STOP = 0,
  LOG = 1,
  ACCESS = 2,
  REGISTER = 3,
}

export const enum Setting {
  PROTOCOL = 0,
  REPLICATION = 1,
}

/** What the hook of instructions is told. */
export const enum Verdict {
  GO_ON = 0,
  KILLED = 1,
  OVER_LIMIT = 2,
  LOADS_TOO_LONG = 3,
}

export class Script {
  /** The session that its commands run on; 0 until the first script. */
  private static worker: usize = 0;
  private static caller: usize = 0;
  private static isReadOnly: bool = false;
  private static allowsOom: bool = false;
  /** There was no room when it began. */
  private static isOutOfMemory: bool = false;
  /** It has run a command that writes. */
  static hasWritten: bool = false;
  private static replicates: u32 = REPLICATES_ALL;
  /** On a shard: the slot that its keys must have. */
  private static slot: i32 = Slots.ANY;
  /** Instructions of the interpreter since it began; with what calls count for. */
  private static instructions: u64 = 0;
  private static isReplied: bool = false;
  /** A command of it runs: an error of the host's that comes from there is no error of Lua's. */
  static isInside: bool = false;

  private static arena: usize = 0;
  private static arenaSize: u32 = 0;
  private static vector: usize = 0;
  private static vectorSize: u32 = 0;
  /** A reply that did not lie in one piece. */
  private static copied: usize = 0;

  /** `(address, length)` of a function that a library registers; what is wrong with it, 0: nothing. */
  static registerHook: u32 = 0;
  /** Interpreters that were thrown away: what they had compiled is gone. */
  static generation: u32 = 1;

  // ── running one ────────────────────────────────────────────────────────────────────────────

  /** Whether a script with these flags may run now; replies why not. `isReadOnly`: by a command that only reads. */
  static mayRun(cmd: Command, flags: u32, isReadOnly: bool): bool {
    if (flags & ScriptFlag.UNDECLARED) return true;
    if (flags & ScriptFlag.NO_CLUSTER && (Slots.isDivided || Config.clusterEnabled)) {
      cmd.fail("ERR Can not run script on cluster, 'no-cluster' flag is set.");
      return false;
    }
    const isTrusted = cmd.session.isTrustedSource;
    if (
      !(flags & (ScriptFlag.ALLOW_OOM | ScriptFlag.NO_WRITES)) &&
      !isTrusted &&
      Script.isBeyondLimit
    ) {
      cmd.fail("OOM command not allowed when used memory > 'maxmemory'.");
      return false;
    }
    if (!(flags & ScriptFlag.NO_WRITES) && !isTrusted) {
      if (Mode.deniesScriptsThatWrite(cmd)) return false;
      if (isReadOnly) {
        cmd.fail("ERR Can not execute a script with write flag using *_ro command.");
        return false;
      }
    }
    return true;
  }

  private static get isBeyondLimit(): bool {
    return Config.maxmemory != 0 && !MemoryLimit.makeRoom(0);
  }

  /** Runs what was compiled under `ref`; the keys begin at argument 3. */
  static run(
    cmd: Command,
    isFunction: bool,
    ref: i32,
    flags: u32,
    isReadOnly: bool,
    keys: u32,
    name: usize,
    nameLength: u32,
  ): void {
    const caller = cmd.session;
    const worker = Script.begin(cmd, flags, isReadOnly);
    Overtime.begin(cmd, isFunction, name, nameLength);
    const outcome = Host.script(
      isFunction ? ScriptTask.RUN_FUNCTION : ScriptTask.RUN_SCRIPT,
      ref,
      <u32>cmd.arguments + 24,
      keys,
      cmd.argc - 3 - keys,
      <u32>name,
      nameLength,
      caller.protocol,
    );
    Script.caller = 0;
    Overtime.end();
    worker.user = 0;
    if (outcome == Host.LUA_BROKE) Script.generation++;
    if (!Script.isReplied)
      cmd.fail("ERR Error running script: it needs more of the stack or of memory than there is");
    Script.tidy();
  }

  private static begin(cmd: Command, flags: u32, isReadOnly: bool): Session {
    const caller = cmd.session;
    const worker = Script.session;
    Script.caller = changetype<usize>(caller);
    worker.db = caller.db;
    worker.protocol = 2;
    worker.user = caller.user;
    worker.state =
      (caller.state & (SessionFlag.RESTRICTED | SessionFlag.NO_TOUCH)) | SessionFlag.AUTHENTICATED;
    const isDeclared = !(flags & ScriptFlag.UNDECLARED);
    if (Slots.isDivided)
      Script.slot =
        isDeclared && !(flags & ScriptFlag.ALLOW_CROSS_SLOT_KEYS) ? Slots.of(cmd) : Slots.ANY;
    Script.isReadOnly = isReadOnly || (isDeclared && (flags & ScriptFlag.NO_WRITES) != 0);
    Script.allowsOom =
      caller.isTrustedSource || (isDeclared && (flags & ScriptFlag.ALLOW_OOM) != 0);
    Script.isOutOfMemory = !Script.allowsOom && Script.isBeyondLimit;
    Script.hasWritten = false;
    Script.isReplied = false;
    Script.replicates = REPLICATES_ALL;
    Script.instructions = 0;
    return worker;
  }

  /** The code of a library begins to run: it calls no commands, and has its share of instructions. */
  static beginLoad(): void {
    Script.instructions = 0;
  }

  private static get session(): Session {
    if (Script.worker) {
      const worker = changetype<Session>(Script.worker);
      if (!worker.has(SessionFlag.CLOSE_NOW)) return worker;
      Sessions.close(worker);
    }
    const made = Sessions.open(SessionKind.SCRIPT);
    Script.worker = changetype<usize>(made);
    return made;
  }

  /** Gives large blocks back. */
  private static tidy(): void {
    if (Script.copied) Heap.free(Script.copied);
    Script.copied = 0;
    if (Script.arenaSize > ARENA_KEPT) {
      Heap.free(Script.arena);
      Script.arena = 0;
      Script.arenaSize = 0;
    }
    if (Script.vectorSize > ARENA_KEPT) {
      Heap.free(Script.vector);
      Script.vector = 0;
      Script.vectorSize = 0;
    }
  }

  // ── what Lua calls ─────────────────────────────────────────────────────────────────────────

  /** Where `length` bytes can be left; 0 when there is no room. */
  static arenaFor(length: u32): usize {
    if (<u64>length + SLACK <= Script.arenaSize) return Script.arena;
    const size = max<u64>(ARENA_INITIAL, ((<u64>length) << 1) + SLACK);
    const wanted = Garbage.makeRoom(size, size) ? size : <u64>length + SLACK;
    if (!Garbage.makeRoom(wanted, wanted)) return 0;
    if (Script.arena) Heap.free(Script.arena);
    Script.arena = Heap.alloc(<usize>wanted);
    Script.arenaSize = <u32>wanted;
    return Script.arena;
  }


  @inline static get arenaStart(): usize {
    return Script.arena;
  }

  /** The arguments in the arena as slices; 0 when there is no room for them. */
  private static spread(argc: u32): usize {
    const bytes = argc << 3;
    if (bytes + SLACK > Script.vectorSize) {
      if (!Garbage.makeRoom(bytes + ARENA_INITIAL, bytes)) return 0;
      if (Script.vector) Heap.free(Script.vector);
      Script.vectorSize = bytes + ARENA_INITIAL;
      Script.vector = Heap.alloc(Script.vectorSize);
    }
    const arena = Script.arena;
    let from = arena + (argc << 2);
    for (let i: u32 = 0; i < argc; i++) {
      const slice = changetype<Slice>(Script.vector + (i << 3));
      const length = load<u32>(arena + (i << 2));
      slice.ptr = <u32>from;
      slice.len = length;
      from += length;
    }
    return Script.vector;
  }

  /**
   * Runs the command whose arguments are in the arena, `length` bytes. Answers where its reply lies, with the
   * length in the upper half.
   */
  static call(argc: u32, length: u32): u64 {
    if (!Script.caller) return 0;
    const worker = changetype<Session>(Script.worker);
    if (Script.copied) {
      Heap.free(Script.copied);
      Script.copied = 0;
    }
    Script.instructions += CALL_COST;
    const outer = Output.running;
    Output.running = Script.worker;
    const mark = worker.beginDrop();
    const argv = Script.spread(argc);
    if (argv) Script.execute(worker, argv, argc, length);
    else worker.error("OOM command not allowed when used memory > 'maxmemory'.");
    Output.running = outer;
    if (worker.has(SessionFlag.CLOSE_NOW)) return 0;
    const size = worker.lengthSince(mark);
    let place = worker.placeSince(mark);
    if (!place && Garbage.makeRoom(size, size)) {
      place = Heap.alloc(<usize>size + SLACK);
      worker.copySince(mark, place);
      Script.copied = place;
    }
    worker.endDrop(mark);
    return place ? ((<u64>size) << 32) | place : 0;
  }

  /** The command of that name, a subcommand where it has some; null: there is none. */
  private static find(argv: usize, argc: u32): CommandInfo | null {
    const name = changetype<Slice>(argv);
    const number = findCommand(name.ptr, name.len);
    if (number < 0) return null;
    const info = commandInfo(number);
    if (info.has(Flag.INTERNAL)) return null;
    if (!info.childCount || argc < 2) return info;
    const second = changetype<Slice>(argv + 8);
    const child = findSubcommand(info.number, second.ptr, second.len);
    return child < 0 ? null : commandInfo(child);
  }

  private static execute(worker: Session, argv: usize, argc: u32, length: u32): void {
    const info = Script.find(argv, argc);
    if (!info) return worker.error("ERR Unknown Redis command called from script");
    worker.lastCommand = info.number;
    const cmd = Command.enter(worker, info, argv, argc);
    cmd.inputBytes = length;
    if (Script.isAllowed(cmd)) {
      if (info.has(Flag.WRITE)) Script.hasWritten = true;
      const isMuted = !Script.replicates && Effects.isOn;
      if (isMuted) Effects.isOn = false;
      Script.isInside = true;
      Execute.call(cmd);
      Script.isInside = false;
      if (isMuted) Effects.isOn = true;
    } else {
      info.rejected++;
    }
    Command.leave();
  }


  @inline private static isAllowed(cmd: Command): bool {
    const info = cmd.info;
    const arity = info.arity;
    if (arity >= 0 ? cmd.argc != arity : cmd.argc < -arity || !info.handler) {
      cmd.fail("ERR Wrong number of args calling Redis command from script");
      return false;
    }
    if (info.has(Flag.NOSCRIPT)) {
      cmd.fail("ERR This Redis command is not allowed from script");
      return false;
    }
    if (cmd.session.has(SessionFlag.RESTRICTED) && !call_indirect<bool>(Checks.access, cmd))
      return false;
    if (info.has(Flag.WRITE | Flag.MAY_REPLICATE) && !Script.mayWrite(cmd)) return false;
    if (info.has(Flag.DENYOOM) && !Script.mayGrow(cmd)) return false;
    return !Slots.isDivided || Script.isHere(cmd);
  }

  private static mayGrow(cmd: Command): bool {
    if ((!Script.isOutOfMemory || Script.hasWritten) && cmd.hasRoom()) return true;
    cmd.fail("OOM command not allowed when used memory > 'maxmemory'.");
    return false;
  }

  /** Whether the keys are on this shard, and in the slot that the script is about. */
  private static isHere(cmd: Command): bool {
    const slot = Slots.of(cmd);
    if (slot == Slots.NONE) return true;
    if (!Slots.has(slot)) {
      cmd.fail("ERR Script attempted to access a non local key in a cluster node");
      return false;
    }
    if (Script.slot == Slots.NONE) Script.slot = slot;
    if (Script.slot == slot || Script.slot == Slots.ANY) return true;
    cmd.fail("ERR Script attempted to access keys that do not hash to the same slot");
    return false;
  }

  private static mayWrite(cmd: Command): bool {
    if (Script.isReadOnly) {
      cmd.fail("ERR Write commands are not allowed from read-only scripts.");
      return false;
    }
    if (!cmd.info.has(Flag.WRITE) || Script.hasWritten) return true;
    return !Checks.mode || call_indirect<bool>(Checks.mode, cmd);
  }

  /** Replies what is in the arena; an error in it that was counted when it happened is not counted again. */
  static reply(length: u32, isCounted: bool): void {
    if (!Script.caller) return;
    const caller = changetype<Session>(Script.caller);
    Script.isReplied = true;
    if (!length) return caller.error("OOM command not allowed when used memory > 'maxmemory'.");
    if (load<u8>(Script.arena) == 45 && !isCounted)
      return caller.errorBytes(Script.arena + 1, length - 3);
    caller.raw(Script.arena, length);
  }

  static set(what: Setting, value: u32): void {
    if (what == Setting.PROTOCOL) changetype<Session>(Script.worker).protocol = value;
    else Script.replicates = value;
  }

  static ask(question: Question, argc: u32, length: u32): u32 {
    switch (question) {
      case Question.MUST_STOP:
        return Script.judge(argc);
      case Question.LOG:
        Host.log(argc, Script.arena, length);
        return 0;
      case Question.ACCESS:
        return Script.access(argc);
      default:
        return Script.registerHook
          ? call_indirect<u32>(Script.registerHook, Script.arena, length)
          : 3;
    }
  }

  private static access(argc: u32): u32 {
    const argv = Script.spread(argc);
    const info = argv ? Script.find(argv, argc) : null;
    if (!info) return 2;
    const worker = changetype<Session>(Script.worker);
    return u32(Permission.checkFor(worker, info, argv, argc) == Denial.NONE);
  }

  /** So many more instructions have run: whether the script goes on. */
  private static judge(instructions: u32): Verdict {
    Script.instructions += instructions;
    if (!Script.caller)
      return Script.instructions < LOAD_LIMIT ? Verdict.GO_ON : Verdict.LOADS_TOO_LONG;
    if (Overtime.look()) return Verdict.KILLED;
    const limit = <u64>Config.scriptInstructionLimit;
    if (!limit || Script.instructions < limit) return Verdict.GO_ON;
    const caller = changetype<Session>(Script.caller);
    return caller.isTrustedSource ? Verdict.GO_ON : Verdict.OVER_LIMIT;
  }
}
