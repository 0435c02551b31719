// Which arguments of a command are keys, and what happens to each.
//
// The key specs of a command give ranges of arguments. Where they cannot tell (an option is missing
// or may stand anywhere, or what happens to the key depends on the options), a function of the
// command's own does. `Keys.find` leaves the ranges in place for the caller to walk over:
//
//   for (let i: u32 = 0; i < Keys.find(info, argv, argc); i++) {
//     const range = Keys.range(i);
//     for (let at = range.first; at <= range.last; at += range.step) …
//   }

import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { BeginSearch, CommandInfo, FindKeys, KeyFlag, KeySpec } from "./info";

const RANGES_MAX: u32 = 8;
const ranges: usize = memory.data(8 * 16, 8);

/** Arguments from `first` to `last`, each `step`-th one. */
@unmanaged
export class KeyRange {
  first: i32;
  last: i32;
  step: i32;
  /** What happens to the keys: bits of `KeyFlag`. */
  flags: u32;
}

/** What `Keys.resolve` answers for a spec that does not fit the arguments. */
enum Spec {
  FITS,
  UNFIT,
}

export class Keys {
  private static count: u32 = 0;


  @inline static range(index: u32): KeyRange {
    return changetype<KeyRange>(ranges + index * offsetof<KeyRange>());
  }

  /** How many keys the ranges have. */
  static get total(): u32 {
    let total: u32 = 0;
    for (let i: u32 = 0; i < Keys.count; i++) {
      const range = Keys.range(i);
      total += <u32>((range.last - range.first) / range.step) + 1;
    }
    return total;
  }

  /** Whether a command may have keys at all. */
  static mayHave(info: CommandInfo): bool {
    for (let i: u32 = 0; i < info.keySpecCount; i++) {
      if (!(info.keySpec(i).flags & KeyFlag.NOT_KEY)) return true;
    }
    return false;
  }

  /**
   * Finds the keys among the arguments; argument 0 is the name of the command.
   *
   * @param withChannels also what is routed as a key without being one: shard channels
   * @returns the number of ranges; 0 when the command names no key, or is not well formed
   */
  static find(info: CommandInfo, argv: usize, argc: i32, withChannels: bool = false): u32 {
    Keys.count = 0;
    let isVariable = false;
    let fits = true;
    const specs: u32 = info.keySpecCount;
    for (let i: u32 = 0; i < specs; i++) {
      const spec = info.keySpec(i);
      if (spec.flags & KeyFlag.NOT_KEY && !withChannels) continue;
      if (spec.flags & KeyFlag.VARIABLE_FLAGS) isVariable = true;
      if (Keys.resolve(spec, argv, argc) == Spec.UNFIT) fits = false;
    }
    if (specs && (isVariable || !fits)) {
      Keys.count = 0;
      Keys.findByCommand(info, argv, argc);
    }
    return Keys.count;
  }

  private static add(first: i32, last: i32, step: i32, flags: u32): void {
    if (Keys.count == RANGES_MAX) return;
    const range = Keys.range(Keys.count++);
    range.first = first;
    range.last = last;
    range.step = step;
    range.flags = flags;
  }


  @inline private static arg(argv: usize, index: i32): Slice {
    return changetype<Slice>(argv + ((<usize>index) << 3));
  }


  @inline private static is(argv: usize, index: i32, word: string): bool {
    const slice = Keys.arg(argv, index);
    return Bytes.is(slice.ptr, slice.len, word);
  }

  private static resolve(spec: KeySpec, argv: usize, argc: i32): Spec {
    let first: i32 = spec.position;
    if (spec.begin == BeginSearch.KEYWORD) first = Keys.afterKeyword(spec, argv, argc);
    else if (spec.begin == BeginSearch.UNKNOWN) return Spec.UNFIT;
    if (!first || first >= argc) return Spec.UNFIT;
    let last: i64;
    if (spec.find == FindKeys.RANGE) {
      last = spec.last;
      if (last >= 0) last += first;
      else if (!spec.limit) last += argc;
      else last += first + (argc - first) / <i32>spec.limit;
    } else if (spec.find == FindKeys.KEYNUM) {
      const at = first + spec.last;
      if (at >= argc) return Spec.UNFIT;
      const count = Keys.countIn(Keys.arg(argv, at), argc);
      if (count > argc) return Spec.UNFIT;
      first += spec.limit;
      last = <i64>first + (<i64>count - 1) * spec.step;
    } else {
      return Spec.UNFIT;
    }
    if (last >= argc || last < first || first >= argc) return Spec.UNFIT;
    Keys.add(first, <i32>last, spec.step, spec.flags);
    return spec.flags & KeyFlag.INCOMPLETE ? Spec.UNFIT : Spec.FITS;
  }

  /** A number of keys: what comes before anything that is no digit, as Redis takes it here; it ends above `most`. */
  private static countIn(text: Slice, most: i32): i32 {
    let at: usize = text.ptr;
    const end = text.end;
    while (at < end && (load<u8>(at) == 32 || <u32>load<u8>(at) - 9 < 5)) at++;
    if (at < end && load<u8>(at) == 43) at++;
    let count = 0;
    for (; at < end && count <= most; at++) {
      const digit = <u32>load<u8>(at) - 48;
      if (digit > 9) break;
      count = count * 10 + digit;
    }
    return count;
  }

  /** The index after the spec's keyword, or 0. A negative start looks at that argument only. */
  private static afterKeyword(spec: KeySpec, argv: usize, argc: i32): i32 {
    const from: i32 = spec.position > 0 ? spec.position : argc + spec.position;
    const end = spec.position > 0 ? argc - 1 : from + 1;
    for (let i = from; i < end; i++) {
      const word = Keys.arg(argv, i);
      if (word.len == spec.keywordLength && Bytes.equalFolded(word.ptr, spec.keyword, word.len))
        return i + 1;
    }
    return 0;
  }

  // ── what specs cannot tell ─────────────────────────────────────────────────────────────────

  private static findByCommand(info: CommandInfo, argv: usize, argc: i32): void {
    if (argc < 2) return;
    const name = info.name;
    const length: u32 = info.nameLength;
    if (Bytes.is(name, length, "set")) Keys.ofSet(argv, argc);
    else if (Bytes.is(name, length, "bitfield")) Keys.ofBitfield(argv, argc);
    else if (Bytes.is(name, length, "sort")) Keys.ofSort(argv, argc);
    else if (Bytes.is(name, length, "sort_ro")) Keys.add(1, 1, 1, KeyFlag.RO | KeyFlag.ACCESS);
    else if (Bytes.is(name, length, "migrate")) Keys.ofMigrate(argv, argc);
    else if (Bytes.is(name, length, "georadius")) Keys.ofGeoradius(argv, argc);
    else if (Bytes.is(name, length, "georadiusbymember")) Keys.ofGeoradius(argv, argc);
  }

  /** SET reads the key only with GET, or to compare its value. */
  private static ofSet(argv: usize, argc: i32): void {
    let flags = KeyFlag.OW | KeyFlag.UPDATE;
    for (let i = 3; i < argc; i++) {
      if (!Keys.is(argv, i, "get") && !Keys.is(argv, i, "ifeq")) continue;
      flags = KeyFlag.RW | KeyFlag.ACCESS | KeyFlag.UPDATE;
      break;
    }
    Keys.add(1, 1, 1, flags);
  }

  /** BITFIELD writes the key only with SET and INCRBY; what is not well formed counts as writing. */
  private static ofBitfield(argv: usize, argc: i32): void {
    let flags = KeyFlag.RO | KeyFlag.ACCESS;
    for (let i = 2; i < argc;) {
      if (Keys.is(argv, i, "get") && i + 2 < argc) i += 3;
      else if (Keys.is(argv, i, "overflow") && i + 1 < argc) i += 2;
      else {
        flags = KeyFlag.RW | KeyFlag.ACCESS | KeyFlag.UPDATE;
        break;
      }
    }
    Keys.add(1, 1, 1, flags);
  }

  /** The last STORE of SORT counts. */
  private static ofSort(argv: usize, argc: i32): void {
    let store = 0;
    for (let i = 2; i < argc; i++) {
      if (Keys.is(argv, i, "limit")) i += 2;
      else if (Keys.is(argv, i, "get") || Keys.is(argv, i, "by")) i++;
      else if (Keys.is(argv, i, "store") && i + 1 < argc) store = i + 1;
    }
    Keys.add(1, 1, 1, KeyFlag.RO | KeyFlag.ACCESS);
    if (store) Keys.add(store, store, 1, KeyFlag.OW | KeyFlag.UPDATE);
  }

  /** MIGRATE has one key, or an empty one and several after KEYS. */
  private static ofMigrate(argv: usize, argc: i32): void {
    const flags = KeyFlag.RW | KeyFlag.ACCESS | KeyFlag.DELETE;
    if (argc < 4) return;
    for (let i = 6; i < argc; i++) {
      if (Keys.is(argv, i, "keys") && i + 1 < argc) {
        if (!Keys.arg(argv, 3).len) Keys.add(i + 1, argc - 1, 1, flags);
        return;
      }
      if (Keys.is(argv, i, "auth")) i++;
      else if (Keys.is(argv, i, "auth2")) i += 2;
    }
    Keys.add(3, 3, 1, flags);
  }

  /** The last STORE or STOREDIST of GEORADIUS counts. */
  private static ofGeoradius(argv: usize, argc: i32): void {
    let store = 0;
    for (let i = 5; i + 1 < argc; i++) {
      if (Keys.is(argv, i, "store") || Keys.is(argv, i, "storedist")) store = ++i;
    }
    Keys.add(1, 1, 1, KeyFlag.RO | KeyFlag.ACCESS);
    if (store) Keys.add(store, store, 1, KeyFlag.OW | KeyFlag.UPDATE);
  }
}
