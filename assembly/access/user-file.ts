// The text of an ACL file: a line `user name rule …` for each user. Either all of it is right and takes the
// place of all users, or nothing changes and every line that is wrong is told.

import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Text } from "../memory/text";
import { TextBuffer } from "../protocol/text-buffer";
import { Draft } from "./draft";
import { Fault, faultText } from "./fault";
import { RuleText } from "./rule-text";
import { Splitter } from "./splitter";
import { User } from "./user";
import { UserSet, Users } from "./users";

export class UserFile {
  private static name: Text = Text.EMPTY;
  private static number: i32 = 0;

  /**
   * Reads a file's text; what is wrong with it is in the text buffer then. True when it was right and its users
   * are those that there are.
   */
  static load(name: Slice, text: Slice): bool {
    UserFile.name = Text.of(name.ptr, name.len);
    const users = UserSet.create();
    TextBuffer.begin();
    TextBuffer.text("ERR ");
    const start = TextBuffer.length;
    UserFile.number = 0;
    let at: usize = text.ptr;
    const end = text.end;
    while (at <= end) {
      const found = at < end ? Bytes.indexOf(at, end, 10) : 0;
      const lineEnd = found ? found : end;
      UserFile.number++;
      UserFile.readLine(users, at, lineEnd);
      at = lineEnd + 1;
    }
    UserFile.name.dispose();
    if (TextBuffer.length == start) {
      Users.replaceAll(users);
      return true;
    }
    TextBuffer.text(
      "WARNING: ACL errors detected, no change to the previously active ACL rules was performed",
    );
    users.dispose();
    return false;
  }

  private static readLine(users: UserSet, from: usize, to: usize): void {
    let at = from;
    let end = to;
    while (at < end && isTrimmed(load<u8>(at))) at++;
    while (end > at && isTrimmed(load<u8>(end - 1))) end--;
    if (at == end || load<u8>(at) == 35) return;
    RuleText.split(at, <u32>(end - at));
    UserFile.readWords(users);
    Heap.free(RuleText.words);
  }

  private static readWords(users: UserSet): void {
    const words = RuleText.words;
    const count = RuleText.count;
    if (count < 2 || !isUser(changetype<Slice>(words))) {
      UserFile.place();
      return TextBuffer.text(" should start with user keyword followed by the username. ");
    }
    const name = changetype<Slice>(words + 8);
    if (Splitter.hasBlank(name.ptr, name.len)) {
      TextBuffer.char(39);
      UserFile.place();
      TextBuffer.text(": username '");
      TextBuffer.bytes(name.ptr, name.len);
      return TextBuffer.text("' contains invalid characters. ");
    }
    if (users.find(name.ptr, name.len)) {
      TextBuffer.text("WARNING: Duplicate user '");
      TextBuffer.bytes(name.ptr, name.len);
      TextBuffer.text("' found on line ");
      TextBuffer.integer(UserFile.number);
      return TextBuffer.text(". ");
    }
    const user = User.create(name.ptr, name.len);
    users.add(user);
    UserFile.applyAll(user, words + 16, count - 2);
    Draft.finish();
  }

  /** All unknown commands are told, and the first of the other faults. */
  private static applyAll(user: User, words: usize, count: i32): void {
    if (Draft.unmatched(words, count) >= 0) {
      UserFile.place();
      return TextBuffer.text(": Unmatched parenthesis in selector definition.");
    }
    let hasFault = false;
    for (let i = 0; i < count; i = Draft.after(i)) {
      const fault = Draft.applyAt(user, words, i, count);
      if (fault == Fault.NONE || (fault != Fault.UNKNOWN_COMMAND && hasFault)) continue;
      UserFile.place();
      if (fault == Fault.UNKNOWN_COMMAND) {
        TextBuffer.text(": Error in applying operation '");
        TextBuffer.bytes(Draft.wrong, Draft.wrongLength);
        TextBuffer.char(39);
      } else {
        hasFault = true;
      }
      TextBuffer.text(": ");
      TextBuffer.text(faultText(fault));
      TextBuffer.text(". ");
    }
  }

  /** Appends the file's name and the line. */
  private static place(): void {
    TextBuffer.bytes(UserFile.name.bytes, UserFile.name.length);
    TextBuffer.char(58);
    TextBuffer.integer(UserFile.number);
  }
}

function isTrimmed(byte: u32): bool {
  return byte == 32 || byte == 9 || byte == 13;
}

/** Whether a word is `user`, in small letters. */
function isUser(word: Slice): bool {
  return word.len == 4 && load<u32>(word.ptr) == 0x72657375;
}
