// SLOWLOG: asking for the commands that took long.

import { Command } from "../execution/command";
import { SlowLog } from "../execution/slow-log";

/** SLOWLOG GET [count] → the newest entries; -1 for all. */
export function slowlogGet(cmd: Command): void {
  if (cmd.argc > 3) return cmd.failSubcommandSyntax();
  let count: i64 = 10;
  if (cmd.argc == 3) {
    count = cmd.integerIn(2, -1, i64.MAX_VALUE, "ERR count should be greater than or equal to -1");
    if (cmd.failed) return;
  }
  SlowLog.reply(cmd.reply, count < 0 || count > <i64>u32.MAX_VALUE ? u32.MAX_VALUE : <u32>count);
}

/** SLOWLOG LEN → how many entries there are. */
export function slowlogLen(cmd: Command): void {
  cmd.reply.integer(SlowLog.length);
}

/** SLOWLOG RESET */
export function slowlogReset(cmd: Command): void {
  SlowLog.trim(0);
  cmd.reply.ok();
}
