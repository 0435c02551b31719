// `FIELDS numfields field [field …]`, the end of the commands on single fields of hashes.

import { Integer } from "../../algorithms/integer";
import { Command } from "../../execution/command";

export class FieldList {
  /** The argument of the first field, and how many fields there are. */
  static first: i32 = 0;
  static count: i32 = 0;

  /**
   * Reads the list that begins at argument `index`; it must be the last, with `width` arguments a field. Replies
   * the error otherwise. `countError` is the text for a number of fields that is none.
   */
  static read(cmd: Command, index: i32, width: i32, countError: string): bool {
    if (index + 1 >= cmd.argc || !cmd.is(index, "fields")) {
      cmd.fail("ERR Mandatory argument FIELDS is missing or not at the right position");
      return false;
    }
    const text = cmd.arg(index + 1);
    if (!Integer.parse(text.ptr, text.len) || Integer.value < 1) {
      cmd.fail(countError);
      return false;
    }
    if (Integer.value * width != <i64>(cmd.argc - index - 2)) {
      cmd.fail("ERR The `numfields` parameter must match the number of arguments");
      return false;
    }
    FieldList.first = index + 2;
    FieldList.count = <i32>Integer.value;
    return true;
  }
}
