// The library `bit`: operations on 32-bit integers, as in LuaJIT.

import { checkNumber, getTop, LuaType, pushBytes, pushNumber, State, typeOf } from "./api";
import { Functions } from "./values";

/** 2^52 + 2^51: added to a number it leaves its lowest 32 bits at the end of the mantissa. */
const BIAS: f64 = 6755399441055744.0;
const hex: usize = memory.data(8, 8);


@inline function argument(L: State, index: i32): i32 {
  return <i32>reinterpret<i64>(checkNumber(L, index) + BIAS);
}


@inline function answer(L: State, value: i32): i32 {
  pushNumber(L, <f64>value);
  return 1;
}

function toBit(L: State): i32 {
  return answer(L, argument(L, 1));
}

function not(L: State): i32 {
  return answer(L, ~argument(L, 1));
}

function and(L: State): i32 {
  let value = argument(L, 1);
  for (let i = getTop(L); i > 1; i--) value &= argument(L, i);
  return answer(L, value);
}

function or(L: State): i32 {
  let value = argument(L, 1);
  for (let i = getTop(L); i > 1; i--) value |= argument(L, i);
  return answer(L, value);
}

function xor(L: State): i32 {
  let value = argument(L, 1);
  for (let i = getTop(L); i > 1; i--) value ^= argument(L, i);
  return answer(L, value);
}

function shiftLeft(L: State): i32 {
  const value = argument(L, 1);
  return answer(L, value << (argument(L, 2) & 31));
}

function shiftRight(L: State): i32 {
  const value = argument(L, 1);
  return answer(L, <i32>((<u32>value) >>> (argument(L, 2) & 31)));
}

function shiftRightSigned(L: State): i32 {
  const value = argument(L, 1);
  return answer(L, value >> (argument(L, 2) & 31));
}

function rotateLeft(L: State): i32 {
  const value = argument(L, 1);
  return answer(L, rotl(value, argument(L, 2) & 31));
}

function rotateRight(L: State): i32 {
  const value = argument(L, 1);
  return answer(L, rotr(value, argument(L, 2) & 31));
}

function swapBytes(L: State): i32 {
  return answer(L, bswap(argument(L, 1)));
}

function toHex(L: State): i32 {
  let value = <u32>argument(L, 1);
  let digits = typeOf(L, 2) == LuaType.NONE ? 8 : argument(L, 2);
  let letters: u32 = 87;
  if (digits < 0) {
    digits = -digits;
    letters = 55;
  }
  if (<u32>digits > 8) digits = 8;
  for (let i = digits - 1; i >= 0; i--) {
    const digit = value & 15;
    store<u8>(hex + i, digit < 10 ? 48 + digit : letters + digit);
    value >>>= 4;
  }
  pushBytes(L, hex, digits);
  return 1;
}

/** Adds the functions to the table on top. */
export function addBit(L: State): void {
  Functions.add(L, "tobit", toBit.index);
  Functions.add(L, "bnot", not.index);
  Functions.add(L, "band", and.index);
  Functions.add(L, "bor", or.index);
  Functions.add(L, "bxor", xor.index);
  Functions.add(L, "lshift", shiftLeft.index);
  Functions.add(L, "rshift", shiftRight.index);
  Functions.add(L, "arshift", shiftRightSigned.index);
  Functions.add(L, "rol", rotateLeft.index);
  Functions.add(L, "ror", rotateRight.index);
  Functions.add(L, "bswap", swapBytes.index);
  Functions.add(L, "tohex", toHex.index);
}
