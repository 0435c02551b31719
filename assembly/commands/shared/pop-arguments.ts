// The arguments of LMPOP, ZMPOP and the forms of them that wait: numkeys key [key …] end [COUNT count].

import { Command } from "../../execution/command";

export class PopArguments {
  static firstKey: i32 = 0;
  static keys: i32 = 0;
  /** Which of the two words for an end was given. */
  static isFirstEnd: bool = false;
  /** 1 where it is not given. */
  static count: i64 = 1;

  /** Reads them from argument `index` to the last; replies the error and answers false when they are wrong. */
  static parse(cmd: Command, index: i32, firstEnd: string, secondEnd: string): bool {
    const keys = cmd.integerIn(index, 1, i64.MAX_VALUE, "ERR numkeys should be greater than 0");
    if (cmd.failed) return false;
    if (keys >= cmd.argc - index - 1) {
      cmd.failSyntax();
      return false;
    }
    const at = index + 1 + <i32>keys;
    PopArguments.firstKey = index + 1;
    PopArguments.keys = <i32>keys;
    PopArguments.isFirstEnd = cmd.is(at, firstEnd);
    PopArguments.count = 1;
    if (!PopArguments.isFirstEnd && !cmd.is(at, secondEnd)) cmd.failSyntax();
    if (cmd.failed || at + 1 == cmd.argc) return !cmd.failed;
    if (!cmd.is(at + 1, "count") || at + 2 == cmd.argc) {
      cmd.failSyntax();
      return false;
    }
    PopArguments.count = cmd.integerIn(
      at + 2,
      1,
      i64.MAX_VALUE,
      "ERR count should be greater than 0",
    );
    if (!cmd.failed && at + 3 < cmd.argc) cmd.failSyntax();
    return !cmd.failed;
  }
}
