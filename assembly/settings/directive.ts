// The directives of the configuration: one record of 64 bytes each, in static memory, in the order
// of assembly/table/config.json.
//
//   0        2     3      4        6        8     9      12               16
//   ├────────┼─────┼──────┼────────┼────────┼─────┼──────┼────────────────┤
//   │ name @ │ len │ kind │ flags  │ alias @│ len │      │ clamped        │
//   ├────────┴─────┴──────┴────────┴────────┼─────┴──────┴────────────────┤ 32
//   │ lowest (an enum: where its names are) │ highest (how many names)    │
//   ├───────────────────────────────────────┼─────────────────────────────┤ 48
//   │ initial                               │ value                       │
//   ├───────────────────────────────────────┼───────────┬─────────────────┤ 64
//   │ candidate                             │ stage     │                 │
//   └───────────────────────────────────────┴───────────┴─────────────────┘
//
// A value is a number, the number of an enum's name, or the address of a `Text`. `clamped` is the
// value cut off at 32 bits, for readers to whom more means the same. A percentage of memory is a
// negative number.
//
// Setting has two steps, so that CONFIG SET sets all of its directives or none: `propose` checks
// a value and keeps it as the candidate, then `adopt` makes it the value or `withdraw` drops it.

import { Integer } from "../algorithms/integer";
import {
  DIRECTIVE_COUNT,
  DIRECTIVE_NAMES,
  DIRECTIVES,
  INITIAL_TEXTS,
  Setting,
} from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Text } from "../memory/text";
import { Refusal } from "./refusal";
import { Special } from "./special";
import { Units } from "./units";

/** What `Directive.kind` says. */
export class Kind {
  static readonly BOOL: u32 = 0;
  static readonly ENUM: u32 = 1;
  static readonly INTEGER: u32 = 2;
  static readonly MEMORY: u32 = 3;
  static readonly PERCENT_OR_MEMORY: u32 = 4;
  static readonly OCTAL: u32 = 5;
  static readonly STRING: u32 = 6;
  static readonly SPECIAL: u32 = 7;
}

/** Bits of `Directive.flags`. */
export class DirectiveFlag {
  /** Only the configuration file sets it. */
  static readonly IMMUTABLE: u32 = 1 << 0;
  /** Kept out of logs. */
  static readonly SENSITIVE: u32 = 1 << 1;
  /** Its value is several words. */
  static readonly MULTI_ARG: u32 = 1 << 2;
  /** Cannot change while the dataset is loaded. */
  static readonly DENY_LOADING: u32 = 1 << 3;
  /** The host acts on it. */
  static readonly HOST: u32 = 1 << 4;
  /** Accepted, without a meaning here. */
  static readonly NO_EFFECT: u32 = 1 << 5;
  /** Set by clients only where `enable-protected-configs` says so. */
  static readonly PROTECTED: u32 = 1 << 6;
  /** Shown only when asked for by its name. */
  static readonly HIDDEN: u32 = 1 << 7;
  /** Names something that may change by itself, a file: setting it to what it is sets it anew. */
  static readonly VOLATILE: u32 = 1 << 8;
}

/** How far a running CONFIG SET has come with a directive. */
const enum Stage {
  NONE,
  PROPOSED,
  ADOPTED,
}

const HZ_MAX: i64 = 500;
/** What maxmemory may be a percentage of: all that an engine can address. */
const ADDRESSABLE: u64 = 1 << 32;


@unmanaged
export class Directive {
  private nameOffset: u16;
  private nameSize: u8;
  kind: u8;
  flags: u16;
  private aliasOffset: u16;
  private aliasSize: u8;
  private unused: u8;
  private unused2: u16;
  private clamped: u32;
  private lowest: i64;
  private highest: i64;
  private initial: i64;
  value: i64;
  private candidate: i64;
  private stage: u32;
  private unused3: u32;


  @inline static at(number: i32): Directive {
    return changetype<Directive>(DIRECTIVES + <usize>number * offsetof<Directive>());
  }

  /** Texts come from the build as offsets; once, when the module starts. */
  static boot(): void {
    for (let i = 0; i < DIRECTIVE_COUNT; i++) {
      const directive = Directive.at(i);
      if (!directive.isText) continue;
      directive.initial += INITIAL_TEXTS;
      directive.value = directive.initial;
      Special.adopted(i, directive.text);
    }
  }

  /** Whether `find` found the directive by the name of former versions. */
  static foundAlias: bool = false;

  /** The number of the directive of that name in any letter case, or -1. */
  static find(pointer: usize, length: u32): i32 {
    for (let i = 0; i < DIRECTIVE_COUNT; i++) {
      const directive = Directive.at(i);
      if (directive.nameSize == length && Bytes.equalFolded(directive.name, pointer, length)) {
        Directive.foundAlias = false;
        return i;
      }
      if (
        directive.aliasSize == length &&
        length &&
        Bytes.equalFolded(directive.alias, pointer, length)
      ) {
        Directive.foundAlias = true;
        return i;
      }
    }
    return -1;
  }


  @inline get name(): usize {
    return DIRECTIVE_NAMES + this.nameOffset;
  }


  @inline get nameLength(): u32 {
    return this.nameSize;
  }
  /** The name of former versions; its length is 0 when there is none. */
  @inline get alias(): usize {
    return DIRECTIVE_NAMES + this.aliasOffset;
  }


  @inline get aliasLength(): u32 {
    return this.aliasSize;
  }


  @inline get number(): i32 {
    return <i32>((changetype<usize>(this) - DIRECTIVES) / offsetof<Directive>());
  }


  @inline has(flags: u32): bool {
    return (this.flags & flags) != 0;
  }


  @inline get isText(): bool {
    return this.kind >= Kind.STRING;
  }


  @inline get text(): Text {
    return changetype<Text>(<usize>this.value);
  }


  @inline get initialText(): Text {
    return changetype<Text>(<usize>this.initial);
  }

  // ── setting ────────────────────────────────────────────────────────────────────────────────

  @inline get isProposed(): bool {
    return this.stage == Stage.PROPOSED;
  }


  @inline get isAdopted(): bool {
    return this.stage == Stage.ADOPTED;
  }

  /** Checks a value, given in words; the reason is in `Refusal` when it will not do. */
  propose(words: usize, count: u32): bool {
    const candidate = this.isText ? this.textOf(words, count) : this.numberOf(words, count);
    if (Refusal.isSet) return false;
    this.withdraw();
    this.candidate = candidate;
    this.stage = Stage.PROPOSED;
    return true;
  }

  /** Whether the candidate is another value than the one it has. */
  get isChange(): bool {
    if (!this.isText) return this.candidate != this.value;
    return !Directive.sameText(changetype<Text>(<usize>this.candidate), this.text);
  }

  /** Makes the candidate the value, and keeps what was the value as the candidate: again sets it back. */
  adopt(): void {
    const former = this.value;
    this.value = this.candidate;
    this.candidate = former;
    this.stage = this.isAdopted ? Stage.PROPOSED : Stage.ADOPTED;
    if (this.isText) this.clamped = Special.adopted(this.number, this.text);
    else this.clamped = <u64>this.value > u32.MAX_VALUE ? u32.MAX_VALUE : <u32>this.value;
  }

  /** Drops the candidate. */
  withdraw(): void {
    const text = changetype<Text>(<usize>this.candidate);
    if (this.stage != Stage.NONE && this.isText && text != this.initialText) text.dispose();
    this.stage = Stage.NONE;
  }


  @inline private static sameText(a: Text, b: Text): bool {
    return a.length == b.length && Bytes.equal(a.bytes, b.bytes, a.length);
  }

  private textOf(words: usize, count: u32): i64 {
    if (this.kind == Kind.SPECIAL)
      return <i64>changetype<usize>(Special.canonical(this.number, words, count));
    const word = changetype<Slice>(words);
    if (!Special.accepts(this.number, word)) return 0;
    return <i64>changetype<usize>(Text.of(word.ptr, word.len));
  }

  private numberOf(words: usize, count: u32): i64 {
    const word = changetype<Slice>(words);
    const kind: u32 = this.kind;
    if (kind == Kind.ENUM) return this.namedValue(words, count);
    if (kind == Kind.BOOL) {
      const yes = Bytes.is(word.ptr, word.len, "yes");
      if (!yes && !Bytes.is(word.ptr, word.len, "no"))
        Refusal.set("argument must be 'yes' or 'no'");
      return yes ? 1 : 0;
    }
    let value: i64 = 0;
    const isPercent = kind == Kind.PERCENT_OR_MEMORY;
    if ((kind == Kind.MEMORY || isPercent) && Units.memory(word.ptr, word.len)) {
      value = <i64>Units.value;
    } else if (isPercent && Units.percent(word.ptr, word.len)) {
      value = -(<i64>Units.value);
    } else if (this.number == Setting.maxmemory && Units.percent(word.ptr, word.len)) {
      value = <i64>(min<u64>(Units.value, 100) * ADDRESSABLE) / 100;
    } else if (kind == Kind.OCTAL && Units.octal(word.ptr, word.len)) {
      value = <i64>Units.value;
    } else if (kind == Kind.INTEGER && Integer.parse(word.ptr, word.len)) {
      value = Integer.value;
    } else {
      if (kind == Kind.INTEGER) Refusal.set("argument couldn't be parsed into an integer");
      else if (kind == Kind.OCTAL) Refusal.set("argument couldn't be parsed as an octal number");
      else if (isPercent) Refusal.set("argument must be a memory or percent value");
      else Refusal.set("argument must be a memory value");
      return 0;
    }
    if (!this.isInRange(value)) this.refuseRange(value);
    return this.number == Setting.hz ? max<i64>(1, min<i64>(value, HZ_MAX)) : value;
  }

  private isInRange(value: i64): bool {
    // A highest value of 2^64 - 1 means that the numbers are unsigned.
    if (this.highest == -1) return <u64>value >= <u64>this.lowest;
    return value >= this.lowest && value <= this.highest;
  }

  private refuseRange(value: i64): void {
    if (this.kind == Kind.PERCENT_OR_MEMORY && value < 0) {
      Refusal.set("percentage argument must be less or equal to ");
      Refusal.number(-this.lowest);
      return;
    }
    Refusal.set("argument must be between ");
    if (this.kind == Kind.OCTAL) Refusal.octal(this.lowest);
    else Refusal.number(this.lowest);
    Refusal.add(" and ");
    if (this.kind == Kind.OCTAL) Refusal.octal(this.highest);
    else Refusal.number(this.highest);
    Refusal.add(" inclusive");
  }

  // ── enums ──────────────────────────────────────────────────────────────────────────────────
  //
  // Their names stand one after the other, each after a byte with its length. Where several may
  // be given (multi-arg), the first one is 0 and the others are bits.

  private namedValue(words: usize, count: u32): i64 {
    const isSet = this.has(DirectiveFlag.MULTI_ARG);
    let value: i64 = 0;
    if (!count) this.refuseName();
    for (let i: u32 = 0; i < count && !Refusal.isSet; i++) {
      const word = changetype<Slice>(words + (i << 3));
      let name = DIRECTIVE_NAMES + <usize>this.lowest;
      let index: u32 = 0;
      const names = <u32>this.highest;
      for (; index < names; index++) {
        const length: u32 = load<u8>(name);
        if (length == word.len && Bytes.equalFolded(name + 1, word.ptr, length)) break;
        name += 1 + length;
      }
      if (index == names) this.refuseName();
      else if (isSet) value |= ((<i64>1) << index) >> 1;
      else value = index;
    }
    if (isSet) Special.checkShutdown(value);
    return value;
  }

  private refuseName(): void {
    Refusal.set("argument(s) must be one of the following: ");
    let name = DIRECTIVE_NAMES + <usize>this.lowest;
    for (let i: i64 = 0; i < this.highest; i++) {
      if (i) Refusal.add(", ");
      Refusal.bytes(name + 1, load<u8>(name));
      name += 1 + <u32>load<u8>(name);
    }
  }

  private writeNames(target: usize, value: i64): u32 {
    const isSet = this.has(DirectiveFlag.MULTI_ARG);
    let at = target;
    let name = DIRECTIVE_NAMES + <usize>this.lowest;
    for (let i: i64 = 0; i < this.highest; i++) {
      const length: u32 = load<u8>(name);
      const bit = ((<i64>1) << i) >> 1;
      if (isSet ? value == bit || (value & bit) != 0 : value == i) {
        if (at != target) store<u8>(at++, 32);
        memory.copy(at, name + 1, length);
        at += length;
      }
      name += 1 + length;
    }
    return <u32>(at - target);
  }

  // ── showing ────────────────────────────────────────────────────────────────────────────────

  /** Bytes that `write` may need at most, for a value that is no text. */
  static readonly WIDEST: u32 = 256;

  /** Writes the value as CONFIG GET shows it, where it is no text; returns its length. */
  @inline write(target: usize): u32 {
    return this.writeNumber(target, this.value);
  }

  private writeNumber(target: usize, value: i64): u32 {
    const kind: u32 = this.kind;
    if (kind == Kind.BOOL) return Bytes.put(target, value ? "yes" : "no");
    if (kind == Kind.ENUM) return this.writeNames(target, value);
    if (kind == Kind.OCTAL) return Units.writeOctal(target, value);
    if (kind == Kind.PERCENT_OR_MEMORY && value < 0) {
      const length = Integer.format(-value, target);
      store<u8>(target + length, 37);
      return length + 1;
    }
    if (this.highest == -1) return Integer.formatUnsigned(value, target);
    return Integer.format(value, target);
  }

  /** Writes the value, or the one it began with, as a configuration file has it. */
  writeLine(target: usize, initial: bool): u32 {
    const value = initial ? this.initial : this.value;
    const isMemory = this.kind == Kind.MEMORY || this.kind == Kind.PERCENT_OR_MEMORY;
    if (isMemory && value >= 0) return Units.writeMemory(target, value);
    return this.writeNumber(target, value);
  }
}

Directive.boot();
