// The first line of a script or a library: its engine, and what it declares.
//
//   #!lua name=library                   of a library
//   #!lua flags=no-writes,allow-stale    of a script, which may go without the line

import { Bytes } from "../memory/bytes";
import { Text } from "../memory/text";
import { Errors } from "../execution/command";
import { Splitter } from "../access/splitter";

/** What a script declares. */
export class ScriptFlag {
  static readonly NO_WRITES: u32 = 1;
  static readonly ALLOW_OOM: u32 = 2;
  static readonly ALLOW_STALE: u32 = 4;
  static readonly NO_CLUSTER: u32 = 8;
  static readonly ALLOW_CROSS_SLOT_KEYS: u32 = 16;
  /** It has no such line: what it does is checked command by command. */
  static readonly UNDECLARED: u32 = 32;
  /** A flag of Upstash's, which @upstash/ratelimit sets; it changes nothing here. */
  static readonly ALLOW_KEY_LOCKING: u32 = 64;
}

const FLAGS: u32 = 5;

/** Bit `1 << index` as a word. */
export function scriptFlagName(index: u32): string {
  switch (index) {
    case 0:
      return "no-writes";
    case 1:
      return "allow-oom";
    case 2:
      return "allow-stale";
    case 3:
      return "no-cluster";
    default:
      return "allow-cross-slot-keys";
  }
}

function flagOf(word: usize, length: u32): u32 {
  for (let i: u32 = 0; i < FLAGS; i++)
    if (isExactly(word, length, scriptFlagName(i))) return 1 << i;
  return isExactly(word, length, "allow-key-locking") ? ScriptFlag.ALLOW_KEY_LOCKING : 0;
}

/** Whether the bytes are this text, letter case included. */
function isExactly(word: usize, length: u32, text: string): bool {
  if (length != <u32>text.length) return false;
  for (let i: u32 = 0; i < length; i++)
    if (<i32>load<u8>(word + i) != text.charCodeAt(i)) return false;
  return true;
}

function startsExactly(word: usize, length: u32, text: string): bool {
  return length >= <u32>text.length && isExactly(word, text.length, text);
}

export class Shebang {
  /** Bytes of the line, without its end. */
  static length: u32 = 0;
  static flags: u32 = 0;
  /** The name of a library, for whom it was read. */
  static name: Text = Text.EMPTY;
  private static hasName: bool = false;

  /** Reads the line of a script; false with the reason in `Errors`. */
  static readScript(body: usize, length: u32): bool {
    Shebang.length = 0;
    Shebang.flags = ScriptFlag.UNDECLARED;
    if (length < 2 || load<u16>(body) != 0x2123) return true;
    Errors.begin();
    const end = Bytes.indexOf(body, body + length, 10);
    if (!end) {
      Errors.text("ERR Invalid script shebang");
      return false;
    }
    Shebang.length = <u32>(end - body);
    Shebang.flags = 0;
    Splitter.begin(body, Shebang.length);
    const isRight = Shebang.readWords();
    Splitter.finish();
    return isRight;
  }

  private static readWords(): bool {
    if (!Splitter.next()) {
      Errors.text("ERR Invalid engine in script shebang");
      return false;
    }
    if (!isExactly(Splitter.word, Splitter.length, "#!lua")) {
      Errors.text("ERR Unexpected engine in script shebang: ");
      Errors.bytes(Splitter.word, Splitter.length);
      return false;
    }
    while (Splitter.next()) {
      if (!startsExactly(Splitter.word, Splitter.length, "flags=")) {
        Errors.text("ERR Unknown lua shebang option: ");
        Errors.bytes(Splitter.word, Splitter.length);
        return false;
      }
      if (!Shebang.readFlags(Splitter.word + 6, Splitter.word + Splitter.length)) return false;
    }
    if (!Splitter.isUnbalanced) return true;
    Errors.begin();
    Errors.text("ERR Invalid engine in script shebang");
    return false;
  }

  private static readFlags(from: usize, end: usize): bool {
    let at = from;
    while (from < end && at <= end) {
      const comma = Bytes.indexOf(at, end, 44);
      const stop = comma ? comma : end;
      const flag = flagOf(at, <u32>(stop - at));
      if (!flag) {
        Errors.text("ERR Unexpected flag in script shebang: ");
        Errors.bytes(at, <u32>(stop - at));
        return false;
      }
      Shebang.flags |= flag;
      at = stop + 1;
    }
    return true;
  }

  /** Reads the line of a library; false with the reason in `Errors`. `name` is then the caller's. */
  static readLibrary(code: usize, length: u32): bool {
    Errors.begin();
    if (length < 2 || load<u16>(code) != 0x2123) {
      Errors.text("ERR Missing library metadata");
      return false;
    }
    const end = Bytes.indexOf(code, code + length, 10);
    if (!end) {
      Errors.text("ERR Invalid library metadata");
      return false;
    }
    Shebang.length = <u32>(end - code);
    Shebang.name = Text.EMPTY;
    Shebang.hasName = false;
    Splitter.begin(code, Shebang.length);
    const isRight = Shebang.readMetadata();
    Splitter.finish();
    if (!isRight) Shebang.name.dispose();
    return isRight;
  }

  private static readMetadata(): bool {
    let isRight = Splitter.next();
    const engine = Splitter.word;
    const engineLength = Splitter.length;
    const isLua = isRight && Bytes.is(engine, engineLength, "#!lua");
    if (isRight && !isLua) {
      Errors.text("ERR Engine '");
      Errors.bytes(engine + 2, engineLength - 2);
      Errors.text("' not found");
    }
    const told = Errors.length;
    while (isRight && Splitter.next()) isRight = Shebang.readPart();
    if (Splitter.isUnbalanced || (!isRight && Errors.length == told)) {
      Errors.begin();
      Errors.text("ERR Invalid library metadata");
      return false;
    }
    if (!isRight) return false;
    if (!Shebang.hasName) {
      Errors.begin();
      Errors.text("ERR Library name was not given");
      return false;
    }
    if (!Shebang.isName(Shebang.name.bytes, Shebang.name.length)) {
      Errors.begin();
      Errors.text(
        "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long",
      );
      return false;
    }
    return isLua;
  }

  private static readPart(): bool {
    const word = Splitter.word;
    const length = Splitter.length;
    if (!Bytes.startsWith(word, length, "name=")) {
      Errors.begin();
      Errors.text("ERR Invalid metadata value given: ");
      Errors.bytes(word, length);
      return false;
    }
    if (Shebang.hasName) {
      Errors.begin();
      Errors.text("ERR Invalid metadata value, name argument was given multiple times");
      return false;
    }
    Shebang.hasName = true;
    Shebang.name = Text.of(word + 5, length - 5);
    return true;
  }

  /** Whether a library or a function may have this name. */
  static isName(name: usize, length: u32): bool {
    for (let i: u32 = 0; i < length; i++) {
      const char: u32 = load<u8>(name + i);
      if ((char | 32) - 97 >= 26 && char - 48 >= 10 && char != 95) return false;
    }
    return length != 0;
  }
}
