// The library `struct`: values to and from the bytes of C structures, by a format.
//
//   > <   big, little endian       ! n   alignment          x     a zero byte
//   b B h H l L T   integers of 1, 2, 8 bytes, signed in lower case; i n, I n  of n bytes
//   f d   floating point           s     zero-terminated    c n   n characters, c0: as many as the number before

import {
  argumentError,
  checkNumber,
  checkStack,
  checkString,
  isNumber,
  optInteger,
  pushBytes,
  pushNil,
  pushNumber,
  State,
  toNumber,
} from "./api";
import { Bytes } from "../memory/bytes";
import { integerOf } from "./answer";
import { Buffer, output } from "./buffer";
import { cText, Functions, pop, raise, raiseTop } from "./values";

const SIZE_MAX: u32 = 32;
const ALIGN_MAX: u32 = 8;
const lengthCell: usize = memory.data(4, 4);
const number: usize = memory.data(32, 8);

/** A format that is being read. */
class Format {
  static at: usize = 0;
  static end: usize = 0;
  static isBig: bool = false;
  static align: u32 = 1;

  static begin(L: State): void {
    Format.at = checkString(L, 1, lengthCell);
    const length = load<u32>(lengthCell);
    const zero = Bytes.indexOf(Format.at, Format.at + length, 0);
    Format.end = zero ? zero : Format.at + length;
    Format.isBig = false;
    Format.align = 1;
  }


  @inline static get hasMore(): bool {
    return Format.at < Format.end;
  }


  @inline static take(): u32 {
    return load<u8>(Format.at++);
  }

  private static get atDigit(): bool {
    return Format.at < Format.end && <u32>load<u8>(Format.at) - 48 < 10;
  }

  /** A number in the format, or another where there is none. */
  static count(L: State, otherwise: u32): u32 {
    if (!Format.atDigit) return otherwise;
    let value: u64 = 0;
    while (Format.atDigit) {
      value = value * 10 + (load<u8>(Format.at++) - 48);
      if (value > <u64>i32.MAX_VALUE) raise(L, "integral size overflow");
    }
    return <u32>value;
  }

  /** Bytes that an option stands for. */
  static sizeOf(L: State, option: u32): u32 {
    switch (option) {
      case 66: // B
      case 98: // b
      case 120: // x
        return 1;
      case 72: // H
      case 104: // h
        return 2;
      case 102: // f
        return 4;
      case 76: // L
      case 108: // l
      case 84: // T
      case 100: // d
        return 8;
      case 99: // c
        return Format.count(L, 1);
      case 105: // i
      case 73: {
        // I
        const size = Format.count(L, 4);
        if (size > SIZE_MAX) {
          output.begin();
          output.text("integral size ");
          output.integer(size);
          output.text(" is larger than limit of 32");
          pushBytes(L, output.pointer, output.length);
          raiseTop(L);
        }
        return size;
      }
      default:
        return 0;
    }
  }

  /** Bytes that are missing to the alignment of an option. */
  static gap(position: u32, option: u32, size: u32): u32 {
    if (!size || option == 99) return 0;
    const unit = min(size, Format.align);
    return (unit - (position & (unit - 1))) & (unit - 1);
  }

  /** An option that stands for no bytes. */
  static control(L: State, option: u32): void {
    if (option == 32) return;
    if (option == 62) {
      Format.isBig = true;
    } else if (option == 60) {
      Format.isBig = false;
    } else if (option == 33) {
      const align = Format.count(L, ALIGN_MAX);
      if (popcnt(align) != 1) {
        output.begin();
        output.text("alignment ");
        output.integer(align);
        output.text(" is not a power of 2");
        pushBytes(L, output.pointer, output.length);
        raiseTop(L);
      }
      Format.align = align;
    } else {
      output.begin();
      output.text("invalid format option '");
      output.byte(option);
      output.text("'");
      output.byte(0);
      argumentError(L, 1, output.pointer);
    }
  }

  static isInteger(option: u32): bool {
    switch (option) {
      case 66:
      case 98:
      case 72:
      case 104:
      case 76:
      case 108:
      case 84:
      case 105:
      case 73:
        return true;
      default:
        return false;
    }
  }
}

/** As C on x86 cuts a double to 64 bits without sign. */
function unsignedOf(value: f64): u64 {
  if (!(value >= 9223372036854775808.0)) return <u64>integerOf(value);
  return (<u64>integerOf(value - 9223372036854775808.0)) ^ 0x8000000000000000;
}

/** Writes the low bytes of an integer, the lowest first unless the format says otherwise. */
function putInteger(value: u64, size: u32): void {
  const at = output.room(size);
  for (let i: u32 = 0; i < size; i++) {
    store<u8>(at + (Format.isBig ? size - 1 - i : i), <u32>value);
    value >>= 8;
  }
  output.advance(size);
}

function getInteger(at: usize, size: u32, isSigned: bool): f64 {
  let value: u64 = 0;
  for (let i: u32 = 0; i < size; i++)
    value = (value << 8) | load<u8>(at + (Format.isBig ? i : size - 1 - i));
  if (!isSigned) return <f64>value;
  const mask = u64.MAX_VALUE << (((<u64>size) << 3) - 1);
  return <f64>(<i64>(value & mask ? value | mask : value));
}

/** struct.pack(format, value …) → the bytes. */
function pack(L: State): i32 {
  Format.begin(L);
  output.begin();
  // A value that is missing is told as nil.
  pushNil(L);
  let arg = 2;
  let total: u32 = 0;
  while (Format.hasMore) {
    const option = Format.take();
    let size = Format.sizeOf(L, option);
    const gap = Format.gap(total, option, size);
    total += gap;
    for (let i: u32 = 0; i < gap; i++) output.byte(0);
    if (Format.isInteger(option)) {
      const value = checkNumber(L, arg++);
      putInteger(value < 0 ? <u64>integerOf(value) : unsignedOf(value), size);
    } else if (option == 120) {
      output.byte(0);
    } else if (option == 102) {
      putInteger(reinterpret<u32>(<f32>checkNumber(L, arg++)), 4);
    } else if (option == 100) {
      putInteger(reinterpret<u64>(checkNumber(L, arg++)), 8);
    } else if (option == 99 || option == 115) {
      const from = checkString(L, arg++, lengthCell);
      const length = load<u32>(lengthCell);
      if (!size) size = length;
      if (length < size) return argumentError(L, arg, cText("string too short"));
      output.bytes(from, size);
      if (option == 115) {
        output.byte(0);
        size++;
      }
    } else {
      Format.control(L, option);
    }
    total += size;
    if (Buffer.isFull) return raise(L, "not enough memory");
  }
  pushBytes(L, output.pointer, output.length);
  return 1;
}

/** struct.unpack(format, bytes, from = 1) → value …, the place behind them. */
function unpack(L: State): i32 {
  Format.begin(L);
  const bytes = checkString(L, 2, lengthCell);
  const length = load<u32>(lengthCell);
  const from = optInteger(L, 3, 1);
  if (from == 0) return argumentError(L, 3, cText("offset must be 1 or greater"));
  let position = <u64>(<i64>from) - 1;
  let count = 0;
  while (Format.hasMore) {
    const option = Format.take();
    let size = Format.sizeOf(L, option);
    position += Format.gap(<u32>position, option, size);
    if (size > length || position > length - size)
      return argumentError(L, 2, cText("data string too short"));
    if (!checkStack(L, 2)) return raise(L, "stack overflow (too many results)");
    const at = bytes + <usize>position;
    if (Format.isInteger(option)) {
      pushNumber(L, getInteger(at, size, option > 96));
      count++;
    } else if (option == 102) {
      pushNumber(L, <f64>reinterpret<f32>(<u32>rawInteger(at, 4)));
      count++;
    } else if (option == 100) {
      pushNumber(L, reinterpret<f64>(rawInteger(at, 8)));
      count++;
    } else if (option == 99) {
      if (!size) {
        if (!count || !isNumber(L, -1)) return raise(L, "format 'c0' needs a previous size");
        const wanted = unsignedOf(toNumber(L, -1));
        pop(L, 1);
        count--;
        if (wanted > length || position > length - wanted)
          return argumentError(L, 2, cText("data string too short"));
        size = <u32>wanted;
      }
      pushBytes(L, at, size);
      count++;
    } else if (option == 115) {
      const zero = Bytes.indexOf(at, bytes + length, 0);
      if (!zero) return raise(L, "unfinished string in data");
      size = <u32>(zero - at) + 1;
      pushBytes(L, at, size - 1);
      count++;
    } else if (option != 120) {
      Format.control(L, option);
    }
    position += size;
  }
  // Lua's integers in C have a sign.
  pushNumber(L, <f64>(<i64>(position + 1)));
  return count + 1;
}

function rawInteger(at: usize, size: u32): u64 {
  store<u64>(number, 0);
  for (let i: u32 = 0; i < size; i++)
    store<u8>(number + i, load<u8>(at + (Format.isBig ? size - 1 - i : i)));
  return load<u64>(number);
}

/** struct.size(format) → how many bytes it stands for. */
function sizeOfFormat(L: State): i32 {
  Format.begin(L);
  let position: u64 = 0;
  while (Format.hasMore) {
    const option = Format.take();
    const size = Format.sizeOf(L, option);
    position += Format.gap(<u32>position, option, size);
    if (option == 115) return argumentError(L, 1, cText("option 's' has no fixed size"));
    if (option == 99 && !size) return argumentError(L, 1, cText("option 'c0' has no fixed size"));
    const isLetter = (option | 32) - 97 < 26 || option - 48 < 10;
    if (!isLetter) Format.control(L, option);
    position += size;
  }
  pushNumber(L, <f64>(<i64>position));
  return 1;
}

/** Adds the functions to the table on top. */
export function addStruct(L: State): void {
  Functions.add(L, "pack", pack.index);
  Functions.add(L, "unpack", unpack.index);
  Functions.add(L, "size", sizeOfFormat.index);
}
