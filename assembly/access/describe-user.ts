// Users as text, in the words that would make them: ACL LIST, ACL GETUSER, ACL SAVE.

import { TextBuffer } from "../protocol/text-buffer";
import { PLUS } from "./command-rules";
import { KeyPermission, Selector, SelectorFlag } from "./selector";
import { User, UserFlag } from "./user";
import { Word } from "./word-list";

const HEX: string = "0123456789abcdef";

export class DescribeUser {
  /** Appends `user name rule …` to the text buffer. */
  static line(user: User): void {
    TextBuffer.text("user ");
    TextBuffer.bytes(user.name.bytes, user.name.length);
    TextBuffer.char(32);
    DescribeUser.rules(user);
  }

  /** Appends the rules alone. */
  static rules(user: User): void {
    TextBuffer.text(user.has(UserFlag.ON) ? "on " : "off ");
    if (user.has(UserFlag.NO_PASSWORD)) TextBuffer.text("nopass ");
    TextBuffer.text(
      user.has(UserFlag.SKIPS_SANITIZE) ? "skip-sanitize-payload " : "sanitize-payload ",
    );
    let word = user.passwords.first;
    while (word) {
      TextBuffer.char(35);
      DescribeUser.password(word);
      TextBuffer.char(32);
      word = word.next;
    }
    DescribeUser.selector(user.root);
    let at = user.root.next;
    while (at) {
      TextBuffer.text(" (");
      DescribeUser.isInSelector = true;
      DescribeUser.selector(at);
      DescribeUser.isInSelector = false;
      TextBuffer.char(41);
      at = at.next;
    }
  }

  /** Appends 64 hexadecimal digits. */
  static password(word: Word): void {
    for (let i: u32 = 0; i < word.length; i++) {
      const byte: u32 = load<u8>(word.bytes + i);
      TextBuffer.char(HEX.charCodeAt(byte >> 4));
      TextBuffer.char(HEX.charCodeAt(byte & 15));
    }
  }

  private static selector(selector: Selector): void {
    if (DescribeUser.keys(selector)) TextBuffer.char(32);
    if (!selector.has(SelectorFlag.ALL_CHANNELS)) TextBuffer.text("resetchannels ");
    if (DescribeUser.channels(selector)) TextBuffer.char(32);
    DescribeUser.commands(selector);
  }

  /** Appends the patterns of keys; whether there is one. */
  static keys(selector: Selector): bool {
    if (selector.has(SelectorFlag.ALL_KEYS)) {
      TextBuffer.text("~*");
      return true;
    }
    let word = selector.keys.first;
    while (word) {
      if (word != selector.keys.first) TextBuffer.char(32);
      if (word.mark == KeyPermission.READ) DescribeUser.word("%R~", word);
      else if (word.mark == KeyPermission.WRITE) DescribeUser.word("%W~", word);
      else DescribeUser.word("~", word);
      word = word.next;
    }
    return selector.keys.first != null;
  }

  /** Appends the patterns of channels; whether there is one. */
  static channels(selector: Selector): bool {
    if (selector.has(SelectorFlag.ALL_CHANNELS)) {
      TextBuffer.text("&*");
      return true;
    }
    let word = selector.channels.first;
    while (word) {
      if (word != selector.channels.first) TextBuffer.char(32);
      DescribeUser.word("&", word);
      word = word.next;
    }
    return selector.channels.first != null;
  }

  /** Appends the rules of commands. */
  static commands(selector: Selector): void {
    TextBuffer.text(selector.has(SelectorFlag.FUTURE_COMMANDS) ? "+@all" : "-@all");
    let word = selector.rules.first;
    while (word) {
      TextBuffer.char(32);
      DescribeUser.word(word.mark == PLUS ? "+" : "-", word);
      word = word.next;
    }
  }

  /** A word with what comes before it. Where a selector is read again, some bytes must stand in quotation marks. */
  private static word(sign: string, word: Word): void {
    const isQuoted = DescribeUser.isInSelector && needsQuotes(word);
    if (isQuoted) TextBuffer.char(34);
    TextBuffer.text(sign);
    for (let i: u32 = 0; i < word.length; i++) {
      const byte: u32 = load<u8>(word.bytes + i);
      if (isQuoted && (byte == 34 || byte == 92)) TextBuffer.char(92);
      TextBuffer.char(byte);
    }
    if (isQuoted) TextBuffer.char(34);
  }
  private static isInSelector: bool = false;
}

/** Whether a word has quotation marks, or parentheses that would end a selector. */
function needsQuotes(word: Word): bool {
  for (let i: u32 = 0; i < word.length; i++) {
    const byte: u32 = load<u8>(word.bytes + i);
    if (byte == 34 || byte - 39 < 3) return true;
  }
  return false;
}
