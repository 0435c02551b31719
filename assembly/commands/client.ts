// CLIENT: the connections, seen from one of them.

import { Integer } from "../algorithms/integer";
import { Clock } from "../memory/clock";
import { Slice } from "../memory/slice";
import { Text } from "../memory/text";
import { Bytes } from "../memory/bytes";
import { TextBuffer } from "../protocol/text-buffer";
import { User } from "../access/user";
import { Users } from "../access/users";
import { Describe } from "../sessions/describe";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Command, Errors } from "../execution/command";
import { Pause } from "../execution/pause";
import { Waiting } from "../execution/waiting";

/** CLIENT ID → the number of this connection. */
export function clientId(cmd: Command): void {
  cmd.reply.integer(cmd.session.id);
}

/** CLIENT GETNAME → the connection's name, or nil. */
export function clientGetname(cmd: Command): void {
  const name = cmd.session.name;
  if (name.length) cmd.reply.bulk(name.bytes, name.length);
  else cmd.reply.nil();
}

/** CLIENT SETNAME name */
export function clientSetname(cmd: Command): void {
  const name = cmd.arg(2);
  if (!Text.isPrintable(name.ptr, name.len)) {
    return cmd.fail("ERR Client names cannot contain spaces, newlines or special characters.");
  }
  cmd.session.name.dispose();
  cmd.session.name = Text.of(name.ptr, name.len);
  cmd.reply.ok();
}

/** CLIENT SETINFO LIB-NAME name | LIB-VER version */
export function clientSetinfo(cmd: Command): void {
  const session = cmd.session;
  const value = cmd.arg(3);
  const isName = cmd.is(2, "lib-name");
  if (!isName && !cmd.is(2, "lib-ver")) return failOption(cmd, 2);
  if (!Text.isPrintable(value.ptr, value.len)) {
    return cmd.fail(
      isName
        ? "ERR lib-name cannot contain spaces, newlines or special characters."
        : "ERR lib-ver cannot contain spaces, newlines or special characters.",
    );
  }
  const text = Text.of(value.ptr, value.len);
  if (isName) {
    session.libraryName.dispose();
    session.libraryName = text;
  } else {
    session.libraryVersion.dispose();
    session.libraryVersion = text;
  }
  cmd.reply.ok();
}

function failOption(cmd: Command, index: i32): void {
  Errors.begin();
  Errors.text("ERR Unrecognized option '");
  Errors.bytes(cmd.arg(index).ptr, cmd.arg(index).len);
  Errors.text("'");
  Errors.send(cmd.reply);
}

/** CLIENT INFO → the line of this connection. */
export function clientInfo(cmd: Command): void {
  TextBuffer.begin();
  Describe.line(cmd.session);
  TextBuffer.char(10);
  replyText(cmd);
}

/** CLIENT LIST [TYPE type] [ID id …] → a line for each connection. */
export function clientList(cmd: Command): void {
  let kind: u32 = ANY_TYPE;
  let firstId = 0;
  if (cmd.argc > 2) {
    if (cmd.argc == 4 && cmd.is(2, "type")) {
      kind = typeNamed(cmd, 3);
      if (cmd.failed) return;
    } else if (cmd.argc > 3 && cmd.is(2, "id")) {
      firstId = 3;
      for (let i = 3; i < cmd.argc; i++) {
        if (!Integer.parse(cmd.arg(i).ptr, cmd.arg(i).len)) {
          return cmd.fail("ERR Invalid client ID");
        }
      }
    } else {
      return cmd.failSyntax();
    }
  }
  TextBuffer.begin();
  if (firstId) {
    for (let i = firstId; i < cmd.argc; i++) {
      Integer.parse(cmd.arg(i).ptr, cmd.arg(i).len);
      const session = Sessions.byId(Integer.value);
      if (session && session.kind != SessionKind.INTERNAL) addLine(session);
    }
  } else {
    let session = Sessions.first;
    while (session) {
      if (session.kind <= <u32>SessionKind.MASTER && (kind == ANY_TYPE || typeOf(session) == kind))
        addLine(session);
      session = session.next;
    }
  }
  replyText(cmd);
}

function addLine(session: Session): void {
  Describe.line(session);
  TextBuffer.char(10);
}

function replyText(cmd: Command): void {
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

const NORMAL: u32 = 0;
const REPLICA: u32 = 1;
const PUBSUB: u32 = 2;
const MASTER: u32 = 3;
const ANY_TYPE: u32 = 4;

function typeOf(session: Session): u32 {
  if (session.kind == SessionKind.MASTER) return MASTER;
  if (session.kind == SessionKind.REPLICA && !session.has(SessionFlag.MONITOR)) return REPLICA;
  return session.has(SessionFlag.SUBSCRIBED) ? PUBSUB : NORMAL;
}

function typeNamed(cmd: Command, index: i32): u32 {
  if (cmd.is(index, "normal")) return NORMAL;
  if (cmd.is(index, "replica") || cmd.is(index, "slave")) return REPLICA;
  if (cmd.is(index, "pubsub")) return PUBSUB;
  if (cmd.is(index, "master")) return MASTER;
  Errors.begin();
  Errors.text("ERR Unknown client type '");
  Errors.bytes(cmd.arg(index).ptr, cmd.arg(index).len);
  Errors.text("'");
  Errors.send(cmd.reply);
  cmd.failed = true;
  return ANY_TYPE;
}

/** What CLIENT KILL looks for; a filter that is not given lets all pass. */
class Filter {
  static id: u64 = 0;
  static type: u32 = ANY_TYPE;
  static address: Slice | null = null;
  static localAddress: Slice | null = null;
  static user: User | null = null;
  static maxAge: i64 = 0;
  static skipsMe: bool = true;

  static read(cmd: Command): bool {
    Filter.id = 0;
    Filter.type = ANY_TYPE;
    Filter.address = null;
    Filter.localAddress = null;
    Filter.user = null;
    Filter.maxAge = 0;
    Filter.skipsMe = true;
    for (let i = 2; i < cmd.argc; i += 2) {
      if (i + 1 == cmd.argc) return fails(cmd);
      const value = cmd.arg(i + 1);
      if (cmd.is(i, "id")) {
        Filter.id = cmd.integerIn(
          i + 1,
          1,
          i64.MAX_VALUE,
          "ERR client-id should be greater than 0",
        );
      } else if (cmd.is(i, "type")) {
        Filter.type = typeNamed(cmd, i + 1);
      } else if (cmd.is(i, "addr")) {
        Filter.address = value;
      } else if (cmd.is(i, "laddr")) {
        Filter.localAddress = value;
      } else if (cmd.is(i, "user")) {
        Filter.user = Users.find(value.ptr, value.len);
        if (!Filter.user) {
          Errors.begin();
          Errors.text("ERR No such user '");
          Errors.bytes(value.ptr, value.len);
          Errors.text("'");
          Errors.send(cmd.reply);
          return false;
        }
      } else if (cmd.is(i, "maxage")) {
        Filter.maxAge = cmd.integerIn(
          i + 1,
          1,
          i64.MAX_VALUE,
          "ERR maxage should be greater than 0",
        );
      } else if (cmd.is(i, "skipme")) {
        if (cmd.is(i + 1, "yes")) Filter.skipsMe = true;
        else if (cmd.is(i + 1, "no")) Filter.skipsMe = false;
        else return fails(cmd);
      } else {
        return fails(cmd);
      }
      if (cmd.failed) return false;
    }
    return true;
  }

  static matches(session: Session, me: Session): bool {
    if (session.kind > <u32>SessionKind.MASTER) return false;
    if (Filter.id && session.id != Filter.id) return false;
    if (Filter.user && User.of(session) != Filter.user) return false;
    if (Filter.type != ANY_TYPE && typeOf(session) != Filter.type) return false;
    if (
      !isText(session.address, Filter.address) ||
      !isText(session.localAddress, Filter.localAddress)
    )
      return false;
    if (Filter.maxAge && (Clock.nowMs - session.createdMs) / 1000 < Filter.maxAge) return false;
    return !(Filter.skipsMe && session == me);
  }
}

function fails(cmd: Command): bool {
  cmd.failSyntax();
  return false;
}

function isText(text: Text, wanted: Slice | null): bool {
  return !wanted || (text.length == wanted.len && Bytes.equal(text.bytes, wanted.ptr, wanted.len));
}

/** CLIENT KILL address | filter value … → OK, or how many were closed. */
export function clientKill(cmd: Command): void {
  const isOldForm = cmd.argc == 3;
  if (isOldForm) {
    Filter.id = 0;
    Filter.type = ANY_TYPE;
    Filter.address = cmd.arg(2);
    Filter.localAddress = null;
    Filter.user = null;
    Filter.maxAge = 0;
    Filter.skipsMe = false;
  } else if (!Filter.read(cmd)) {
    return;
  }
  const me = cmd.session;
  let killed = 0;
  let session = Sessions.first;
  while (session) {
    if (Filter.matches(session, me)) {
      Sessions.requestClose(session, session != me);
      killed++;
    }
    session = session.next;
  }
  if (!isOldForm) cmd.reply.integer(killed);
  else if (killed) cmd.reply.ok();
  else cmd.fail("ERR No such client");
}

/** CLIENT REPLY ON | OFF | SKIP */
export function clientReply(cmd: Command): void {
  const session = cmd.session;
  if (cmd.is(2, "on")) {
    session.drop(SessionFlag.REPLY_OFF | SessionFlag.REPLY_SKIP_NEXT);
    cmd.reply.ok();
  } else if (cmd.is(2, "off")) {
    session.add(SessionFlag.REPLY_OFF);
  } else if (cmd.is(2, "skip")) {
    if (!session.has(SessionFlag.REPLY_OFF)) session.add(SessionFlag.REPLY_SKIP_NEXT);
  } else {
    cmd.failSyntax();
  }
}

/** CLIENT PAUSE milliseconds [WRITE | ALL] */
export function clientPause(cmd: Command): void {
  let writesOnly = false;
  if (cmd.argc == 4) {
    if (cmd.is(3, "write")) writesOnly = true;
    else if (!cmd.is(3, "all")) return cmd.fail("ERR CLIENT PAUSE mode must be WRITE or ALL");
  }
  const text = cmd.arg(2);
  if (!Integer.parse(text.ptr, text.len))
    return cmd.fail("ERR timeout is not an integer or out of range");
  const timeoutMs = Integer.value;
  if (timeoutMs < 0) return cmd.fail("ERR timeout is negative");
  if (timeoutMs > i64.MAX_VALUE - Clock.nowMs) return cmd.fail("ERR timeout is out of range");
  Pause.begin(Clock.nowMs + timeoutMs, writesOnly);
  cmd.reply.ok();
}

function failUsage(cmd: Command): void {
  Errors.begin();
  Errors.text("ERR unknown subcommand or wrong number of arguments for '");
  Errors.bytes(cmd.arg(1).ptr, min<u32>(cmd.arg(1).len, 128));
  Errors.text("'. Try CLIENT HELP.");
  Errors.send(cmd.reply);
}

/** CLIENT UNBLOCK id [TIMEOUT | ERROR] → 1 if the connection waited. */
export function clientUnblock(cmd: Command): void {
  let withError = false;
  if (cmd.argc > 4) return failUsage(cmd);
  if (cmd.argc == 4) {
    withError = cmd.is(3, "error");
    if (!withError && !cmd.is(3, "timeout")) {
      return cmd.fail("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    }
  }
  const id = cmd.integer(2);
  if (cmd.failed) return;
  const session = Sessions.byId(id);
  cmd.reply.integer(session && Waiting.unblock(session, withError) ? 1 : 0);
}

/** CLIENT UNPAUSE */
export function clientUnpause(cmd: Command): void {
  Pause.end();
  cmd.reply.ok();
}

/** CLIENT NO-EVICT ON | OFF */
export function clientNoEvict(cmd: Command): void {
  setFlag(cmd, SessionFlag.NO_EVICT);
}

/** CLIENT NO-TOUCH ON | OFF */
export function clientNoTouch(cmd: Command): void {
  setFlag(cmd, SessionFlag.NO_TOUCH);
}

/** CLIENT CAPA capability …: what a client is able to do changes nothing here, and unknown words are no error. */
export function clientCapa(cmd: Command): void {
  cmd.reply.ok();
}

function setFlag(cmd: Command, flag: u32): void {
  if (cmd.is(2, "on")) cmd.session.add(flag);
  else if (cmd.is(2, "off")) cmd.session.drop(flag);
  else return cmd.failSyntax();
  cmd.reply.ok();
}
