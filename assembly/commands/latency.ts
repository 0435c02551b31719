// LATENCY: spikes that the monitor noted, and how long each command takes.

import { Config } from "../generated/config";
import { COMMAND_COUNT, commandInfo, findCommand } from "../execution/info";
import { Command, Errors } from "../execution/command";
import { Histogram } from "../execution/histogram";
import { Latency, LatencyEvent } from "../execution/latency";
import { replyCommandName } from "../execution/names";
import { Clock } from "../memory/clock";
import { TextBuffer } from "../protocol/text-buffer";

/** LATENCY LATEST → for each event: its name, when it was last, how long then, how long at most. */
export function latencyLatest(cmd: Command): void {
  const reply = cmd.reply;
  reply.array(Latency.count);
  let event = Latency.first;
  while (event) {
    reply.array(4);
    reply.bulk(event.name.bytes, event.name.length);
    reply.integer(event.timeOf(0));
    reply.integer(event.lengthOf(0));
    reply.integer(event.longest);
    event = event.next;
  }
}

/** LATENCY HISTORY event → when and how long, from the oldest on. */
export function latencyHistory(cmd: Command): void {
  const name = cmd.arg(2);
  const event = Latency.find(name.ptr, name.len);
  const reply = cmd.reply;
  if (!event) return reply.emptyArray();
  reply.array(event.used);
  for (let age = event.used; age--;) {
    reply.array(2);
    reply.integer(event.timeOf(age));
    reply.integer(event.lengthOf(age));
  }
}

/** LATENCY RESET [event …] → how many were forgotten. */
export function latencyReset(cmd: Command): void {
  if (cmd.argc == 2) return cmd.reply.integer(Latency.reset(0, 0));
  let forgotten: u32 = 0;
  for (let i = 2; i < cmd.argc; i++) forgotten += Latency.reset(cmd.arg(i).ptr, cmd.arg(i).len);
  cmd.reply.integer(forgotten);
}

const LEVELS: string = "_o#";
const ROWS: u32 = 4;
const COLUMNS: u32 = 80;

/** LATENCY GRAPH event → the samples as a picture of characters, time below. */
export function latencyGraph(cmd: Command): void {
  const name = cmd.arg(2);
  const event = Latency.find(name.ptr, name.len);
  if (!event) {
    Errors.begin();
    Errors.text("ERR No samples available for event '");
    Errors.bytes(name.ptr, name.len);
    Errors.text("'");
    return Errors.send(cmd.reply);
  }
  const columns = min(event.used, COLUMNS);
  let low: u32 = u32.MAX_VALUE;
  let high: u32 = 0;
  for (let age: u32 = 0; age < columns; age++) {
    low = min(low, event.lengthOf(age));
    high = max(high, event.lengthOf(age));
  }
  TextBuffer.begin();
  TextBuffer.bytes(name.ptr, name.len);
  TextBuffer.text(" - high ");
  TextBuffer.integer(high);
  TextBuffer.text(" ms, low ");
  TextBuffer.integer(low);
  TextBuffer.text(" ms (all time high ");
  TextBuffer.integer(event.longest);
  TextBuffer.text(" ms)\n");
  for (let i: u32 = 0; i < COLUMNS; i++) TextBuffer.char(45);
  TextBuffer.char(10);
  const steps = ROWS * <u32>LEVELS.length;
  for (let row = ROWS; row--;) {
    for (let age = columns; age--;) {
      const height = high > low ? ((event.lengthOf(age) - low) * (steps - 1)) / (high - low) : 0;
      const cell = height / <u32>LEVELS.length;
      if (cell == row) TextBuffer.char(LEVELS.charCodeAt(height % <u32>LEVELS.length));
      else TextBuffer.char(cell > row ? 124 : 32);
    }
    TextBuffer.char(10);
  }
  TextBuffer.char(10);
  writeAges(event, columns);
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

/** How long ago each column was, read from top to bottom: 45s, 3m. */
function writeAges(event: LatencyEvent, columns: u32): void {
  for (let row: u32 = 0; row < 4; row++) {
    for (let age = columns; age--;) {
      const seconds = <u32>max<i64>(Clock.nowSeconds - event.timeOf(age), 0);
      const unit: u32 = seconds < 60 ? 115 : seconds < 3600 ? 109 : seconds < 86400 ? 104 : 100;
      const value =
        seconds < 60
          ? seconds
          : seconds < 3600
            ? seconds / 60
            : seconds < 86400
              ? seconds / 3600
              : seconds / 86400;
      TextBuffer.char(charAt(value, unit, row));
    }
    TextBuffer.char(10);
  }
}

/** The character in place `row` of a number followed by its unit. */
function charAt(value: u32, unit: u32, row: u32): u32 {
  let digits: u32 = 1;
  let power: u32 = 1;
  for (let rest = value; rest >= 10; rest /= 10) {
    digits++;
    power *= 10;
  }
  if (row > digits) return 32;
  if (row == digits) return unit;
  for (let i: u32 = 0; i < row; i++) power /= 10;
  return 48 + ((value / power) % 10);
}

/** LATENCY DOCTOR → what the monitor found, and what to do about it. */
export function latencyDoctor(cmd: Command): void {
  TextBuffer.begin();
  if (!Config.latencyMonitorThreshold) {
    TextBuffer.text(
      "The latency monitor is off. Turn it on with CONFIG SET latency-monitor-threshold <milliseconds>.\n",
    );
  } else if (!Latency.count) {
    TextBuffer.text("No latency spike was seen so far.\n");
  } else {
    TextBuffer.text("Latency spikes in this server:\n");
    let number = 0;
    let event = Latency.first;
    while (event) {
      let sum: u64 = 0;
      for (let age: u32 = 0; age < event.used; age++) sum += event.lengthOf(age);
      TextBuffer.text("\n");
      TextBuffer.integer(++number);
      TextBuffer.text(". ");
      TextBuffer.bytes(event.name.bytes, event.name.length);
      TextBuffer.text(": ");
      TextBuffer.integer(event.used);
      TextBuffer.text(" latency spikes (average ");
      TextBuffer.integer(sum / event.used);
      TextBuffer.text("ms, worst ");
      TextBuffer.integer(event.longest);
      TextBuffer.text("ms).\n");
      event = event.next;
    }
    TextBuffer.text(
      "\nCheck SLOWLOG for the commands behind them: commands on big collections, scripts and KEYS hold everything else up while they run.\n",
    );
  }
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

/** LATENCY HISTOGRAM [command …] → for each: calls, and how many took at most 1, 2, 4 … µs. */
export function latencyHistogram(cmd: Command): void {
  const reply = cmd.reply;
  const mark = reply.mark();
  let count: u32 = 0;
  if (cmd.argc == 2) {
    for (let number = 0; number < COMMAND_COUNT; number++) count += replyHistogram(cmd, number);
  } else {
    for (let i = 2; i < cmd.argc; i++) {
      const number = findCommand(cmd.arg(i).ptr, cmd.arg(i).len);
      if (number < 0) continue;
      const info = commandInfo(number);
      count += replyHistogram(cmd, number);
      for (let child = 0; child < <i32>info.childCount; child++)
        count += replyHistogram(cmd, info.firstChild + child);
    }
  }
  reply.closeMap(mark, count);
}

function replyHistogram(cmd: Command, number: i32): u32 {
  const total = Histogram.total(number);
  if (!total) return 0;
  const reply = cmd.reply;
  replyCommandName(reply, commandInfo(number));
  reply.map(2);
  reply.bulkText("calls");
  reply.integer(total);
  reply.bulkText("histogram_usec");
  const mark = reply.mark();
  let steps: u32 = 0;
  let before: u64 = 0;
  for (let limit: u64 = 1; before < total; limit <<= 1) {
    const upTo = Histogram.upTo(number, limit);
    if (upTo == before) continue;
    reply.integer(limit);
    reply.integer(upTo);
    before = upTo;
    steps++;
  }
  reply.closeMap(mark, steps);
  return 1;
}
