// What the engine knows of each command: one record of 64 bytes, a cache line, in static memory.
//
//   0        2        4        6     7     8                12               16
//   ├────────┼────────┼────────┼─────┼─────┼────────────────┼────────────────┤
//   │ number │ parent │ name @ │ len │specs│ arity          │ flags          │
//   ├────────┴────────┼────────┼─────┴─────┼────────┬───────┼────────┬───────┤
//   │ categories      │ first  │ last key  │ step   │ child │children│spec # │
//   ├────────┬────────┼────────┴───────────┼────────┴───────┴────────┴───────┤ 32
//   │ handler         │ rejected           │ calls                           │
//   ├─────────────────┴────────────────────┼────────────────┬────────────────┤ 48
//   │ microseconds                         │ failed         │ docs @         │
//   └──────────────────────────────────────┴────────────────┴────────────────┘
//
// Commands stand first in alphabetical order, then the subcommands, those of one parent side by
// side. The build makes the records from assembly/table; only the counters and the handler change.
//
// A name is found through an index of open addressing: 1024 slots for fewer than 400 names, hashed
// by one multiplication of the first 16 bytes, which are compared as two words. The build chose a
// factor under which hardly any name is not in its own slot.

import { INDEX_FACTOR, KEY_SPECS, NAMES, RECORDS, TOP_COUNT } from "../generated/commands";
import { Bytes } from "../memory/bytes";

export { ABSENT_NAMES, CATEGORY_NAMES, COMMAND_COUNT, TOP_COUNT } from "../generated/commands";

/** Bits of `CommandInfo.flags`; those from HOST on are Wadi's own. */
export class Flag {
  static readonly WRITE: u32 = 1 << 0;
  static readonly READONLY: u32 = 1 << 1;
  static readonly DENYOOM: u32 = 1 << 2;
  static readonly ADMIN: u32 = 1 << 3;
  static readonly PUBSUB: u32 = 1 << 4;
  static readonly NOSCRIPT: u32 = 1 << 5;
  static readonly BLOCKING: u32 = 1 << 6;
  static readonly LOADING: u32 = 1 << 7;
  static readonly STALE: u32 = 1 << 8;
  static readonly SKIP_MONITOR: u32 = 1 << 9;
  static readonly SKIP_SLOWLOG: u32 = 1 << 10;
  static readonly ASKING: u32 = 1 << 11;
  static readonly FAST: u32 = 1 << 12;
  static readonly NO_AUTH: u32 = 1 << 13;
  static readonly MAY_REPLICATE: u32 = 1 << 14;
  static readonly SENTINEL: u32 = 1 << 15;
  static readonly ONLY_SENTINEL: u32 = 1 << 16;
  static readonly NO_MANDATORY_KEYS: u32 = 1 << 17;
  static readonly PROTECTED: u32 = 1 << 18;
  static readonly NO_ASYNC_LOADING: u32 = 1 << 19;
  static readonly NO_MULTI: u32 = 1 << 20;
  static readonly MOVABLE_KEYS: u32 = 1 << 21;
  static readonly ALLOW_BUSY: u32 = 1 << 22;
  static readonly TOUCHES_ARBITRARY_KEYS: u32 = 1 << 23;
  /** The host answers it. */
  static readonly HOST: u32 = 1 << 24;
  /** It ends the look-ahead of batched execution. */
  static readonly BREAKS: u32 = 1 << 25;
  /** Constant small work: its duration is not measured by a clock call of its own. */
  static readonly CHEAP: u32 = 1 << 26;
  /** Only an internal session may call it; to others it does not exist. */
  static readonly INTERNAL: u32 = 1 << 27;
  /** rename-command took it away. */
  static readonly REMOVED: u32 = 1 << 28;
}

/** Bits of `KeySpec.flags`. */
export class KeyFlag {
  static readonly RO: u32 = 1 << 0;
  static readonly RW: u32 = 1 << 1;
  static readonly OW: u32 = 1 << 2;
  static readonly RM: u32 = 1 << 3;
  static readonly ACCESS: u32 = 1 << 4;
  static readonly UPDATE: u32 = 1 << 5;
  static readonly INSERT: u32 = 1 << 6;
  static readonly DELETE: u32 = 1 << 7;
  static readonly NOT_KEY: u32 = 1 << 8;
  static readonly INCOMPLETE: u32 = 1 << 9;
  static readonly VARIABLE_FLAGS: u32 = 1 << 10;
}

/** Where the search of a key spec begins. */
export class BeginSearch {
  static readonly UNKNOWN: u32 = 0;
  static readonly INDEX: u32 = 1;
  static readonly KEYWORD: u32 = 2;
}

/** How a key spec goes on from there. */
export class FindKeys {
  static readonly UNKNOWN: u32 = 0;
  static readonly RANGE: u32 = 1;
  static readonly KEYNUM: u32 = 2;
}

// How a command finds some of its keys.
//
//   0       4      5      6          8           10         12     14     16     18     20
//   ├───────┼──────┼──────┼──────────┼───────────┼──────────┼──────┼──────┼──────┼──────┤
//   │ flags │begin │ find │ position │ keyword @ │ length   │ last │limit │ step │notes │  a range
//   │       │      │      │          │           │          │count@│first │      │      │  a number
//   └───────┴──────┴──────┴──────────┴───────────┴──────────┴──────┴──────┴──────┴──────┘
@unmanaged export class KeySpec {
  flags: u32;
  begin: u8;
  find: u8;
  /** An index, or where the search for the keyword starts (negative: from the end, backwards). */
  position: i16;
  private keywordOffset: u16;
  keywordLength: u16;
  /** Range: the last key, relative to the first (negative: from the end). Else: where the count is. */
  last: i16;
  /** Range: the divisor of what is left. Else: the first key, relative to the beginning. */
  limit: i16;
  step: i16;
  /** Where the text of a remark stands in the documentation. */
  notes: u16;

  get keyword(): usize {
    return NAMES + this.keywordOffset;
  }
}

/** Lists of names that the build makes: each after a byte with its length, 255 at the end. */
export class Names {
  static readonly END: u32 = 255;


  @inline static lengthOf(name: usize): u32 {
    return load<u8>(name);
  }


  @inline static textOf(name: usize): usize {
    return name + 1;
  }

  /** The name at that place; there must be so many. */
  static at(list: usize, index: u32): usize {
    let name = list;
    for (let left = index; left; left--) name += 1 + Names.lengthOf(name);
    return name;
  }

  /** The place of a name in any letter case, or -1. */
  static find(list: usize, pointer: usize, length: u32): i32 {
    let name = list;
    for (let index = 0; Names.lengthOf(name) != Names.END; index++) {
      const size = Names.lengthOf(name);
      if (size == length && Bytes.equalFolded(Names.textOf(name), pointer, length)) return index;
      name += 1 + size;
    }
    return -1;
  }
}


@unmanaged export class CommandInfo {
  number: u16;
  /** Number of the command that this one is a subcommand of, or -1. */
  parent: i16;
  private nameOffset: u16;
  nameLength: u8;
  keySpecCount: u8;
  /** Number of arguments with the name itself; negative: at least so many. */
  arity: i32;
  flags: u32;
  categories: u32;
  /** The plain range of keys: 0 when there is none; `lastKey` may be negative, from the end. */
  firstKey: i16;
  lastKey: i16;
  keyStep: i16;
  firstChild: u16;
  childCount: u16;
  private keySpecIndex: u16;
  /** Index in the function table; 0 when only the subcommands can be called. */
  handler: u32;
  /** Calls refused before they ran. */
  rejected: u32;
  calls: u64;
  microseconds: u64;
  /** Calls that ran and replied an error. */
  failed: u32;
  docsOffset: u32;

  /** The name in lower case; a subcommand's without its parent's. */
  get name(): usize {
    return NAMES + this.nameOffset;
  }


  @inline has(flags: u32): bool {
    return (this.flags & flags) != 0;
  }

  resetStatistics(): void {
    this.rejected = 0;
    this.calls = 0;
    this.microseconds = 0;
    this.failed = 0;
  }

  keySpec(index: u32): KeySpec {
    return changetype<KeySpec>(KEY_SPECS + (this.keySpecIndex + index) * offsetof<KeySpec>());
  }
}

// A slot of the index; a length of 0 means that it is free.
//
//   0                 8                  16       20       24       28       32
//   ├─────────────────┼──────────────────┼────────┼────────┼────────┼────────┤
//   │ bytes 0–7       │ bytes 8–15       │ name   │ length │ number │        │
//   └─────────────────┴──────────────────┴────────┴────────┴────────┴────────┘
@unmanaged class Slot {
  low: u64;
  high: u64;
  name: usize;
  length: u32;
  number: u32;
  private unused: u32;
}

const INDEX_BITS: u32 = 10;
const SLOT_SHIFT: u32 = 5;
const SLOTS: usize = memory.data(32 << 10, 64);
const SLOTS_END: usize = SLOTS + (32 << 10);

/** At 16 - n stand n bytes of ones, then zeros. */
const PREFIX_MASK: usize = memory.data<u8>(
  [
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ],
  16,
);

class Index {
  /** The first 16 bytes in lower case, padded with zeros. Reads 16 bytes whatever the length is. */
  @inline static fold(ptr: usize, length: u32): v128 {
    const known = min<u32>(length, 16);
    const bytes = v128.and(v128.load(ptr), v128.load(PREFIX_MASK + 16 - known));
    const upper = v128.lt<u8>(v128.sub<i8>(bytes, v128.splat<i8>(0x41)), v128.splat<i8>(26));
    return v128.or(bytes, v128.and(upper, v128.splat<i8>(0x20)));
  }


  @inline static slot(low: u64, high: u64): Slot {
    const hash = ((low ^ rotl(high, 23)) * INDEX_FACTOR) >> (64 - INDEX_BITS);
    return changetype<Slot>(SLOTS + ((<usize>hash) << SLOT_SHIFT));
  }


  @inline static after(slot: Slot): Slot {
    const next = changetype<usize>(slot) + offsetof<Slot>();
    return changetype<Slot>(next == SLOTS_END ? SLOTS : next);
  }

  static add(name: usize, length: u32, number: u32): void {
    const folded = Index.fold(name, length);
    const low = v128.extract_lane<u64>(folded, 0);
    const high = v128.extract_lane<u64>(folded, 1);
    let slot = Index.slot(low, high);
    while (slot.length) slot = Index.after(slot);
    slot.low = low;
    slot.high = high;
    slot.name = name;
    slot.length = length;
    slot.number = number;
  }

  static build(): void {
    for (let number = 0; number < TOP_COUNT; number++) {
      const info = commandInfo(number);
      Index.add(info.name, info.nameLength, number);
    }
  }

  /** Empties a slot and moves what comes after it back, since a search ends at a free slot. */
  static remove(slot: Slot): void {
    let hole = slot;
    let next = Index.after(hole);
    while (next.length) {
      const home = Index.slot(next.low, next.high);
      if (Index.distance(home, next) >= Index.distance(hole, next)) {
        memory.copy(changetype<usize>(hole), changetype<usize>(next), offsetof<Slot>());
        hole = next;
      }
      next = Index.after(next);
    }
    memory.fill(changetype<usize>(hole), 0, offsetof<Slot>());
  }

  /** Bytes from one slot forward to another, around the end. */
  private static distance(from: Slot, to: Slot): usize {
    return (changetype<usize>(to) - changetype<usize>(from)) & (SLOTS_END - SLOTS - 1);
  }
}

Index.build();

/** A command or subcommand by its number. */
// @ts-ignore: decorator
@inline
export function commandInfo(number: i32): CommandInfo {
  return changetype<CommandInfo>(RECORDS + ((<usize>number) << 6));
}

/** The number of the command of that name in any letter case, or -1. `ptr` may be read 16 bytes on. */
export function findCommand(ptr: usize, length: u32): i32 {
  const folded = Index.fold(ptr, length);
  const low = v128.extract_lane<u64>(folded, 0);
  const high = v128.extract_lane<u64>(folded, 1);
  let slot = Index.slot(low, high);
  while (true) {
    if (slot.low == low && slot.high == high && slot.length == length) {
      if (length - 1 < 16) return slot.number;
      if (!length) return -1;
      if (Bytes.equalFolded(slot.name + 16, ptr + 16, length - 16)) return slot.number;
    } else if (!slot.length) {
      return -1;
    }
    slot = Index.after(slot);
  }
}

/** As `findCommand`, by the name that the command began with; commands of the host are left out. */
export function findOriginal(ptr: usize, length: u32): i32 {
  for (let number = 0; number < TOP_COUNT; number++) {
    const info = commandInfo(number);
    if (<u32>info.nameLength != length || info.has(Flag.INTERNAL)) continue;
    if (Bytes.equalFolded(info.name, ptr, length)) return number;
  }
  return -1;
}

/** The number of the subcommand of that name in any letter case, or -1. */
export function findSubcommand(parent: i32, ptr: usize, length: u32): i32 {
  const info = commandInfo(parent);
  const end: i32 = info.firstChild + info.childCount;
  for (let number: i32 = info.firstChild; number < end; number++) {
    const child = commandInfo(number);
    if (child.nameLength == length && Bytes.equalFolded(child.name, ptr, length)) return number;
  }
  return -1;
}

/**
 * Makes a command known by another name, or by none when the name is empty; its own record and its
 * subcommands keep their names. At start-up only: the name's bytes must stay where they are and be
 * readable 16 bytes on. False when another command has the name already.
 */
export function renameCommand(number: i32, ptr: usize, length: u32): bool {
  if (length && findCommand(ptr, length) >= 0) return false;
  for (let at = SLOTS; at < SLOTS_END; at += offsetof<Slot>()) {
    const slot = changetype<Slot>(at);
    if (!slot.length || slot.number != <u32>number) continue;
    Index.remove(slot);
    break;
  }
  if (length) Index.add(ptr, length, number);
  else commandInfo(number).flags |= Flag.REMOVED;
  return true;
}
