// The words that say what a user is and may do: `on`, `>secret`, `~key*`, `+@read`, `(…)`.

import { Sha256 } from "../algorithms/sha256";
import { Bytes } from "../memory/bytes";
import { CommandRules, MINUS, PLUS } from "./command-rules";
import { Fault } from "./fault";
import { KeyPermission, Selector, SelectorFlag } from "./selector";
import { hexDigit, Splitter } from "./splitter";
import { User, UserFlag } from "./user";

const digest: usize = memory.data(64, 16);

export class Rules {
  /** Applies one rule to a user, its root selector unless the rule is one itself. */
  static apply(user: User, rule: usize, length: u32): Fault {
    if (!length) return Fault.NONE;
    const first: u32 = load<u8>(rule);
    // > # add a password, < ! take one away; as it is said, and as its hash.
    if (first == 62 || first == 35) return Rules.addPassword(user, rule, length);
    if (first == 60 || first == 33) return Rules.removePassword(user, rule, length);
    if (first == 40 && load<u8>(rule + length - 1) == 41)
      return Rules.addSelector(user, rule + 1, length > 1 ? length - 2 : 0);
    if (is(rule, length, "on")) user.flags |= UserFlag.ON;
    else if (is(rule, length, "off")) user.flags &= ~UserFlag.ON;
    else if (is(rule, length, "nopass")) Rules.setNoPassword(user, true);
    else if (is(rule, length, "resetpass")) Rules.setNoPassword(user, false);
    else if (is(rule, length, "sanitize-payload")) user.flags &= ~UserFlag.SKIPS_SANITIZE;
    else if (is(rule, length, "skip-sanitize-payload")) user.flags |= UserFlag.SKIPS_SANITIZE;
    else if (is(rule, length, "clearselectors")) user.clearSelectors();
    else if (is(rule, length, "reset")) Rules.reset(user);
    else return Rules.applyTo(user.root, rule, length);
    return Fault.NONE;
  }

  /** Applies one rule to a selector. */
  static applyTo(selector: Selector, rule: usize, length: u32): Fault {
    if (is(rule, length, "allkeys") || is(rule, length, "~*")) selector.setAllKeys(true);
    else if (is(rule, length, "resetkeys")) selector.setAllKeys(false);
    else if (is(rule, length, "allchannels") || is(rule, length, "&*"))
      selector.setAllChannels(true);
    else if (is(rule, length, "resetchannels")) selector.setAllChannels(false);
    else if (is(rule, length, "allcommands") || is(rule, length, "+@all")) selector.setAll(true);
    else if (is(rule, length, "nocommands") || is(rule, length, "-@all")) selector.setAll(false);
    else return Rules.applyPattern(selector, rule, length);
    return Fault.NONE;
  }

  private static applyPattern(selector: Selector, rule: usize, length: u32): Fault {
    if (!length) return Fault.SYNTAX;
    const first: u32 = load<u8>(rule);
    if (first == PLUS || first == MINUS) return CommandRules.apply(selector, rule, length);
    if (first == 126) return Rules.addKeys(selector, KeyPermission.ALL, rule + 1, length - 1);
    if (first == 37) return Rules.addMarkedKeys(selector, rule, length);
    if (first == 38) return Rules.addChannels(selector, rule + 1, length - 1);
    return Fault.SYNTAX;
  }

  /** A user as it is made, but for the name. */
  private static reset(user: User): void {
    const declared = user.flags & (UserFlag.DECLARED | UserFlag.UNNAMED);
    user.passwords.clear();
    user.clearSelectors();
    user.root.dispose();
    user.root = Selector.create();
    user.flags = declared;
  }

  // ── passwords ──────────────────────────────────────────────────────────────────────────────

  private static setNoPassword(user: User, on: bool): void {
    user.passwords.clear();
    if (on) user.flags |= UserFlag.NO_PASSWORD;
    else user.flags &= ~UserFlag.NO_PASSWORD;
  }

  /** Puts the digest of what a rule says into place; `isHash` is known by the rule's first byte. */
  private static readDigest(rule: usize, length: u32, isHash: bool): bool {
    const text = rule + 1;
    if (!isHash) {
      Sha256.hash(text, length - 1, digest);
      return true;
    }
    if (length != 65) return false;
    for (let i: u32 = 0; i < 64; i++) {
      const byte: u32 = load<u8>(text + i);
      if (byte - 48 >= 10 && byte - 97 >= 6) return false;
    }
    for (let i: u32 = 0; i < 32; i++) {
      const high = hexDigit(load<u8>(text + (i << 1)));
      store<u8>(digest + i, (high << 4) | hexDigit(load<u8>(text + (i << 1) + 1)));
    }
    return true;
  }

  private static addPassword(user: User, rule: usize, length: u32): Fault {
    if (!Rules.readDigest(rule, length, load<u8>(rule) == 35)) return Fault.BAD_HASH;
    if (!user.passwords.find(digest, Sha256.SIZE)) user.passwords.add(0, digest, Sha256.SIZE);
    user.flags &= ~UserFlag.NO_PASSWORD;
    return Fault.NONE;
  }

  private static removePassword(user: User, rule: usize, length: u32): Fault {
    if (!Rules.readDigest(rule, length, load<u8>(rule) == 33)) return Fault.BAD_HASH;
    const word = user.passwords.find(digest, Sha256.SIZE);
    if (!word) return Fault.UNKNOWN_PASSWORD;
    user.passwords.remove(word);
    return Fault.NONE;
  }

  // ── selectors and patterns ─────────────────────────────────────────────────────────────────

  private static addSelector(user: User, text: usize, length: u32): Fault {
    const selector = Selector.create();
    let fault = Fault.NONE;
    Splitter.begin(text, length);
    while (!fault && Splitter.next())
      fault = Rules.applyTo(selector, Splitter.word, Splitter.length);
    Splitter.finish();
    if (fault) selector.dispose();
    else user.addSelector(selector);
    return fault;
  }

  /** `%R~pattern`, `%W~pattern`, `%RW~pattern`. */
  private static addMarkedKeys(selector: Selector, rule: usize, length: u32): Fault {
    if (selector.has(SelectorFlag.ALL_KEYS)) return Fault.PATTERN_AFTER_ALL_KEYS;
    let permissions: u32 = 0;
    let at: u32 = 1;
    for (; at < length; at++) {
      const letter = Bytes.lower(load<u8>(rule + at));
      if (letter == 114 && !(permissions & KeyPermission.READ)) permissions |= KeyPermission.READ;
      else if (letter == 119 && !(permissions & KeyPermission.WRITE))
        permissions |= KeyPermission.WRITE;
      else break;
    }
    if (!permissions) return Fault.SYNTAX;
    if (at < length && load<u8>(rule + at++) != 126) return Fault.SYNTAX;
    return Rules.addKeys(selector, permissions, rule + at, length - at);
  }

  private static addKeys(selector: Selector, permissions: u32, text: usize, length: u32): Fault {
    if (selector.has(SelectorFlag.ALL_KEYS)) return Fault.PATTERN_AFTER_ALL_KEYS;
    if (Splitter.hasBlank(text, length)) return Fault.SYNTAX;
    const word = selector.keys.find(text, length);
    if (word) word.mark |= permissions;
    else selector.keys.add(permissions, text, length);
    return Fault.NONE;
  }

  private static addChannels(selector: Selector, text: usize, length: u32): Fault {
    if (selector.has(SelectorFlag.ALL_CHANNELS)) return Fault.PATTERN_AFTER_ALL_CHANNELS;
    if (Splitter.hasBlank(text, length)) return Fault.SYNTAX;
    if (!selector.channels.find(text, length)) selector.channels.add(0, text, length);
    return Fault.NONE;
  }
}


@inline
function is(rule: usize, length: u32, word: string): bool {
  return Bytes.is(rule, length, word);
}
