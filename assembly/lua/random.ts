// math.random and math.randomseed as Redis has them: POSIX lrand48, the same on every machine. It goes on from
// script to script, from the state that it begins with in each process.

import { argumentError, checkNumber, getTop, pushNumber, State } from "./api";
import { integerOf } from "./answer";
import { cText, Functions, raise } from "./values";

const LARGEST: u32 = 0x7fffffff;

export class Sequence {
  private static state: u64 = 0x1234abcd330e;

  static start(seed: u32): void {
    Sequence.state = ((<u64>seed) << 16) | 0x330e;
  }

  /** From 0 up to, not including, 1. */
  static next(): f64 {
    Sequence.state = (Sequence.state * 0x5deece66d + 0xb) & 0xffffffffffff;
    return <f64>(<u32>(Sequence.state >> 17) % LARGEST) / <f64>LARGEST;
  }
}

/** An argument as C's int, cut from 64 bits. */
function integer(L: State, index: i32): i32 {
  return <i32>integerOf(checkNumber(L, index));
}

function luaRandom(L: State): i32 {
  const drawn = Sequence.next();
  const count = getTop(L);
  if (count == 0) {
    pushNumber(L, drawn);
  } else if (count == 1) {
    const most = integer(L, 1);
    if (most < 1) return argumentError(L, 1, cText("interval is empty"));
    pushNumber(L, Math.floor(drawn * <f64>most) + 1);
  } else if (count == 2) {
    const least = integer(L, 1);
    const most = integer(L, 2);
    if (least > most) return argumentError(L, 2, cText("interval is empty"));
    pushNumber(L, Math.floor(drawn * <f64>(most - least + 1)) + <f64>least);
  } else {
    return raise(L, "wrong number of arguments");
  }
  return 1;
}

function luaSeed(L: State): i32 {
  Sequence.start(<u32>integer(L, 1));
  return 0;
}

/** Replaces them in the table on top. */
export function addRandom(L: State): void {
  Functions.add(L, "random", luaRandom.index);
  Functions.add(L, "randomseed", luaSeed.index);
}
