// What scripts take beside instructions of the interpreter: memory, and work of library functions, which is
// counted as instructions, too. A loop over a long text or a large table would run for hours otherwise.

import { free, MASK_COUNT, realloc, setHook, State } from "./api";

/** Blocks from this size on are work: so many bytes are an instruction. */
const LARGE: usize = 1024;
const BYTES_SHIFT: u32 = 4;
/** What an error that is caught counts for: it unwinds the host's stack, too. */
const FAILURE: u32 = 200;

/** From so many instructions on the engine is asked whether the script goes on. */
export const LOOK_INSTRUCTIONS: u32 = 100000;

export class Work {
  /** Instructions that the engine has not heard of. */
  static owed: u32 = 0;
  /** The main thread of the interpreter that runs a script, and may be looked at early; 0: none. */
  static thread: State = 0;
  /** The hook as Lua knows it. */
  static hook: usize = 0;
  /** The hook of that thread comes with its next instruction. */
  static isHurried: bool = false;
  /** A command was called since the last hook: the time since then is not the interpreter's. */
  static hasCalled: bool = false;

  /** A library function went over so many bytes or items. */
  static did(steps: u32): void {
    Work.owed += steps;
    if (Work.owed < LOOK_INSTRUCTIONS || Work.isHurried || !Work.thread) return;
    Work.isHurried = true;
    setHook(Work.thread, Work.hook, MASK_COUNT, 1);
  }

  static failed(): void {
    Work.did(FAILURE);
  }
}

/** Memory that both interpreters have, and the most they may have. */
export class Usage {
  static used: usize = 0;
  static limit: usize = 256 << 20;
  /** Work of our own goes on: what it takes is not refused. */
  static isOpen: bool = false;
  /** Some was asked for that there was not. */
  static wasRefused: bool = false;
}

/** The interpreters' allocator: what would go beyond the limit fails, and Lua makes that an error. */
export function allocate(_: usize, pointer: usize, oldSize: usize, size: usize): usize {
  if (!size) {
    free(pointer);
    Usage.used -= oldSize;
    return 0;
  }
  if (size >= LARGE) Work.did(<u32>(size >> BYTES_SHIFT));
  const before = pointer ? oldSize : 0;
  if (size <= before || Usage.used + (size - before) <= Usage.limit || Usage.isOpen) {
    const moved = realloc(pointer, size);
    if (moved) {
      Usage.used += size - before;
      return moved;
    }
  }
  Usage.wasRefused = true;
  return 0;
}
