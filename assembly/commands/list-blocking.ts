// Lists: the commands that wait for an element when there is none.

import { Type } from "../keyspace/entry";
import { Effects } from "../persistence/effects";
import { End, Lists } from "../types/list";
import { Command } from "../execution/command";
import { Waiting } from "../execution/waiting";
import { endOf, listRemoved, moveElement, Pops } from "./shared/list-pop";
import { deadlineOf } from "./shared/timeout";

/** BLPOP key [key …] timeout → the first key that has a list, and its first element; nil after the time. */
export function blpop(cmd: Command): void {
  blockingPop(cmd, End.LEFT);
}

/** BRPOP key [key …] timeout → the first key that has a list, and its last element; nil after the time. */
export function brpop(cmd: Command): void {
  blockingPop(cmd, End.RIGHT);
}

function blockingPop(cmd: Command, end: End): void {
  const last = cmd.argc - 1;
  const deadline = deadlineOf(cmd, last);
  if (cmd.failed) return;
  for (let index = 1; index < last; index++) {
    if (!Waiting.isOffered(cmd, index)) continue;
    const entry = cmd.write(index, Type.LIST);
    if (cmd.failed) return;
    if (!entry) continue;
    cmd.reply.array(2);
    cmd.reply.slice(cmd.arg(index));
    Lists.reply(cmd.reply, Lists.peek(entry, end));
    Lists.drop(entry, end);
    listRemoved(cmd, index, entry, end, 1);
    cmd.effect(2);
    Effects.text(end == End.LEFT ? "LPOP" : "RPOP");
    Effects.slice(cmd.arg(index));
    return;
  }
  if (!Waiting.block(cmd, 1, last - 1, Type.LIST, deadline)) cmd.reply.nilArray();
}

/** BLMPOP timeout numkeys key [key …] LEFT | RIGHT [COUNT count] → the first key with a list, and elements. */
export function blmpop(cmd: Command): void {
  if (!Pops.read(cmd, 2)) return;
  const deadline = deadlineOf(cmd, 1);
  if (cmd.failed) return;
  for (let index = Pops.firstKey; index < Pops.firstKey + Pops.keys; index++) {
    if (Waiting.isOffered(cmd, index) && Pops.popFrom(cmd, index)) return;
  }
  if (!Waiting.block(cmd, Pops.firstKey, Pops.keys, Type.LIST, deadline)) cmd.reply.nilArray();
}

/** BLMOVE source destination LEFT | RIGHT LEFT | RIGHT timeout → the element that was moved. */
export function blmove(cmd: Command): void {
  const from = endOf(cmd, 3);
  if (cmd.failed) return;
  const to = endOf(cmd, 4);
  if (cmd.failed) return;
  const deadline = deadlineOf(cmd, 5);
  if (cmd.failed || !moveOrWait(cmd, from, to, deadline)) return;
  cmd.effect(5);
  Effects.text("LMOVE");
  for (let i = 1; i < 5; i++) Effects.slice(cmd.arg(i));
}

/** BRPOPLPUSH source destination timeout → the element that was moved. */
export function brpoplpush(cmd: Command): void {
  const deadline = deadlineOf(cmd, 3);
  if (cmd.failed || !moveOrWait(cmd, End.RIGHT, End.LEFT, deadline)) return;
  cmd.effect(3);
  Effects.text("RPOPLPUSH");
  Effects.slice(cmd.arg(1));
  Effects.slice(cmd.arg(2));
}

/** Whether an element was moved. */
function moveOrWait(cmd: Command, from: End, to: End, deadline: i64): bool {
  const entry = cmd.write(1, Type.LIST);
  if (cmd.failed) return false;
  if (entry) moveElement(cmd, entry, from, to);
  else if (!Waiting.block(cmd, 1, 1, Type.LIST, deadline)) cmd.reply.nil();
  return entry != null && !cmd.failed;
}
