// Glob patterns, as KEYS, SCAN, PSUBSCRIBE, CONFIG GET and ACL rules take them.
//
//   *        any bytes, none included         [abc]    one of these bytes
//   ?        any one byte                     [^abc]   one byte that is none of these
//   \x       the byte x                       [a-z]    one byte in the range, in either order
//
// Every part of a pattern but `*` takes exactly one byte. So when the part after a star fails, it is
// enough to let the last star take one byte more: giving an earlier star more could only begin the
// same search later. That keeps a match within pattern × text steps, where the plain recursive
// method is exponential in the number of stars, and it needs no stack.
//
// What looks odd is what Redis does, and clients can see it: an empty text matches the empty
// pattern only, not `*`; a class that is not closed ends with the pattern; range ends compare as
// signed bytes; a byte escaped in a class keeps its case; and a match that has to get past a
// thousand stars fails.

const STAR: u32 = 0x2a;
const ANY: u32 = 0x3f;
const OPEN: u32 = 0x5b;
const CLOSE: u32 = 0x5d;
const ESCAPE: u32 = 0x5c;
const NOT: u32 = 0x5e;
const DASH: u32 = 0x2d;

/** The stars a match may get past. */
const MAX_STARS: u32 = 1000;

export class Glob {
  /** Whether the whole text matches; with `ignoreCase`, ASCII letters match in either case. */
  static matches(
    pattern: usize,
    patternLen: u32,
    text: usize,
    textLen: u32,
    ignoreCase: bool = false,
  ): bool {
    const patternEnd = pattern + patternLen;
    const textEnd = text + textLen;
    if (text == textEnd) return pattern == patternEnd;
    let stars: u32 = 0;
    /** The part after the last star, and where in the text it was last tried. */
    let retryPattern: usize = 0;
    let retryText: usize = 0;
    while (pattern < patternEnd) {
      const byte: u32 = load<u8>(pattern);
      if (byte == STAR) {
        pattern = Glob.skipStars(pattern, patternEnd);
        if (pattern == patternEnd) return true;
        if (++stars > MAX_STARS) return false;
        retryPattern = pattern;
        retryText = text;
        continue;
      }
      let matched: bool;
      if (byte == ANY) {
        matched = true;
        pattern++;
      } else if (byte == OPEN) {
        matched = Glob.classHas(pattern, patternEnd, load<u8>(text), ignoreCase);
        pattern = Glob.classEnd;
      } else {
        if (byte == ESCAPE && pattern + 1 < patternEnd) pattern++;
        matched = Glob.same(load<u8>(pattern), load<u8>(text), ignoreCase);
        pattern++;
      }
      if (matched) {
        if (++text < textEnd) {
          if (pattern < patternEnd) continue;
        } else {
          // Nothing is left for the rest of the pattern, nor would be from a later start.
          return Glob.skipStars(pattern, patternEnd) == patternEnd;
        }
      }
      if (!stars || ++retryText == textEnd) return false;
      pattern = retryPattern;
      text = retryText;
    }
    return false;
  }

  /** Where the class that `classHas` looked at ends. */
  private static classEnd: usize = 0;

  /** Whether the class that opens at `at` has the byte. */
  private static classHas(at: usize, end: usize, byte: u32, ignoreCase: bool): bool {
    at++;
    const negated = at < end && load<u8>(at) == NOT;
    if (negated) at++;
    let found = false;
    while (at < end) {
      const first: u32 = load<u8>(at);
      const left = end - at;
      if (first == ESCAPE && left >= 2) {
        found = found || load<u8>(at, 1) == byte;
        at += 2;
      } else if (first == CLOSE) {
        at++;
        break;
      } else if (left >= 3 && load<u8>(at, 1) == DASH) {
        found = found || Glob.inRange(load<i8>(at), load<i8>(at, 2), <i32>(<i8>byte), ignoreCase);
        at += 3;
      } else {
        found = found || Glob.same(first, byte, ignoreCase);
        at++;
      }
    }
    Glob.classEnd = at;
    return found != negated;
  }

  private static inRange(from: i32, to: i32, byte: i32, ignoreCase: bool): bool {
    let low = min(from, to);
    let high = max(from, to);
    if (ignoreCase) {
      low = Glob.lowerCase(low);
      high = Glob.lowerCase(high);
      byte = Glob.lowerCase(byte);
    }
    return byte >= low && byte <= high;
  }


  @inline private static skipStars(pattern: usize, end: usize): usize {
    while (pattern < end && load<u8>(pattern) == STAR) pattern++;
    return pattern;
  }


  @inline private static same(a: u32, b: u32, ignoreCase: bool): bool {
    return a == b || (ignoreCase && Glob.lowerCase(a) == Glob.lowerCase(b));
  }


  @inline private static lowerCase(byte: i32): i32 {
    return <u32>(byte - 65) < 26 ? byte + 32 : byte;
  }
}
