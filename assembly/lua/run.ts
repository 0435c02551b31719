// Compiling and running: what the host calls for the engine.

import {
  closeState,
  collect,
  createTable,
  LuaType,
  protectedCall,
  pushBytes,
  pushNil,
  pushValue,
  rawGetIndex,
  rawSet,
  rawSetIndex,
  reference,
  REGISTRY,
  setTop,
  State,
  typeOf,
  unreference,
} from "./api";
import { Answer } from "./answer";
import { answer, block, Buffer, output } from "./buffer";
import { arenaFor, Engine, peek, reply } from "./engine";
import { Failure } from "./errors";
import { Hook, Interpreter, loadText } from "./state";
import { cText, Functions, pop, pushText, Text } from "./values";
import { Usage } from "./work";

const interpreters: usize = memory.data(64, 8);
/** Runs after which the interpreter collects some garbage. */
const COLLECT_EVERY: u32 = 50;
const COLLECT_ALL: i32 = 2;
const COLLECT_STEP: i32 = 5;

export class Runner {
  private static runs: u32 = 0;
  /** From here on all garbage is collected: what one script left must not keep the next from running. */
  private static sweepFrom: usize = 0;


  @inline private static interpreter(isFunction: bool): Interpreter {
    return changetype<Interpreter>(interpreters + (isFunction ? 32 : 0));
  }

  /** Makes both interpreters, with so much memory for scripts; false when there is none. */
  static open(tableBase: u32, limit: usize): bool {
    Functions.base = tableBase;
    Runner.limit(limit);
    return Runner.interpreter(false).open(false) && Runner.interpreter(true).open(true);
  }

  static limit(bytes: usize): void {
    Usage.limit = bytes;
    Runner.sweepFrom = bytes >> 1;
  }

  /** Collects garbage after a run: all of it where much is used, else a little of it now and then. */
  private static tidy(L: State): void {
    const isMuch = Usage.used > Runner.sweepFrom || Usage.wasRefused;
    Usage.wasRefused = false;
    if (!isMuch && ++Runner.runs % COLLECT_EVERY) return;
    Usage.isOpen = true;
    if (isMuch) {
      Runner.dropArguments();
      collect(Runner.interpreter(false).L, COLLECT_ALL, 0);
      collect(Runner.interpreter(true).L, COLLECT_ALL, 0);
      const free = Usage.limit > Usage.used ? Usage.limit - Usage.used : 0;
      Runner.sweepFrom = max(Usage.limit >> 1, Usage.used + (free >> 1));
    } else {
      collect(L, COLLECT_STEP, COLLECT_EVERY);
    }
    Usage.isOpen = false;
  }

  /** Makes one of the interpreters anew: nothing is left of its scripts. */
  static reset(isFunction: bool): void {
    const interpreter = Runner.interpreter(isFunction);
    const old = interpreter.L;
    Usage.isOpen = true;
    if (interpreter.open(isFunction)) closeState(old);
    Usage.isOpen = false;
  }

  /** The arguments of the last script are globals until the next one has its own. */
  private static dropArguments(): void {
    const interpreter = Runner.interpreter(false);
    const L = interpreter.L;
    rawGetIndex(L, REGISTRY, interpreter.globals);
    pushText(L, "KEYS");
    pushNil(L);
    rawSet(L, -3);
    pushText(L, "ARGV");
    pushNil(L);
    rawSet(L, -3);
    pop(L, 1);
  }

  /** A text of the engine's memory, here: it stays until the next call. */
  private static source(pointer: usize, length: u32): usize {
    block.begin();
    const at = block.room(length);
    if (!Buffer.isFull) Engine.read(at, pointer, length);
    return at;
  }

  /** Leaves a text for the engine in its arena; the length, negative. */
  private static problem(pointer: usize, length: u32): i32 {
    const arena = arenaFor(length);
    if (!arena) return -1;
    Engine.write(arena, pointer, length);
    return -(<i32>length);
  }

  /** Compiles a script; its reference, or the length of what is wrong with it, negative. */
  static compile(pointer: usize, length: u32): i32 {
    const L = Runner.interpreter(false).L;
    setTop(L, 0);
    Buffer.isFull = false;
    const source = Runner.source(pointer, length);
    if (Buffer.isFull) return Runner.problem(cText("not enough memory"), 17);
    if (loadText(L, source, length, cText("@user_script"))) {
      Runner.tidy(L);
      Text.at(L, -1);
      return Runner.problem(Text.pointer, Text.length);
    }
    return reference(L, REGISTRY);
  }

  /** Runs the code of a library, which registers its functions; 0, or the length of an error, negative. */
  static load(pointer: usize, length: u32): i32 {
    const interpreter = Runner.interpreter(true);
    const L = interpreter.L;
    setTop(L, 0);
    Buffer.isFull = false;
    const source = Runner.source(pointer, length);
    if (Buffer.isFull) return Runner.problem(cText("not enough memory"), 17);
    if (loadText(L, source, length, cText("@user_function"))) {
      output.begin();
      output.text("Error compiling function: ");
      Text.at(L, -1);
      output.bytes(Text.pointer, Text.length);
      Runner.tidy(L);
      return Runner.problem(output.pointer, output.length);
    }
    rawGetIndex(L, REGISTRY, interpreter.handler);
    pushValue(L, 1);
    Usage.isOpen = true;
    interpreter.setLoading(true);
    Usage.isOpen = false;
    Runner.start(L);
    const status = protectedCall(L, 0, 0, 2);
    Hook.finish();
    Usage.isOpen = true;
    interpreter.setLoading(false);
    Usage.isOpen = false;
    Runner.tidy(L);
    if (!status) return 0;
    answer.begin();
    answer.text("Error registering functions: ");
    if (typeOf(L, -1) == LuaType.TABLE) {
      Failure.message(L);
    } else {
      Text.at(L, -1);
      answer.bytes(Text.pointer, Text.length);
    }
    return Runner.problem(answer.pointer, answer.length);
  }


  @inline private static start(L: State): void {
    Interpreter.running = L;
    Hook.begin(L);
  }

  static forget(isFunction: bool, ref: i32): void {
    unreference(Runner.interpreter(isFunction).L, REGISTRY, ref);
  }

  /** Pushes a table of `count` arguments of the engine, the first at `argv`. */
  private static pushArguments(L: State, argv: usize, count: u32): void {
    createTable(L, count, 0);
    for (let i: u32 = 0; i < count; i += 2) {
      const pair = peek(argv + (i << 3));
      Runner.pushArgument(L, i64x2.extract_lane(pair, 0), i + 1);
      if (i + 1 < count) Runner.pushArgument(L, i64x2.extract_lane(pair, 1), i + 2);
    }
  }


  @inline private static pushArgument(L: State, slice: u64, index: u32): void {
    const length = <u32>(slice >> 32);
    block.begin();
    const at = block.room(length);
    if (Buffer.isFull) return pushBytes(L, at, 0);
    Engine.read(at, <usize>(slice & 0xffffffff), length);
    pushBytes(L, at, length);
    rawSetIndex(L, -2, index);
  }

  /** Runs a script or a function, and replies what it returns; the name is told in errors. */
  static run(
    isFunction: bool,
    ref: i32,
    argv: usize,
    keys: u32,
    values: u32,
    name: usize,
    nameLength: u32,
    protocol: u32,
  ): void {
    const interpreter = Runner.interpreter(isFunction);
    const L = interpreter.L;
    setTop(L, 0);
    Buffer.isFull = false;
    Answer.protocol = protocol;
    Answer.scriptProtocol = 2;
    Usage.isOpen = true;
    rawGetIndex(L, REGISTRY, interpreter.handler);
    rawGetIndex(L, REGISTRY, ref);
    if (isFunction) {
      Runner.pushArguments(L, argv, keys);
      Runner.pushArguments(L, argv + (keys << 3), values);
    } else {
      rawGetIndex(L, REGISTRY, interpreter.globals);
      pushText(L, "KEYS");
      Runner.pushArguments(L, argv, keys);
      rawSet(L, -3);
      pushText(L, "ARGV");
      Runner.pushArguments(L, argv + (keys << 3), values);
      rawSet(L, -3);
      pop(L, 1);
    }
    Usage.isOpen = false;
    Runner.start(L);
    const status = protectedCall(L, isFunction ? 2 : 0, 1, 1);
    Hook.finish();
    Usage.isOpen = true;
    answer.begin();
    let isCounted = false;
    if (status) {
      block.begin();
      const at = block.room(nameLength);
      Engine.read(at, name, nameLength);
      Failure.encode(L, at, nameLength);
      isCounted = Failure.isCounted;
    } else {
      Answer.encode(L);
      isCounted = Answer.isCounted;
    }
    setTop(L, 0);
    Usage.isOpen = false;
    Runner.tidy(L);
    Runner.send(isCounted);
  }

  private static send(isCounted: bool): void {
    if (Buffer.isFull) {
      Buffer.isFull = false;
      answer.begin();
      answer.text("-ERR the reply of the script is too large\r\n");
    }
    const arena = arenaFor(answer.length);
    if (!arena) return reply(0, false);
    Engine.write(arena, answer.pointer, answer.length);
    reply(answer.length, isCounted);
  }
}
