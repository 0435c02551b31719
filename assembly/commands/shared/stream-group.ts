// What the commands that work with consumer groups have in common.

import { Clock } from "../../memory/clock";
import { Effects } from "../../persistence/effects";
import { Notify } from "../../sessions/notify";
import { Consumer, Group, NOT_KNOWN, Pending } from "../../structures/stream-group";
import { StreamId } from "../../types/stream-id";
import { Command, Errors } from "../../execution/command";

// --- errors ---

/** `NOGROUP …` for the key and the group in these arguments. */
export function failNoGroup(cmd: Command, keyArg: i32, groupArg: i32, where: string = ""): void {
  Errors.begin();
  Errors.text("NOGROUP No such key '");
  Errors.bytes(cmd.arg(keyArg).ptr, cmd.arg(keyArg).len);
  Errors.text("' or consumer group '");
  Errors.bytes(cmd.arg(groupArg).ptr, cmd.arg(groupArg).len);
  Errors.text("'");
  Errors.text(where);
  Errors.send(cmd.reply);
  cmd.failed = true;
}

/** `NOGROUP …` where the key is there. */
export function failNoSuchGroup(cmd: Command, keyArg: i32, groupArg: i32): void {
  Errors.begin();
  Errors.text("NOGROUP No such consumer group '");
  Errors.bytes(cmd.arg(groupArg).ptr, cmd.arg(groupArg).len);
  Errors.text("' for key name '");
  Errors.bytes(cmd.arg(keyArg).ptr, cmd.arg(keyArg).len);
  Errors.text("'");
  Errors.send(cmd.reply);
  cmd.failed = true;
}

/** A subcommand with options that it does not have. */
export function failSubcommandSyntax(cmd: Command): void {
  Errors.begin();
  Errors.text("ERR unknown subcommand or wrong number of arguments for '");
  Errors.bytes(cmd.arg(1).ptr, min<u32>(cmd.arg(1).len, 128));
  Errors.text("'. Try ");
  Errors.upper(cmd.arg(0).ptr, cmd.arg(0).len);
  Errors.text(" HELP.");
  Errors.send(cmd.reply);
  cmd.failed = true;
}

// --- what a consumer does ---

/**
 * The consumer of this name, made when it is new; it is heard of now. The key, the group and the name
 * are in these arguments.
 */
export function hearFrom(
  cmd: Command,
  group: Group,
  keyArg: i32,
  groupArg: i32,
  nameArg: i32,
): Consumer {
  const name = cmd.arg(nameArg);
  const known = group.consumer(name.ptr, name.len);
  if (known) {
    known.touch();
    known.seenMs = Clock.nowMs;
    return known;
  }
  const consumer = group.addConsumer(name.ptr, name.len, Clock.nowMs, NOT_KNOWN);
  cmd.dirty++;
  cmd.notify(keyArg, Notify.STREAM, "xgroup-createconsumer");
  if (Effects.isOn) {
    cmd.effect(5);
    Effects.text("XGROUP");
    Effects.text("CREATECONSUMER");
    Effects.slice(cmd.arg(keyArg));
    Effects.slice(cmd.arg(groupArg));
    Effects.slice(name);
  }
  return consumer;
}

/** Logs how a pending entry is now; nobody can tell how it came to that. */
export function logPending(cmd: Command, keyArg: i32, group: Group, pending: Pending): void {
  if (!Effects.isOn) return;
  const consumer = pending.consumer;
  cmd.effect(14);
  Effects.text("XCLAIM");
  Effects.slice(cmd.arg(keyArg));
  Effects.bytes(group.name, group.nameLength);
  Effects.bytes(consumer.name, consumer.nameLength);
  Effects.text("0");
  StreamId.effect(pending.ms, pending.seq);
  Effects.text("TIME");
  Effects.integer(pending.timeMs);
  Effects.text("RETRYCOUNT");
  Effects.integer(pending.deliveries);
  Effects.text("FORCE");
  Effects.text("JUSTID");
  Effects.text("LASTID");
  StreamId.effect(group.lastMs, group.lastSeq);
}

/** Logs how far a group is. */
export function logPosition(cmd: Command, keyArg: i32, group: Group): void {
  if (!Effects.isOn) return;
  cmd.effect(7);
  Effects.text("XGROUP");
  Effects.text("SETID");
  Effects.slice(cmd.arg(keyArg));
  Effects.bytes(group.name, group.nameLength);
  StreamId.effect(group.lastMs, group.lastSeq);
  Effects.text("ENTRIESREAD");
  Effects.integer(group.knownRead);
}
