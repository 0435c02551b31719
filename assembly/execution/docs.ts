// The documentation of the commands: a stream of bytes that the build makes, read from front to
// back, over a pool of texts.
//
//   command    group u8 │ doc flags u8 │ summary │ since │ complexity │ deprecated since │ replaced by
//              │ tips u8, that many texts │ changes u8, that many (version, text) │ arguments
//   arguments  count u8, that many of:
//              type (4 bits), optional 16, multiple 32, multiple_token 64 │
//              has a token 1, display text 2, since 4, deprecated since 8, key spec 16 (its number × 32) │
//              name │ those of the texts that there are │ arguments, for a oneof or a block
//
// A text is the offset into the pool, seven bits a byte, low ones first; there stand its length in a
// byte and its bytes. Offset 0 is the empty text, which means that there is none.

import { DOCS, TEXTS } from "../generated/commands";
import { CommandInfo } from "./info";

/** Bits of the first byte of an argument. */
export class ArgumentFlag {
  static readonly TYPE: u32 = 15;
  static readonly OPTIONAL: u32 = 16;
  static readonly MULTIPLE: u32 = 32;
  static readonly MULTIPLE_TOKEN: u32 = 64;
}

/** Types of arguments, as the build numbers them. */
export class ArgumentType {
  static readonly PURE_TOKEN: u32 = 6;
  static readonly ONEOF: u32 = 7;
  static readonly BLOCK: u32 = 8;
}

/** Which texts an argument has: bits of its second byte. */
export class ArgumentHas {
  static readonly TOKEN: u32 = 1;
  static readonly DISPLAY: u32 = 2;
  static readonly SINCE: u32 = 4;
  static readonly DEPRECATED_SINCE: u32 = 8;
  static readonly KEY_SPEC: u32 = 16;
}

/** A text of the pool. */
@unmanaged
export class DocText {
  length: u8;


  @inline get bytes(): usize {
    return changetype<usize>(this) + 1;
  }


  @inline get exists(): bool {
    return this.length != 0;
  }


  @inline static at(offset: u32): DocText {
    return changetype<DocText>(TEXTS + offset);
  }
}

/** Reads the stream. */
export class Docs {
  static at: usize = 0;

  /** Goes to the beginning of a command's documentation. */
  @inline static open(info: CommandInfo): void {
    Docs.at = DOCS + info.docsOffset;
  }


  @inline static byte(): u32 {
    return load<u8>(Docs.at++);
  }

  static text(): DocText {
    let offset: u32 = 0;
    let shift: u32 = 0;
    let byte: u32;
    do {
      byte = Docs.byte();
      offset |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    return DocText.at(offset);
  }

  static skipTexts(count: u32): void {
    for (let i: u32 = 0; i < count; i++) Docs.text();
  }

  /** From the beginning of a command to the count of its tips. */
  static skipToTips(): void {
    Docs.at += 2;
    Docs.skipTexts(5);
  }

  /** From the beginning of a command to the count of its arguments. */
  static skipToArguments(): void {
    Docs.skipToTips();
    Docs.skipTexts(Docs.byte());
    Docs.skipTexts(Docs.byte() << 1);
  }
}
