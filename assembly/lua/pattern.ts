// Lua's patterns: matching one at one place of a text. The rules are those of Lua 5.1, `%z` and zero bytes that
// end a pattern included. It is here so that a pattern that takes for ever can be ended as a script can.
//
//   item = single [ * + - ? ] | %1 … %9 | %bxy | %f[set] | ( … )        single = char | . | %class | [set]

import { Bytes } from "../memory/bytes";
import { pushBytes, pushNumber, State, checkStack } from "./api";
import { raise } from "./values";

const CAPTURES_MAX: i32 = 32;
const UNFINISHED: i32 = -1;
const POSITION: i32 = -2;
/** Items in items beyond this would need more of the stack than there may be. */
const DEPTH_MAX: u32 = 4000;
/** Steps between two looks at whether the script must end. */
const STEPS: u32 = 100000;
/** (address, length) × 32 */
const captures: usize = memory.data(8 * 32, 8);

const ESCAPE: u32 = 37;

export class Pattern {
  static L: State = 0;
  static from: usize = 0;
  static end: usize = 0;
  static level: i32 = 0;
  /** `(L)`: so many steps were made. */
  static stepHook: u32 = 0;
  private static depth: u32 = 0;
  private static steps: u32 = 0;

  /** The text to match from now on. */
  @inline static begin(L: State, from: usize, end: usize): void {
    Pattern.L = L;
    Pattern.from = from;
    Pattern.end = end;
  }

  /** Where the match of the pattern at `at` ends; 0 when there is none. */
  @inline static at(at: usize, pattern: usize): usize {
    Pattern.level = 0;
    Pattern.depth = 0;
    return Pattern.match(at, pattern);
  }

  private static count(steps: u32): void {
    Pattern.steps += steps;
    if (Pattern.steps < STEPS) return;
    Pattern.steps = 0;
    call_indirect<void>(Pattern.stepHook, Pattern.L);
  }


  @inline private static start(index: i32): usize {
    return load<u32>(captures + (index << 3));
  }


  @inline private static length(index: i32): i32 {
    return load<i32>(captures + (index << 3), 4);
  }


  @inline private static setLength(index: i32, length: i32): void {
    store<i32>(captures + (index << 3), length, 4);
  }

  // ── single characters ──────────────────────────────────────────────────────────────────────

  /** Where the single item at `p` ends. */
  private static singleEnd(p: usize): usize {
    const char: u32 = load<u8>(p++);
    if (char == ESCAPE) {
      if (!load<u8>(p)) raise(Pattern.L, "malformed pattern (ends with '%')");
      return p + 1;
    }
    if (char != 91) return p;
    if (load<u8>(p) == 94) p++;
    do {
      const inner: u32 = load<u8>(p);
      if (!inner) raise(Pattern.L, "malformed pattern (missing ']')");
      p++;
      if (inner == ESCAPE && load<u8>(p)) p++;
    } while (load<u8>(p) != 93);
    return p + 1;
  }

  private static isOfClass(char: u32, letter: u32): bool {
    let isIt: bool;
    switch (letter | 32) {
      case 97: // a
        isIt = isLetter(char);
        break;
      case 99: // c
        isIt = char < 32 || char == 127;
        break;
      case 100: // d
        isIt = isDigit(char);
        break;
      case 108: // l
        isIt = char - 97 < 26;
        break;
      case 112: // p
        isIt = char - 33 < 94 && !isLetter(char) && !isDigit(char);
        break;
      case 115: // s
        isIt = char == 32 || char - 9 < 5;
        break;
      case 117: // u
        isIt = char - 65 < 26;
        break;
      case 119: // w
        isIt = isLetter(char) || isDigit(char);
        break;
      case 120: // x
        isIt = isDigit(char) || (char | 32) - 97 < 6;
        break;
      case 122: // z
        isIt = char == 0;
        break;
      default:
        return letter == char;
    }
    if (!isLetter(letter)) return letter == char;
    return letter & 32 ? isIt : !isIt;
  }

  /** Whether a character is in the set at `p`, whose bracket closes at `close`. */
  private static isInSet(char: u32, p: usize, close: usize): bool {
    let isIn = true;
    if (load<u8>(p, 1) == 94) {
      isIn = false;
      p++;
    }
    while (++p < close) {
      const first: u32 = load<u8>(p);
      if (first == ESCAPE) {
        p++;
        if (Pattern.isOfClass(char, load<u8>(p))) return isIn;
      } else if (load<u8>(p, 1) == 45 && p + 2 < close) {
        p += 2;
        if (first <= char && char <= <u32>load<u8>(p)) return isIn;
      } else if (first == char) {
        return isIn;
      }
    }
    return !isIn;
  }


  @inline private static isSingle(char: u32, p: usize, end: usize): bool {
    const first: u32 = load<u8>(p);
    if (first == 46) return true;
    if (first == ESCAPE) return Pattern.isOfClass(char, load<u8>(p, 1));
    if (first == 91) return Pattern.isInSet(char, p, end - 1);
    return first == char;
  }

  // ── items ──────────────────────────────────────────────────────────────────────────────────

  private static match(s: usize, p: usize): usize {
    if (++Pattern.depth > DEPTH_MAX) raise(Pattern.L, "pattern too complex");
    Pattern.count(1);
    const result = Pattern.items(s, p);
    Pattern.depth--;
    return result;
  }

  private static items(s: usize, p: usize): usize {
    for (let char: u32 = load<u8>(p); char; char = load<u8>(p)) {
      const second: u32 = load<u8>(p, 1);
      if (char == 40) {
        return second == 41 ? Pattern.open(s, p + 2, POSITION) : Pattern.open(s, p + 1, UNFINISHED);
      }
      if (char == 41) return Pattern.close(s, p + 1);
      if (char == 36 && !second) return s == Pattern.end ? s : 0;
      if (char == ESCAPE) {
        if (second == 98) {
          s = Pattern.balance(s, p + 2);
          if (!s) return 0;
          p += 4;
          continue;
        }
        if (second == 102) {
          p += 2;
          if (load<u8>(p) != 91) raise(Pattern.L, "missing '[' after '%f' in pattern");
          const end = Pattern.singleEnd(p);
          const before: u32 = s == Pattern.from ? 0 : load<u8>(s - 1);
          if (Pattern.isInSet(before, p, end - 1) || !Pattern.isInSet(load<u8>(s), p, end - 1))
            return 0;
          p = end;
          continue;
        }
        if (isDigit(second)) {
          s = Pattern.again(s, second);
          if (!s) return 0;
          p += 2;
          continue;
        }
      }
      const end = Pattern.singleEnd(p);
      const isHere = s < Pattern.end && Pattern.isSingle(load<u8>(s), p, end);
      switch (<u32>load<u8>(end)) {
        case 63: {
          // ?
          const result = isHere ? Pattern.match(s + 1, end + 1) : 0;
          if (result) return result;
          p = end + 1;
          continue;
        }
        case 42: // *
          return Pattern.most(s, p, end);
        case 43: // +
          return isHere ? Pattern.most(s + 1, p, end) : 0;
        case 45: // -
          return Pattern.least(s, p, end);
        default:
          if (!isHere) return 0;
          s++;
          p = end;
      }
    }
    return s;
  }

  private static balance(s: usize, p: usize): usize {
    const open: u32 = load<u8>(p);
    const shut: u32 = open ? load<u8>(p, 1) : 0;
    if (!shut) raise(Pattern.L, "unbalanced pattern");
    if (<u32>load<u8>(s) != open) return 0;
    let count = 1;
    while (++s < Pattern.end) {
      const char: u32 = load<u8>(s);
      if (char == shut) {
        if (--count == 0) return s + 1;
      } else if (char == open) {
        count++;
      }
    }
    return 0;
  }

  private static most(s: usize, p: usize, end: usize): usize {
    let at = s;
    while (at < Pattern.end && Pattern.isSingle(load<u8>(at), p, end)) at++;
    Pattern.count((<u32>(at - s)) >> 2);
    for (; at >= s; at--) {
      const result = Pattern.match(at, end + 1);
      if (result) return result;
    }
    return 0;
  }

  private static least(s: usize, p: usize, end: usize): usize {
    for (;;) {
      const result = Pattern.match(s, end + 1);
      if (result) return result;
      if (s >= Pattern.end || !Pattern.isSingle(load<u8>(s), p, end)) break;
      s++;
    }
    return 0;
  }

  // ── captures ───────────────────────────────────────────────────────────────────────────────

  private static open(s: usize, p: usize, length: i32): usize {
    const level = Pattern.level;
    if (level >= CAPTURES_MAX) raise(Pattern.L, "too many captures");
    store<u32>(captures + (level << 3), <u32>s);
    Pattern.setLength(level, length);
    Pattern.level = level + 1;
    const result = Pattern.match(s, p);
    if (!result) Pattern.level--;
    return result;
  }

  private static close(s: usize, p: usize): usize {
    let index = Pattern.level - 1;
    while (index >= 0 && Pattern.length(index) != UNFINISHED) index--;
    if (index < 0) raise(Pattern.L, "invalid pattern capture");
    Pattern.setLength(index, <i32>(s - Pattern.start(index)));
    const result = Pattern.match(s, p);
    if (!result) Pattern.setLength(index, UNFINISHED);
    return result;
  }

  /** What an earlier capture has, once more. */
  private static again(s: usize, digit: u32): usize {
    const index = <i32>digit - 49;
    if (index < 0 || index >= Pattern.level || Pattern.length(index) == UNFINISHED)
      raise(Pattern.L, "invalid capture index");
    const length = Pattern.length(index);
    if (length < 0 || <u32>(Pattern.end - s) < <u32>length) return 0;
    return Bytes.equal(Pattern.start(index), s, length) ? s + length : 0;
  }

  /** Pushes a capture; the whole match, from `s` to `e`, where a pattern has none. */
  static pushCapture(index: i32, s: usize, e: usize): void {
    if (index >= Pattern.level) {
      if (index) raise(Pattern.L, "invalid capture index");
      return pushBytes(Pattern.L, s, e - s);
    }
    const length = Pattern.length(index);
    if (length == UNFINISHED) raise(Pattern.L, "unfinished capture");
    if (length == POSITION)
      return pushNumber(Pattern.L, <f64>(Pattern.start(index) - Pattern.from + 1));
    pushBytes(Pattern.L, Pattern.start(index), length);
  }

  /** Pushes all captures; how many. */
  static pushCaptures(s: usize, e: usize, hasWhole: bool): i32 {
    const count = Pattern.level == 0 && hasWhole ? 1 : Pattern.level;
    if (!checkStack(Pattern.L, count)) raise(Pattern.L, "stack overflow (too many captures)");
    for (let i = 0; i < count; i++) Pattern.pushCapture(i, s, e);
    return count;
  }
}


@inline function isLetter(char: u32): bool {
  return (char | 32) - 97 < 26;
}


@inline function isDigit(char: u32): bool {
  return char - 48 < 10;
}
