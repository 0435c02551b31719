// LATENCY: spikes that the monitor noted, and how long each command takes.

import { Integer } from "../algorithms/integer";
import { Config } from "../generated/config";
import { COMMAND_COUNT, commandInfo, findCommand, Flag } from "../execution/info";
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
/** Characters of the longest label: 159s do not come, 1440d might. */
const LABEL_MAX: u32 = 12;
const label: usize = memory.data(LABEL_MAX);

/** LATENCY GRAPH event → the samples as a picture of characters, 80 a row, with their ages read downwards. */
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
  let low: u32 = u32.MAX_VALUE;
  let high: u32 = 0;
  for (let age: u32 = 0; age < event.used; age++) {
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
  for (let left = event.used; left;) {
    const columns = min(left, COLUMNS);
    if (left != event.used) TextBuffer.char(10);
    writeRows(event, left, columns, low, high);
    left -= columns;
  }
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

/** The picture of `columns` samples, the first of which is `oldest - 1` samples old. */
function writeRows(event: LatencyEvent, oldest: u32, columns: u32, low: u32, high: u32): void {
  const levels = <u32>LEVELS.length;
  const steps = ROWS * levels;
  const range = max<u64>(high - low, 1);
  for (let row = ROWS; row--;) {
    for (let i: u32 = 0; i < columns; i++) {
      const above = <u64>(event.lengthOf(oldest - 1 - i) - low) * steps;
      const step = min(<u32>(above / range), steps - 1);
      const cell = step / levels;
      if (cell == row) TextBuffer.char(LEVELS.charCodeAt(step % levels));
      else TextBuffer.char(cell > row ? 124 : 32);
    }
    TextBuffer.char(10);
  }
  let height: u32 = 0;
  for (let i: u32 = 0; i < columns; i++) height = max(height, writeLabel(event, oldest - 1 - i));
  for (let row: u32 = 0; row <= height; row++) {
    for (let i: u32 = 0; i < columns; i++) {
      const length = writeLabel(event, oldest - 1 - i);
      TextBuffer.char(row && row <= length ? load<u8>(label + row - 1) : 32);
    }
    TextBuffer.char(10);
  }
}

/** How long ago a sample was, 45s or 3m, into `label`; the length. */
function writeLabel(event: LatencyEvent, age: u32): u32 {
  const seconds = max<i64>(Clock.nowSeconds - event.timeOf(age), 0);
  let value = seconds;
  let unit: u32 = 115;
  if (seconds >= 86400) {
    value /= 86400;
    unit = 100;
  } else if (seconds >= 3600) {
    value /= 3600;
    unit = 104;
  } else if (seconds >= 60) {
    value /= 60;
    unit = 109;
  }
  const length = Integer.format(value, label);
  store<u8>(label + length, unit);
  return length + 1;
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
      TextBuffer.text("\n");
      TextBuffer.integer(++number);
      TextBuffer.text(". ");
      TextBuffer.bytes(event.name.bytes, event.name.length);
      TextBuffer.text(": ");
      writeSummary(event);
      event = event.next;
    }
    TextBuffer.text(
      "\nCheck SLOWLOG for the commands behind them: commands on big collections, scripts and KEYS hold everything else up while they run.\n",
    );
  }
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

/** Numbers of an event's spikes, as Redis words them. */
function writeSummary(event: LatencyEvent): void {
  let sum: u64 = 0;
  for (let age: u32 = 0; age < event.used; age++) sum += event.lengthOf(age);
  const average = sum / event.used;
  let deviation: u64 = 0;
  for (let age: u32 = 0; age < event.used; age++) {
    const length = <u64>event.lengthOf(age);
    deviation += length > average ? length - average : average - length;
  }
  const since = max<i64>(Clock.nowSeconds - event.timeOf(event.used - 1), 1);
  TextBuffer.integer(event.used);
  TextBuffer.text(" latency spikes (average ");
  TextBuffer.integer(average);
  TextBuffer.text("ms, mean deviation ");
  TextBuffer.integer(deviation / event.used);
  TextBuffer.text("ms, period ");
  TextBuffer.fixed(<f64>since / <f64>event.used, 2);
  TextBuffer.text(" sec). Worst all time event ");
  TextBuffer.integer(event.longest);
  TextBuffer.text("ms.\n");
}

/** LATENCY HISTOGRAM [command …] → for each: calls, and how many took at most 1, 2, 4 … 16, 33, 66 … µs. */
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
  if (!total || commandInfo(number).has(Flag.INTERNAL)) return 0;
  const reply = cmd.reply;
  replyCommandName(reply, commandInfo(number));
  reply.map(2);
  reply.bulkText("calls");
  reply.integer(total);
  reply.bulkText("histogram_usec");
  const mark = reply.mark();
  let steps: u32 = 0;
  let before: u64 = 0;
  for (let ns: u64 = 1024; before < total; ns <<= 1) {
    // Redis keeps nanoseconds, 128 steps to an octave, and shows the end of the step.
    const limit = (ns + (ns >> 7) - 1) / 1000;
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
