// string.format, sub and byte, and tonumber, which Lua's own code carries out with C's `long`: that has 32 bits here, and 64
// where Redis runs. What does not depend on it is left to Lua's own functions.

import {
  argumentError,
  call,
  checkAny,
  checkNumber,
  checkStack,
  checkString,
  concat,
  getTop,
  LuaType,
  pushBytes,
  pushNil,
  pushNumber,
  pushValue,
  State,
  typeOf,
  UPVALUE,
} from "./api";
import { integerOf } from "./answer";
import { Buffer } from "./buffer";
import { cText, pop, pushText, raise, raiseTop, Text } from "./values";

const lengthCell: usize = memory.data(4, 4);
const digits: usize = memory.data(64, 8);
const made = changetype<Buffer>(memory.data(12, 8));
const HEX: string = "0123456789abcdef0123456789ABCDEF";

/** One conversion of a format: `%` flags width `.` precision letter. */
class Conversion {
  static from: usize = 0;
  static length: u32 = 0;
  static letter: u32 = 0;
  static left: bool = false;
  static plus: bool = false;
  static blank: bool = false;
  static alternate: bool = false;
  static zero: bool = false;
  static width: u32 = 0;
  /** -1: none. */
  static precision: i32 = -1;

  /** Reads it behind the `%`; where it ends. */
  static read(L: State, from: usize, end: usize): usize {
    let at = from;
    Conversion.left = false;
    Conversion.plus = false;
    Conversion.blank = false;
    Conversion.alternate = false;
    Conversion.zero = false;
    for (; at < end; at++) {
      const flag: u32 = load<u8>(at);
      if (flag == 45) Conversion.left = true;
      else if (flag == 43) Conversion.plus = true;
      else if (flag == 32) Conversion.blank = true;
      else if (flag == 35) Conversion.alternate = true;
      else if (flag == 48) Conversion.zero = true;
      else break;
    }
    if (at - from > 5) raise(L, "invalid format (repeated flags)");
    Conversion.width = 0;
    for (let i = 0; i < 2 && at < end && isDigit(load<u8>(at)); i++)
      Conversion.width = Conversion.width * 10 + load<u8>(at++) - 48;
    Conversion.precision = -1;
    if (at < end && load<u8>(at) == 46) {
      at++;
      Conversion.precision = 0;
      for (let i = 0; i < 2 && at < end && isDigit(load<u8>(at)); i++)
        Conversion.precision = Conversion.precision * 10 + load<u8>(at++) - 48;
    }
    if (at < end && isDigit(load<u8>(at))) raise(L, "invalid format (width or precision too long)");
    Conversion.letter = at < end ? load<u8>(at++) : 0;
    Conversion.from = from - 1;
    Conversion.length = <u32>(at - from) + 1;
    return at;
  }

  /** Writes an integer. */
  static integer(value: i64): void {
    const letter = Conversion.letter;
    const isSigned = letter == 100 || letter == 105;
    const isNegative = isSigned && value < 0;
    let rest = isNegative ? <u64>0 - <u64>value : <u64>value;
    const isZero = !rest;
    const base: u64 = letter == 111 ? 8 : (letter | 32) == 120 ? 16 : 10;
    const letters = letter == 88 ? 16 : 0;
    let at = digits + 64;
    while (rest) {
      store<u8>(--at, HEX.charCodeAt(letters + <i32>(rest % base)));
      rest /= base;
    }
    let count = <u32>(digits + 64 - at);
    let least: u32 = Conversion.precision < 0 ? 1 : Conversion.precision;
    if (letter == 111 && Conversion.alternate && least <= count) least = count + 1;
    let head: u32 = 0;
    if (isNegative) head = 45;
    else if (isSigned && Conversion.plus) head = 43;
    else if (isSigned && Conversion.blank) head = 32;
    const hasPrefix = base == 16 && Conversion.alternate && !isZero;
    const before = u32(head != 0) + (hasPrefix ? 2 : 0);
    let zeros: u32 = least > count ? least - count : 0;
    const whole = before + zeros + count;
    let padding = Conversion.width > whole ? Conversion.width - whole : 0;
    if (padding && Conversion.zero && !Conversion.left && Conversion.precision < 0) {
      zeros += padding;
      padding = 0;
    }
    if (!Conversion.left) for (let i: u32 = 0; i < padding; i++) made.byte(32);
    if (head) made.byte(head);
    if (hasPrefix) {
      made.byte(48);
      made.byte(letter);
    }
    for (let i: u32 = 0; i < zeros; i++) made.byte(48);
    made.bytes(at, count);
    if (Conversion.left) for (let i: u32 = 0; i < padding; i++) made.byte(32);
  }

  /** Has Lua's own function carry it out for the argument. */
  static delegate(L: State, index: i32): void {
    pushValue(L, UPVALUE);
    pushBytes(L, Conversion.from, Conversion.length);
    pushValue(L, index);
    call(L, 2, 1);
    Text.at(L, -1);
    made.bytes(Text.pointer, Text.length);
    pop(L, 1);
  }
}


@inline function isDigit(char: u32): bool {
  return char - 48 < 10;
}

/** string.format(format, value …); upvalue 1 is Lua's own. */
export function luaFormat(L: State): i32 {
  const top = getTop(L);
  let at = checkString(L, 1, lengthCell);
  const end = at + load<u32>(lengthCell);
  made.begin();
  let index = 1;
  while (at < end) {
    const start = at;
    while (at < end && load<u8>(at) != 37) at++;
    if (at > start) made.bytes(start, <u32>(at - start));
    if (at == end) break;
    if (++at < end && load<u8>(at) == 37) {
      made.byte(37);
      at++;
      continue;
    }
    at = Conversion.read(L, at, end);
    index++;
    if (index > top) return argumentError(L, index, cText("no value"));
    switch (Conversion.letter) {
      case 100: // d
      case 105: // i
      case 111: // o
      case 117: // u
      case 120: // x
      case 88: // X
        Conversion.integer(integerOf(checkNumber(L, index)));
        break;
      case 99: // c
      case 101: // e
      case 69: // E
      case 102: // f
      case 103: // g
      case 71: // G
        checkNumber(L, index);
        Conversion.delegate(L, index);
        break;
      case 113: // q
      case 115: // s
        checkString(L, index, 0);
        Conversion.delegate(L, index);
        break;
      default:
        pushText(L, "invalid option '%");
        pushBytes(L, Conversion.from + Conversion.length - 1, u32(Conversion.letter != 0));
        pushText(L, "' to 'format'");
        concat(L, 3);
        return raiseTop(L);
    }
  }
  if (Buffer.isFull) return raise(L, "not enough memory");
  pushBytes(L, made.pointer, made.length);
  return 1;
}

/** The argument as C's ptrdiff_t of 64 bits; `otherwise` for one that is not there. */
export function integerArgument(L: State, index: i32, otherwise: i64): i64 {
  return typeOf(L, index) <= LuaType.NIL ? otherwise : integerOf(checkNumber(L, index));
}

/** A place counted from the end as one from the start; 0 for one before it. */

@inline function placeOf(place: i64, length: i64): i64 {
  return max<i64>(place < 0 ? place + length + 1 : place, 0);
}

/** string.sub(text, first, last) */
export function luaSub(L: State): i32 {
  const text = checkString(L, 1, lengthCell);
  const length = <i64>load<u32>(lengthCell);
  const first = max<i64>(placeOf(integerOf(checkNumber(L, 2)), length), 1);
  const last = min<i64>(placeOf(integerArgument(L, 3, -1), length), length);
  if (first > last) pushBytes(L, text, 0);
  else pushBytes(L, text + <usize>(first - 1), <usize>(last - first + 1));
  return 1;
}

/** string.byte(text, first, last) */
export function luaByte(L: State): i32 {
  const text = checkString(L, 1, lengthCell);
  const length = <i64>load<u32>(lengthCell);
  const begin = placeOf(integerArgument(L, 2, 1), length);
  const last = min<i64>(placeOf(integerArgument(L, 3, begin), length), length);
  const first = max<i64>(begin, 1);
  if (first > last) return 0;
  const count = <i32>(last - first + 1);
  if (!checkStack(L, count)) return raise(L, "stack overflow (string slice too long)");
  for (let i = 0; i < count; i++) pushNumber(L, <f64>load<u8>(text + <usize>(first - 1) + i));
  return count;
}

/** tonumber(value, base); upvalue 1 is Lua's own, which knows base 10. */
export function luaToNumber(L: State): i32 {
  const hasBase = getTop(L) > 1 && typeOf(L, 2) != LuaType.NIL;
  const base = hasBase ? <i32>integerOf(checkNumber(L, 2)) : 10;
  if (base == 10) {
    checkAny(L, 1);
    if (typeOf(L, 1) == LuaType.STRING && isHexOfNothing(L)) {
      pushNil(L);
      return 1;
    }
    pushValue(L, UPVALUE);
    pushValue(L, 1);
    call(L, 1, 1);
    return 1;
  }
  checkString(L, 1, 0);
  if (base < 2 || base > 36) return argumentError(L, 2, cText("base out of range"));
  Text.at(L, 1);
  if (!pushParsed(L, <u32>base)) pushNil(L);
  return 1;
}

/** Whether the text is `0x` with nothing behind it, which is a zero for this C library. */
function isHexOfNothing(L: State): bool {
  Text.at(L, 1);
  let at = Text.pointer;
  let end = at + Text.cLength;
  while (end > at && isBlank(load<u8>(end - 1))) end--;
  if (end - at < 2 || (load<u8>(end - 1) | 32) != 120) return false;
  while (isBlank(load<u8>(at))) at++;
  if (load<u8>(at) == 45 || load<u8>(at) == 43) at++;
  return at + 2 == end && load<u8>(at) == 48;
}

/** The text as C's strtoul reads it, with blanks around it; false when that is not all of it. */
function pushParsed(L: State, base: u32): bool {
  let at = Text.pointer;
  const end = at + Text.cLength;
  while (at < end && isBlank(load<u8>(at))) at++;
  let isNegative = false;
  if (at < end && (load<u8>(at) == 45 || load<u8>(at) == 43)) isNegative = load<u8>(at++) == 45;
  if (
    base == 16 &&
    at + 2 < end &&
    load<u8>(at) == 48 &&
    (load<u8>(at, 1) | 32) == 120 &&
    digitOf(load<u8>(at, 2)) < 16
  )
    at += 2;
  const first = at;
  let value: u64 = 0;
  let isTooLarge = false;
  while (at < end) {
    const digit = digitOf(load<u8>(at));
    if (digit >= base) break;
    if (value > (u64.MAX_VALUE - digit) / base) isTooLarge = true;
    value = value * base + digit;
    at++;
  }
  if (at == first) return false;
  while (at < end && isBlank(load<u8>(at))) at++;
  if (at != end) return false;
  if (isTooLarge) value = u64.MAX_VALUE;
  else if (isNegative) value = 0 - value;
  pushNumber(L, <f64>value);
  return true;
}


@inline function isBlank(char: u32): bool {
  return char == 32 || char - 9 < 5;
}


@inline function digitOf(char: u32): u32 {
  if (char - 48 < 10) return char - 48;
  const letter = (char | 32) - 97;
  return letter < 26 ? letter + 10 : 99;
}
