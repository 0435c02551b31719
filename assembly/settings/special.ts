// Directives whose values have a form of their own. Each is checked and brought into the one form
// that CONFIG GET shows, as a `Text`; what the engine reads of it is then taken from that text.

import { Double } from "../algorithms/double";
import { Integer } from "../algorithms/integer";
import { Setting } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Text } from "../memory/text";
import { EventClasses } from "./event-classes";
import { OutputLimits } from "./output-limits";
import { Refusal } from "./refusal";
import { Units } from "./units";

const BIND_MAX: u32 = 16;
const HOST_NAME_MAX: u32 = 255;
const TEMPLATE_INVALID: string = "template format is invalid or contains unknown variables";

/** Where a canonical text is put together: each of 512 words and a blank after it. */
const draft: usize = memory.data(512 * 24, 8);

export class Special {
  /** The value in its one form; the reason is in `Refusal` when it will not do. */
  static canonical(number: i32, words: usize, count: u32): Text {
    Special.at = draft;
    if (number == Setting.save) Special.save(words, count);
    else if (number == Setting.bind) return Special.bind(words, count);
    else if (number == Setting.replicaof) return Special.replicaOf(words, count);
    else if (number == Setting.dir) return Special.folder(words, count);
    else if (number == Setting.oomScoreAdjValues) Special.adjustments(words, count);
    else if (number == Setting.notifyKeyspaceEvents) Special.eventClasses(words, count);
    else if (number == Setting.clientOutputBufferLimit) Special.outputLimits(words, count);
    else Special.percentiles(words, count);
    if (Refusal.isSet) return Text.EMPTY;
    return Text.of(draft, <u32>(Special.at - draft));
  }

  /** A text became the value; returns it as bits where it is one. */
  static adopted(number: i32, text: Text): u32 {
    if (number == Setting.notifyKeyspaceEvents) return EventClasses.parse(text.bytes, text.length);
    if (number == Setting.clientOutputBufferLimit) OutputLimits.read(text);
    return 0;
  }

  /** Whether a plain text will do as the value. */
  static accepts(number: i32, word: Slice): bool {
    if (number == Setting.dbfilename)
      Special.refusePath(word, "dbfilename can't be a path, just a filename");
    else if (number == Setting.appendfilename)
      Special.refusePath(word, "appendfilename can't be a path, just a filename");
    else if (number == Setting.appenddirname)
      Special.refusePath(word, "appenddirname can't be a path, just a dirname");
    else if (number == Setting.clusterAnnounceHostname) Special.checkHostName(word);
    else if (number == Setting.procTitleTemplate) Special.checkTemplate(word);
    return !Refusal.isSet;
  }

  /** The ways of shutting down that exclude each other: save is bit 0, nosave bit 1. */
  static checkShutdown(value: i64): void {
    if ((value & 3) == 3)
      Refusal.set("shutdown options SAVE and NOSAVE can't be used simultaneously");
  }

  private static refusePath(word: Slice, reason: string): void {
    if (Bytes.indexOf(word.ptr, word.end, 47)) Refusal.set(reason);
  }

  private static checkHostName(word: Slice): void {
    if (word.len > HOST_NAME_MAX) return Refusal.set("Hostnames must be less than 256 characters");
    for (let at = <usize>word.ptr; at < word.end; at++) {
      const byte: u32 = load<u8>(at);
      const isAlphanumeric = byte - 48 < 10 || (byte | 32) - 97 < 26;
      if (isAlphanumeric || byte == 45 || byte == 46) continue;
      return Refusal.set("Hostnames may only contain alphanumeric characters, hyphens or dots");
    }
  }

  /** Names in braces must be known; two opening braces stand for one. */
  private static checkTemplate(word: Slice): void {
    if (!word.len) return Refusal.set(TEMPLATE_INVALID);
    const end = word.end;
    for (let at = <usize>word.ptr; at < end; at++) {
      if (load<u8>(at) != 123) continue;
      if (at + 1 < end && load<u8>(at + 1) == 123) {
        at++;
        continue;
      }
      const close = Bytes.indexOf(at, end, 125);
      if (!close || !Special.isTitleName(at + 1, <u32>(close - at - 1))) {
        return Refusal.set(TEMPLATE_INVALID);
      }
      at = close;
    }
  }

  private static isTitleName(pointer: usize, length: u32): bool {
    // The letters' case counts.
    for (let i: u32 = 0; i < length; i++) if (load<u8>(pointer + i) - 65 < 26) return false;
    return (
      Bytes.is(pointer, length, "title") ||
      Bytes.is(pointer, length, "listen-addr") ||
      Bytes.is(pointer, length, "server-mode") ||
      Bytes.is(pointer, length, "port") ||
      Bytes.is(pointer, length, "tls-port") ||
      Bytes.is(pointer, length, "unixsocket") ||
      Bytes.is(pointer, length, "config-file")
    );
  }

  // ── one function a directive ───────────────────────────────────────────────────────────────

  /** `seconds changes` pairs; a single empty word, or none, means never. */
  private static save(words: usize, count: u32): void {
    if (Special.isEmpty(words, count)) return;
    if (count & 1) return Refusal.set("Invalid save parameters");
    for (let i: u32 = 0; i < count; i++) {
      const word = Special.word(words, i);
      if (!Units.long(word.ptr, word.len) || Units.signed < (i & 1 ? 0 : 1)) {
        return Refusal.set("Invalid save parameters");
      }
      Special.putNumber(i, Units.signed);
    }
  }

  private static bind(words: usize, count: u32): Text {
    if (count > BIND_MAX) {
      Refusal.set("Too many bind addresses specified.");
      return Text.EMPTY;
    }
    return Special.isEmpty(words, count) ? Text.EMPTY : Special.joined(words, count);
  }

  /** `host port`, or `no one`. */
  private static replicaOf(words: usize, count: u32): Text {
    if (count != 2) {
      Refusal.set("wrong number of arguments");
      return Text.EMPTY;
    }
    const host = Special.word(words, 0);
    const port = Special.word(words, 1);
    if (Bytes.is(host.ptr, host.len, "no") && Bytes.is(port.ptr, port.len, "one"))
      return Text.EMPTY;
    if (!Units.long(port.ptr, port.len) || <u64>Units.signed > 65535) {
      Refusal.set("Invalid master port");
      return Text.EMPTY;
    }
    return Special.joined(words, count);
  }

  private static folder(words: usize, count: u32): Text {
    if (count != 1) {
      Refusal.set("wrong number of arguments");
      return Text.EMPTY;
    }
    return Special.joined(words, count);
  }

  private static adjustments(words: usize, count: u32): void {
    if (count != 3) return Refusal.set("wrong number of arguments");
    for (let i: u32 = 0; i < count; i++) {
      const word = Special.word(words, i);
      if (!Units.long(word.ptr, word.len) || Units.signed < -2000 || Units.signed > 2000) {
        return Refusal.set(
          "Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
        );
      }
      Special.putNumber(i, Units.signed);
    }
  }

  private static eventClasses(words: usize, count: u32): void {
    if (count != 1) return Refusal.set("wrong number of arguments");
    const word = Special.word(words, 0);
    const classes = EventClasses.parse(word.ptr, word.len);
    if (classes == EventClasses.INVALID) {
      return Refusal.set("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    }
    Special.at += EventClasses.write(draft, classes);
  }

  /** `class hard soft seconds` for some classes; the others keep what they have. */
  private static outputLimits(words: usize, count: u32): void {
    if (count & 3) return Refusal.set("Wrong number of arguments in buffer limit configuration.");
    OutputLimits.beginChange();
    for (let i: u32 = 0; i < count; i += 4) {
      const name = Special.word(words, i);
      const kind = OutputLimits.classOf(name.ptr, name.len);
      if (kind < 0) {
        return Refusal.set("Invalid client class specified in buffer limit configuration.");
      }
      const hard = Special.word(words, i + 1);
      const soft = Special.word(words, i + 2);
      const seconds = Special.word(words, i + 3);
      let isRight = Units.memory(hard.ptr, hard.len);
      const hardBytes = Units.value;
      isRight = isRight && Units.memory(soft.ptr, soft.len);
      const softBytes = Units.value;
      if (!isRight || !Units.long(seconds.ptr, seconds.len) || Units.signed < 0) {
        return Refusal.set(
          "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
        );
      }
      OutputLimits.change(kind, hardBytes, softBytes, Units.signed);
    }
    Special.at += OutputLimits.writeChanged(draft);
  }

  private static percentiles(words: usize, count: u32): void {
    if (Special.isEmpty(words, count)) return;
    for (let i: u32 = 0; i < count; i++) {
      const word = Special.word(words, i);
      if (!Double.parse(word.ptr, word.len)) {
        return Refusal.set("Invalid latency-tracking-info-percentiles parameters");
      }
      const value = Double.value;
      if (value > 100.0 || value < 0.0) {
        return Refusal.set(
          "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
        );
      }
      Special.putMillionths(i, <i64>nearest(value * 1000000.0));
    }
  }

  // ── putting texts together ─────────────────────────────────────────────────────────────────

  private static at: usize = 0;


  @inline private static word(words: usize, index: u32): Slice {
    return changetype<Slice>(words + (index << 3));
  }


  @inline private static isEmpty(words: usize, count: u32): bool {
    return !count || (count == 1 && !Special.word(words, 0).len);
  }

  private static putNumber(index: u32, value: i64): void {
    if (index) store<u8>(Special.at++, 32);
    Special.at += Integer.format(value, Special.at);
  }

  /** A number of millionths, as a decimal without zeros at its end. */
  private static putMillionths(index: u32, value: i64): void {
    Special.putNumber(index, value / 1000000);
    let rest = value % 1000000;
    if (!rest) return;
    store<u8>(Special.at++, 46);
    for (let unit: i64 = 100000; rest; unit /= 10) {
      store<u8>(Special.at++, 48 + <u32>(rest / unit));
      rest %= unit;
    }
  }

  /** The words with a blank between them. */
  private static joined(words: usize, count: u32): Text {
    let length = count - 1;
    for (let i: u32 = 0; i < count; i++) length += Special.word(words, i).len;
    const text = Text.ofLength(length);
    let at = text.bytes;
    for (let i: u32 = 0; i < count; i++) {
      const word = Special.word(words, i);
      if (i) store<u8>(at++, 32);
      memory.copy(at, word.ptr, word.len);
      at += word.len;
    }
    return text;
  }
}
