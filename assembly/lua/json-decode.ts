// cjson.decode: JSON text as a value. `null` becomes cjson.null, a null pointer.

import { Double } from "../algorithms/double";
import { Bytes } from "../memory/bytes";
import {
  argumentError,
  checkStack,
  checkString,
  createTable,
  getTop,
  pushBoolean,
  pushBytes,
  pushNumber,
  pushPointer,
  rawSet,
  rawSetIndex,
  State,
} from "./api";
import { Buffer, output } from "./buffer";
import { JsonSettings } from "./json-encode";
import { cText, raise, raiseTop } from "./values";
import { Work } from "./work";

const HARD_DEPTH: i32 = 4000;
const lengthCell: usize = memory.data(4, 4);

enum Token {
  OBJECT_BEGIN,
  OBJECT_END,
  ARRAY_BEGIN,
  ARRAY_END,
  STRING,
  NUMBER,
  BOOLEAN,
  NULL,
  COLON,
  COMMA,
  END,
  ERROR,
}

class JsonReader {
  static from: usize = 0;
  static at: usize = 0;
  static end: usize = 0;
  static depth: i32 = 0;
  // The token that was read last.
  private static token: Token = Token.END;
  private static index: u32 = 0;
  private static problem: string = "";
  private static number: f64 = 0;
  private static isTrue: bool = false;


  @inline private static peek(offset: u32): u32 {
    return JsonReader.at + offset < JsonReader.end ? load<u8>(JsonReader.at + offset) : 0;
  }

  private static wrong(problem: string): void {
    JsonReader.token = Token.ERROR;
    JsonReader.index = <u32>(JsonReader.at - JsonReader.from);
    JsonReader.problem = problem;
  }


  @inline private static single(token: Token): void {
    JsonReader.token = token;
    JsonReader.at++;
  }

  static advance(): void {
    let char = JsonReader.peek(0);
    while (char == 32 || char == 9 || char == 10 || char == 13) {
      JsonReader.at++;
      char = JsonReader.peek(0);
    }
    JsonReader.index = <u32>(JsonReader.at - JsonReader.from);
    switch (char) {
      case 0:
        JsonReader.token = Token.END;
        return;
      case 123:
        return JsonReader.single(Token.OBJECT_BEGIN);
      case 125:
        return JsonReader.single(Token.OBJECT_END);
      case 91:
        return JsonReader.single(Token.ARRAY_BEGIN);
      case 93:
        return JsonReader.single(Token.ARRAY_END);
      case 44:
        return JsonReader.single(Token.COMMA);
      case 58:
        return JsonReader.single(Token.COLON);
      case 34:
        return JsonReader.string();
      default:
        return JsonReader.word(char);
    }
  }

  private static word(char: u32): void {
    if (char == 45 || char - 48 < 10) {
      if (!JsonSettings.now.decodeInvalid && JsonReader.isInvalidNumber())
        return JsonReader.wrong("invalid number");
      return JsonReader.readNumber();
    }
    if (JsonReader.takes("true")) {
      JsonReader.token = Token.BOOLEAN;
      JsonReader.isTrue = true;
    } else if (JsonReader.takes("false")) {
      JsonReader.token = Token.BOOLEAN;
      JsonReader.isTrue = false;
    } else if (JsonReader.takes("null")) {
      JsonReader.token = Token.NULL;
    } else if (
      JsonSettings.now.decodeInvalid &&
      (char == 43 || (char | 32) == 105 || (char | 32) == 110) &&
      JsonReader.isInvalidNumber()
    ) {
      JsonReader.readNumber();
    } else {
      JsonReader.wrong("invalid token");
    }
  }

  private static takes(word: string): bool {
    const length = <u32>word.length;
    if (<u32>(JsonReader.end - JsonReader.at) < length) return false;
    for (let i: u32 = 0; i < length; i++)
      if (load<u8>(JsonReader.at + i) != word.charCodeAt(i)) return false;
    JsonReader.at += length;
    return true;
  }

  /** Whether C takes it for a number and JSON does not. */
  private static isInvalidNumber(): bool {
    let skip: u32 = 0;
    if (JsonReader.peek(0) == 43) return true;
    if (JsonReader.peek(0) == 45) skip = 1;
    const first = JsonReader.peek(skip);
    if (first == 48) {
      const second = JsonReader.peek(skip + 1);
      return (second | 32) == 120 || second - 48 < 10;
    }
    if (first - 49 < 9) return false;
    const at = JsonReader.at + skip;
    const left = <u32>(JsonReader.end - at);
    return Bytes.startsWith(at, left, "inf") || Bytes.startsWith(at, left, "nan");
  }

  private static readNumber(): void {
    const taken = Double.scan(JsonReader.at, <u32>(JsonReader.end - JsonReader.at));
    if (!taken) return JsonReader.wrong("invalid number");
    JsonReader.number = Double.value;
    JsonReader.token = Token.NUMBER;
    JsonReader.at += taken;
  }

  /** Reads a string into `output`. */
  private static string(): void {
    JsonReader.at++;
    output.begin();
    for (;;) {
      const from = JsonReader.at;
      let at = from;
      while (at < JsonReader.end) {
        const char = load<u8>(at);
        if (char == 34 || char == 92 || char == 0) break;
        at++;
      }
      if (at != from) output.bytes(from, <u32>(at - from));
      JsonReader.at = at;
      const char = JsonReader.peek(0);
      if (char == 34) break;
      if (!char || Buffer.isFull) return JsonReader.wrong("unexpected end of string");
      const escape = JsonReader.peek(1);
      if (escape == 117) {
        if (!JsonReader.unicode()) return JsonReader.wrong("invalid unicode escape code");
        continue;
      }
      const meant = JsonReader.unescape(escape);
      if (!meant) return JsonReader.wrong("invalid escape code");
      output.byte(meant);
      JsonReader.at += 2;
    }
    JsonReader.at++;
    JsonReader.token = Token.STRING;
  }


  @inline private static unescape(char: u32): u32 {
    switch (char) {
      case 34:
      case 47:
      case 92:
        return char;
      case 98:
        return 8;
      case 102:
        return 12;
      case 110:
        return 10;
      case 114:
        return 13;
      case 116:
        return 9;
      default:
        return 0;
    }
  }

  /** Four hexadecimal digits; -1 when they are none. */
  private static hex(offset: u32): i32 {
    let value: i32 = 0;
    for (let i: u32 = 0; i < 4; i++) {
      const char = JsonReader.peek(offset + i);
      const letter = (char | 32) - 97;
      if (char - 48 < 10) value = (value << 4) | (char - 48);
      else if (letter < 6) value = (value << 4) | (letter + 10);
      else return -1;
    }
    return value;
  }

  /** A character by its number, and by two of them where it needs a pair. */
  private static unicode(): bool {
    let code = JsonReader.hex(2);
    let length: u32 = 6;
    if (code < 0) return false;
    if ((code & 0xf800) == 0xd800) {
      if (code & 0x400) return false;
      if (JsonReader.peek(6) != 92 || JsonReader.peek(7) != 117) return false;
      const low = JsonReader.hex(8);
      if (low < 0 || (low & 0xfc00) != 0xdc00) return false;
      code = (((code & 0x3ff) << 10) | (low & 0x3ff)) + 0x10000;
      length = 12;
    }
    if (code < 0x80) {
      output.byte(code);
    } else if (code < 0x800) {
      output.byte(0xc0 | (code >> 6));
      output.byte(0x80 | (code & 63));
    } else if (code < 0x10000) {
      output.byte(0xe0 | (code >> 12));
      output.byte(0x80 | ((code >> 6) & 63));
      output.byte(0x80 | (code & 63));
    } else {
      output.byte(0xf0 | (code >> 18));
      output.byte(0x80 | ((code >> 12) & 63));
      output.byte(0x80 | ((code >> 6) & 63));
      output.byte(0x80 | (code & 63));
    }
    JsonReader.at += length;
    return true;
  }

  private static tokenName(): string {
    switch (JsonReader.token) {
      case Token.OBJECT_BEGIN:
        return "T_OBJ_BEGIN";
      case Token.OBJECT_END:
        return "T_OBJ_END";
      case Token.ARRAY_BEGIN:
        return "T_ARR_BEGIN";
      case Token.ARRAY_END:
        return "T_ARR_END";
      case Token.STRING:
        return "T_STRING";
      case Token.NUMBER:
        return "T_NUMBER";
      case Token.BOOLEAN:
        return "T_BOOLEAN";
      case Token.NULL:
        return "T_NULL";
      case Token.COLON:
        return "T_COLON";
      case Token.COMMA:
        return "T_COMMA";
      case Token.END:
        return "T_END";
      default:
        return JsonReader.problem;
    }
  }

  private static expected(L: State, what: string): void {
    output.begin();
    output.text("Expected ");
    output.text(what);
    output.text(" but found ");
    output.text(JsonReader.tokenName());
    output.text(" at character ");
    output.integer(JsonReader.index + 1);
    pushBytes(L, output.pointer, output.length);
    raiseTop(L);
  }

  private static descend(L: State): void {
    const depth = ++JsonReader.depth;
    if (depth <= JsonSettings.now.decodeDepth && depth <= HARD_DEPTH && checkStack(L, 6)) return;
    output.begin();
    output.text("Found too many nested data structures (");
    output.integer(depth);
    output.text(") at character ");
    output.integer(<u32>(JsonReader.at - JsonReader.from));
    pushBytes(L, output.pointer, output.length);
    raiseTop(L);
  }

  /** Pushes the value that begins with the last token. */
  static value(L: State): void {
    switch (JsonReader.token) {
      case Token.STRING:
        return pushBytes(L, output.pointer, output.length);
      case Token.NUMBER:
        return pushNumber(L, JsonReader.number);
      case Token.BOOLEAN:
        return pushBoolean(L, i32(JsonReader.isTrue));
      case Token.OBJECT_BEGIN:
        return JsonReader.object(L);
      case Token.ARRAY_BEGIN:
        return JsonReader.array(L);
      case Token.NULL:
        return pushPointer(L, 0);
      default:
        return JsonReader.expected(L, "value");
    }
  }

  private static object(L: State): void {
    JsonReader.descend(L);
    createTable(L, 0, 0);
    JsonReader.advance();
    if (JsonReader.token != Token.OBJECT_END) {
      for (;;) {
        if (JsonReader.token != Token.STRING) JsonReader.expected(L, "object key string");
        pushBytes(L, output.pointer, output.length);
        JsonReader.advance();
        if (JsonReader.token != Token.COLON) JsonReader.expected(L, "colon");
        JsonReader.advance();
        JsonReader.value(L);
        rawSet(L, -3);
        JsonReader.advance();
        if (JsonReader.token == Token.OBJECT_END) break;
        if (JsonReader.token != Token.COMMA) JsonReader.expected(L, "comma or object end");
        JsonReader.advance();
      }
    }
    JsonReader.depth--;
  }

  private static array(L: State): void {
    JsonReader.descend(L);
    createTable(L, 0, 0);
    JsonReader.advance();
    if (JsonReader.token != Token.ARRAY_END) {
      for (let i = 1; ; i++) {
        JsonReader.value(L);
        rawSetIndex(L, -2, i);
        JsonReader.advance();
        if (JsonReader.token == Token.ARRAY_END) break;
        if (JsonReader.token != Token.COMMA) JsonReader.expected(L, "comma or array end");
        JsonReader.advance();
      }
    }
    JsonReader.depth--;
  }

  static expectEnd(L: State): void {
    if (JsonReader.token != Token.END) JsonReader.expected(L, "the end");
  }
}

/** cjson.decode(text) → the value. */
export function decode(L: State): i32 {
  if (getTop(L) != 1) return argumentError(L, 1, cText("expected 1 argument"));
  const from = checkString(L, 1, lengthCell);
  const length = load<u32>(lengthCell);
  if (length >= 2 && (!load<u8>(from) || !load<u8>(from, 1)))
    return raise(L, "JSON parser does not support UTF-16 or UTF-32");
  Work.did(length);
  JsonSettings.enter(L);
  JsonReader.from = from;
  JsonReader.at = from;
  JsonReader.end = from + length;
  JsonReader.depth = 0;
  JsonReader.advance();
  JsonReader.value(L);
  JsonReader.advance();
  JsonReader.expectEnd(L);
  if (Buffer.isFull) return raise(L, "not enough memory");
  return 1;
}
