// The time-out of a blocking command: seconds, with a fraction; 0 is for ever.

import { Double } from "../../algorithms/double";
import { LongDouble } from "../../algorithms/long-double";
import { Command } from "../../execution/command";
import { Clock } from "../../memory/clock";

const parsed = changetype<LongDouble>(memory.data(LongDouble.SIZE, 8));

/** The deadline that argument `index` stands for, Unix time in ms, or 0; replies and sets `failed` on an error. */
export function deadlineOf(cmd: Command, index: i32): i64 {
  const text = cmd.arg(index);
  if (!parsed.parse(text.ptr, text.len)) {
    cmd.fail("ERR timeout is not a float or out of range");
    return 0;
  }
  Double.scan(text.ptr, text.len);
  const ms = Math.ceil(Double.value * 1000);
  if (ms < 0) cmd.fail("ERR timeout is negative");
  else if (ms >= <f64>(i64.MAX_VALUE - Clock.nowMs)) cmd.fail("ERR timeout is out of range");
  if (cmd.failed || ms == 0) return 0;
  return <i64>ms + Clock.nowMs;
}
