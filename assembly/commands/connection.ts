// Connections: who is talking, in which protocol, to which database.

import { Integer } from "../algorithms/integer";
import { Keyspace } from "../keyspace/keyspace";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Text } from "../memory/text";
import { Login } from "../access/login";
import { UserFlag } from "../access/user";
import { Users } from "../access/users";
import { Token } from "../access/token";
import { Reply } from "../protocol/reply";
import { Access } from "../sessions/access";
import { Session, SessionFlag, Sessions } from "../sessions/session";
import { Command, Errors } from "../execution/command";
import { Lifecycle } from "../execution/lifecycle";
import { REDIS_VERSION } from "../settings/version";

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
  const index = cmd.integer32(1);
  if (cmd.failed) return;
  if (index < 0 || index >= <i64>Keyspace.databaseCount)
    return cmd.fail("ERR DB index is out of range");
  cmd.session.db = Keyspace.database(<u32>index);
  cmd.reply.ok();
}

/** QUIT → OK, and the connection is closed. */
export function quit(cmd: Command): void {
  cmd.reply.ok();
  cmd.session.add(SessionFlag.CLOSE_AFTER_REPLY);
}

/** RESET: the connection is as it was when it began. */
export function reset(cmd: Command): void {
  const session = cmd.session;
  Lifecycle.reset(session);
  cmd.reply.status("RESET");
}

/** AUTH [user] password */
export function auth(cmd: Command): void {
  if (cmd.argc > 3) return cmd.failSyntax();
  if (cmd.argc == 2) {
    if (Token.isOne(cmd.arg(1))) {
      Token.ask(cmd, cmd.arg(1), 0, null);
      return cmd.redact(1);
    }
    if (Users.defaultUser.has(UserFlag.NO_PASSWORD)) {
      cmd.redact(1);
      return cmd.fail(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
      );
    }
    const name = Users.defaultUser.name;
    if (Login.withPassword(cmd, name.bytes, name.length, cmd.arg(1))) cmd.reply.ok();
    return cmd.redact(1);
  }
  const user = cmd.arg(1);
  if (Users.isDefaultName(user.ptr, user.len) && Token.isOne(cmd.arg(2)))
    Token.ask(cmd, cmd.arg(2), 0, null);
  else if (Login.withPassword(cmd, user.ptr, user.len, cmd.arg(2))) cmd.reply.ok();
  cmd.redact(1);
  cmd.redact(2);
}

/** HELLO [protocol [AUTH user password] [SETNAME name]] → what this server is. */
export function hello(cmd: Command): void {
  const session = cmd.session;
  let protocol: i64 = session.protocol;
  if (cmd.argc >= 2) {
    const text = cmd.arg(1);
    if (!Integer.parse(text.ptr, text.len)) {
      return cmd.fail("ERR Protocol version is not an integer or out of range");
    }
    protocol = Integer.value;
    if (protocol < 2 || protocol > 3) return cmd.fail("NOPROTO unsupported protocol version");
  }
  let name: Slice | null = null;
  let authArg = 0;
  for (let i = 2; i < cmd.argc; i++) {
    if (cmd.is(i, "auth") && i + 2 < cmd.argc) {
      authArg = i + 1;
      i += 2;
    } else if (cmd.is(i, "setname") && i + 1 < cmd.argc) {
      name = cmd.arg(++i);
      if (!Text.isPrintable(name.ptr, name.len)) {
        return cmd.fail("ERR Client names cannot contain spaces, newlines or special characters.");
      }
    } else {
      Errors.begin();
      Errors.text("ERR Syntax error in HELLO option '");
      Errors.bytes(cmd.arg(i).ptr, cmd.arg(i).len);
      Errors.text("'");
      return Errors.send(cmd.reply);
    }
  }
  if (authArg) {
    const user = cmd.arg(authArg);
    const isToken = Users.isDefaultName(user.ptr, user.len) && Token.isOne(cmd.arg(authArg + 1));
    if (isToken) Token.ask(cmd, cmd.arg(authArg + 1), <u32>protocol, name);
    else Login.withPassword(cmd, user.ptr, user.len, cmd.arg(authArg + 1));
    cmd.redact(authArg);
    cmd.redact(authArg + 1);
    if (isToken || cmd.failed) return;
  }
  if (Access.needsPassword && !session.has(SessionFlag.AUTHENTICATED)) {
    return cmd.fail(
      "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
    );
  }
  greet(session, <u32>protocol, name);
}

/** What HELLO does once it is known who speaks. */
function greet(session: Session, protocol: u32, name: Slice | null): void {
  if (name) {
    session.name.dispose();
    session.name = Text.of(name.ptr, name.len);
  }
  session.protocol = protocol;
  const reply = changetype<Reply>(session);
  reply.map(7);
  reply.bulkText("server");
  reply.bulkText("redis");
  reply.bulkText("version");
  reply.bulkText(REDIS_VERSION);
  reply.bulkText("proto");
  reply.integer(protocol);
  reply.bulkText("id");
  reply.integer(session.id);
  reply.bulkText("mode");
  reply.bulkText("standalone");
  reply.bulkText("role");
  reply.bulkText("master");
  reply.bulkText("modules");
  reply.emptyArray();
}

/**
 * WADI.VERDICT id NO, or WADI.VERDICT id YES protocol client-name db end-ms USER|RULES name [rule …]: the host's
 * verdict on a token, which is the reply that the session waits for.
 */
export function verdict(cmd: Command): void {
  const id = cmd.integer(1);
  if (cmd.failed) return;
  const session = Sessions.byId(id);
  if (!session || !session.has(SessionFlag.AWAITS_HOST)) return cmd.fail("ERR No such client");
  if (cmd.is(2, "yes") && cmd.argc >= 9 && grant(cmd, session)) {
    const protocol = <u32>cmd.integer(3);
    const name = cmd.arg(4);
    if (protocol) greet(session, protocol, name.len ? name : null);
    else session.ok();
  } else {
    Token.deny(session);
    session.error("WRONGPASS invalid or expired token");
  }
  Lifecycle.answered(session);
  cmd.reply.ok();
}

function grant(cmd: Command, session: Session): bool {
  if (!Heap.hasRoom(<u64>cmd.inputBytes * 4 + 65536)) return false;
  const db = cmd.integer(5);
  const endsMs = cmd.failed ? 0 : cmd.integer(6);
  if (cmd.failed) return false;
  const rules = cmd.arguments + (9 << 3);
  return Token.grant(session, db, endsMs, cmd.arg(8), cmd.is(7, "rules"), rules, cmd.argc - 9);
}
