// What INFO tells of each command.

import { Double } from "../../algorithms/double";
import { Config } from "../../generated/config";
import { Bytes } from "../../memory/bytes";
import { TextBuffer } from "../../protocol/text-buffer";
import { Histogram } from "../../execution/histogram";
import { COMMAND_COUNT, commandInfo, Flag } from "../../execution/info";
import { writeCommandName } from "../../execution/names";

/** A line for each command that was called or refused. */
export function writeCommands(): void {
  for (let i = 0; i < COMMAND_COUNT; i++) {
    const command = commandInfo(i);
    if (!command.calls && !command.rejected && !command.failed) continue;
    if (command.has(Flag.INTERNAL)) continue;
    TextBuffer.text("cmdstat_");
    writeCommandName(command);
    TextBuffer.text(":calls=");
    TextBuffer.integer(command.calls);
    TextBuffer.text(",usec=");
    TextBuffer.integer(command.microseconds);
    TextBuffer.text(",usec_per_call=");
    TextBuffer.fixed(command.calls ? <f64>command.microseconds / <f64>command.calls : 0, 2);
    TextBuffer.text(",rejected_calls=");
    TextBuffer.integer(command.rejected);
    TextBuffer.text(",failed_calls=");
    TextBuffer.integer(command.failed);
    TextBuffer.text("\r\n");
  }
}

/** A line for each command that was called, with the percentiles of its durations. */
export function writeLatencies(): void {
  if (!Config.latencyTracking) return;
  for (let i = 0; i < COMMAND_COUNT; i++) {
    if (!Histogram.total(i) || commandInfo(i).has(Flag.INTERNAL)) continue;
    TextBuffer.text("latency_percentiles_usec_");
    writeCommandName(commandInfo(i));
    TextBuffer.char(58);
    writePercentiles(i);
    TextBuffer.text("\r\n");
  }
}

/** The percentiles of a command that `latency-tracking-info-percentiles` asks for. */
function writePercentiles(number: i32): void {
  const asked = Config.latencyTrackingInfoPercentiles;
  const end = asked.bytes + asked.length;
  for (let at = asked.bytes; at < end;) {
    const blank = Bytes.indexOf(at, end, 32);
    const length = <u32>((blank ? blank : end) - at);
    TextBuffer.text(at == asked.bytes ? "p" : ",p");
    TextBuffer.bytes(at, length);
    TextBuffer.char(61);
    Double.parse(at, length);
    TextBuffer.fixed(<f64>Histogram.percentile(number, Double.value), 3);
    at += length + 1;
  }
}
