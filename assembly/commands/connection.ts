// Connections: who is talking, in which protocol, to which database.

import { Keyspace } from "../keyspace/keyspace";
import { Integer } from "../algorithms/integer";
import { SessionFlag } from "../sessions/session";
import { Command } from "../execution/command";

/** PING [message] → PONG, or the message. */
export function ping(cmd: Command): void {
  const reply = cmd.reply;
  if (cmd.argc > 2) return cmd.failArity();
  if (cmd.session.has(SessionFlag.SUBSCRIBED) && !cmd.isResp3) {
    reply.array(2);
    reply.bulkText("pong");
    if (cmd.argc == 1) reply.bulk(0, 0);
    else reply.slice(cmd.arg(1));
    return;
  }
  if (cmd.argc == 1) reply.status("PONG");
  else reply.slice(cmd.arg(1));
}

/** ECHO message → the message. */
export function echo(cmd: Command): void {
  cmd.reply.slice(cmd.arg(1));
}

/** SELECT index: the database of this connection. */
export function select(cmd: Command): void {
  const index = cmd.integer(1);
  if (cmd.failed) return;
  if (index < 0 || index >= <i64>Keyspace.databaseCount)
    return cmd.fail("ERR DB index is out of range");
  cmd.session.db = Keyspace.database(<u32>index);
  cmd.reply.ok();
}
