// A set of permissions: which commands, on which keys and channels. A user has one, its root, and may have
// more; what any of them allows as a whole is allowed.
//
//   0      4       8      16         24      32          40
//   ├──────┼───────┼──────┼──────────┼───────┼───────────┼──────────
//   │ next │ flags │ keys │ channels │ rules │ arguments │ commands …
//   └──────┴───────┴──────┴──────────┴───────┴───────────┴──────────
//
// Commands are a bit each, by their numbers. The rules that led there are kept as they were given, since they
// are what ACL LIST shows: bits alone would not tell what a later version's commands mean.

import { COMMAND_COUNT } from "../generated/commands";
import { AclPubsubDefault, Config } from "../generated/config";
import { Glob } from "../algorithms/glob";
import { Heap } from "../memory/heap";
import { WordList } from "./word-list";

const BITMAP_BYTES: u32 = ((COMMAND_COUNT + 31) >> 5) << 2;

export class SelectorFlag {
  static readonly ALL_KEYS: u32 = 1;
  static readonly ALL_CHANNELS: u32 = 2;
  /** Every bit is set: nothing was taken away. */
  static readonly ALL_COMMANDS: u32 = 4;
  /** It began with all commands: those to come are allowed too. */
  static readonly FUTURE_COMMANDS: u32 = 8;
}

/** Marks of key patterns. */
export class KeyPermission {
  static readonly READ: u32 = 1;
  static readonly WRITE: u32 = 2;
  static readonly ALL: u32 = 3;
}


@unmanaged
export class Selector {
  next: Selector | null;
  flags: u32;
  private firstKey: usize;
  private lastKey: usize;
  private firstChannel: usize;
  private lastChannel: usize;
  private firstRule: usize;
  private lastRule: usize;
  private firstArgument: usize;
  private lastArgument: usize;

  /** One that allows nothing, but for the channels that the configuration gives. */
  static create(): Selector {
    const size = offsetof<Selector>() + BITMAP_BYTES;
    const selector = changetype<Selector>(Heap.alloc(size));
    memory.fill(changetype<usize>(selector), 0, size);
    if (Config.aclPubsubDefault == AclPubsubDefault.ALLCHANNELS)
      selector.flags = SelectorFlag.ALL_CHANNELS;
    return selector;
  }

  /** A copy, without what follows it. */
  copy(): Selector {
    const made = Selector.create();
    made.flags = this.flags;
    made.keys.addAll(this.keys);
    made.channels.addAll(this.channels);
    made.rules.addAll(this.rules);
    made.firstArguments.addAll(this.firstArguments);
    memory.copy(made.bitmap, this.bitmap, BITMAP_BYTES);
    return made;
  }

  dispose(): void {
    this.keys.clear();
    this.channels.clear();
    this.rules.clear();
    this.firstArguments.clear();
    Heap.free(changetype<usize>(this));
  }

  get bytes(): u64 {
    return (
      offsetof<Selector>() +
      BITMAP_BYTES +
      this.keys.bytes +
      this.channels.bytes +
      this.rules.bytes +
      this.firstArguments.bytes
    );
  }


  @inline has(flags: u32): bool {
    return (this.flags & flags) == flags;
  }

  /** Patterns of keys, each marked with its `KeyPermission`. */
  @inline get keys(): WordList {
    return changetype<WordList>(changetype<usize>(this) + offsetof<Selector>("firstKey"));
  }


  @inline get channels(): WordList {
    return changetype<WordList>(changetype<usize>(this) + offsetof<Selector>("firstChannel"));
  }

  /** Names of commands and categories, each marked with its sign. */
  @inline get rules(): WordList {
    return changetype<WordList>(changetype<usize>(this) + offsetof<Selector>("firstRule"));
  }

  /** First arguments that are allowed of a command that is not, each marked with the command's number. */
  @inline get firstArguments(): WordList {
    return changetype<WordList>(changetype<usize>(this) + offsetof<Selector>("firstArgument"));
  }

  // ── commands ───────────────────────────────────────────────────────────────────────────────

  @inline private get bitmap(): usize {
    return changetype<usize>(this) + offsetof<Selector>();
  }


  @inline allows(number: u32): bool {
    return ((load<u32>(this.bitmap + ((number >> 5) << 2)) >> (number & 31)) & 1) != 0;
  }

  set(number: u32, on: bool): void {
    const at = this.bitmap + ((number >> 5) << 2);
    const bit: u32 = 1 << (number & 31);
    if (on) {
      store<u32>(at, load<u32>(at) | bit);
    } else {
      store<u32>(at, load<u32>(at) & ~bit);
      this.flags &= ~SelectorFlag.ALL_COMMANDS;
    }
  }

  /** All commands, those to come included, or none. */
  setAll(on: bool): void {
    memory.fill(this.bitmap, on ? 255 : 0, BITMAP_BYTES);
    const both = SelectorFlag.ALL_COMMANDS | SelectorFlag.FUTURE_COMMANDS;
    this.flags = on ? this.flags | both : this.flags & ~both;
    this.rules.clear();
    this.firstArguments.clear();
  }

  /** Allows all keys, or none. */
  setAllKeys(on: bool): void {
    this.flags = on ? this.flags | SelectorFlag.ALL_KEYS : this.flags & ~SelectorFlag.ALL_KEYS;
    this.keys.clear();
  }

  /** Allows all channels, or none. */
  setAllChannels(on: bool): void {
    const flag = SelectorFlag.ALL_CHANNELS;
    this.flags = on ? this.flags | flag : this.flags & ~flag;
    this.channels.clear();
  }

  /** Whether a key may be used so: all of the `KeyPermission` bits. */
  allowsKey(permissions: u32, ptr: usize, length: u32): bool {
    if (this.has(SelectorFlag.ALL_KEYS)) return true;
    let nextWord = this.keys.first;
    while (nextWord) {
      const word = nextWord;
      nextWord = word.next;
      if ((word.mark & permissions) != permissions) continue;
      if (Glob.matches(word.bytes, word.length, ptr, length, false)) return true;
    }
    return false;
  }

  /** Whether any key may be used so. */
  allowsAnyKey(permissions: u32): bool {
    if (this.has(SelectorFlag.ALL_KEYS)) return true;
    let word = this.keys.first;
    while (word) {
      const isStar = word.length == 1 && load<u8>(word.bytes) == 42;
      if (isStar && (word.mark & permissions) == permissions) return true;
      word = word.next;
    }
    return false;
  }

  /** Whether a channel matches one of the patterns; a pattern must be one of them itself. */
  allowsChannel(isPattern: bool, ptr: usize, length: u32): bool {
    if (this.has(SelectorFlag.ALL_CHANNELS)) return true;
    let word = this.channels.first;
    while (word) {
      const isIt = isPattern
        ? word.isText(ptr, length)
        : Glob.matches(word.bytes, word.length, ptr, length, false);
      if (isIt) return true;
      word = word.next;
    }
    return false;
  }
}
