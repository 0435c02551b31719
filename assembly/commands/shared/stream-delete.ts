// Deleting single entries and making groups forget them, as the log of effects has it.

import { Effects } from "../../persistence/effects";
import { Names } from "../../structures/named";
import { Stream } from "../../structures/stream";
import { Group } from "../../structures/stream-group";
import { StreamId } from "../../types/stream-id";
import { Command } from "../../execution/command";

/** Makes all groups forget an id, and logs it. */
export function dropAndLog(cmd: Command, stream: Stream, ms: u64, seq: u64): void {
  const index = stream.groups;
  let place: u32 = 0;
  let found = Names.at(index, place);
  while (found) {
    const group = changetype<Group>(found);
    if (group.acknowledge(ms, seq)) {
      cmd.dirty++;
      logAcknowledgement(cmd, group, ms, seq);
    }
    place = Names.step(index, place);
    found = Names.at(index, place);
  }
}

export function logDeletion(cmd: Command, ms: u64, seq: u64): void {
  if (!Effects.isOn) return;
  cmd.effect(3);
  Effects.text("XDEL");
  Effects.slice(cmd.arg(1));
  StreamId.effect(ms, seq);
}

export function logAcknowledgement(cmd: Command, group: Group, ms: u64, seq: u64): void {
  if (!Effects.isOn) return;
  cmd.effect(4);
  Effects.text("XACK");
  Effects.slice(cmd.arg(1));
  Effects.bytes(group.name, group.nameLength);
  StreamId.effect(ms, seq);
}
