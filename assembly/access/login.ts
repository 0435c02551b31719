// How a session becomes a user's.

import { Slice } from "../memory/slice";
import { TextBuffer } from "../protocol/text-buffer";
import { Access } from "../sessions/access";
import { Describe } from "../sessions/describe";
import { Session, SessionFlag } from "../sessions/session";
import { Command } from "../execution/command";
import { AccessGate } from "./gate";
import { AccessLog } from "./access-log";
import { Denial } from "./permission";
import { User, UserFlag } from "./user";
import { Users } from "./users";
import { DescribeUser } from "./describe-user";
import { RuleText } from "./rule-text";

const number: usize = memory.data(8, 8);

/** How a parked session names its user: by the name, or by the rules that it alone had. */
const SHARED: u32 = 1;
const OWN: u32 = 2;

export class Login {
  static boot(): void {
    Access.leaveHook = leave.index;
    Access.parkHook = park.index;
    Access.unparkHook = unpark.index;
    Describe.userHook = describe.index;
  }

  /** Logs a session in with a password; replies the error and notes it when that is wrong. */
  static withPassword(cmd: Command, name: usize, nameLen: u32, secret: Slice): bool {
    const user = Users.find(name, nameLen);
    // Who does not exist takes as long as who has another password.
    const isRight = (user ? user : Users.defaultUser).accepts(secret.ptr, secret.len);
    if (user && isRight) {
      Login.become(cmd.session, user);
      return true;
    }
    Login.deny(cmd, name, nameLen);
    cmd.fail("WRONGPASS invalid username-password pair or user is disabled.");
    return false;
  }

  /** Notes that somebody tried to log in. */
  static deny(cmd: Command, name: usize, nameLen: u32): void {
    const word = cmd.arg(0);
    AccessLog.add(
      Command.outermost.session,
      Denial.LOGIN,
      AccessGate.contextOf(cmd.session),
      word.ptr,
      word.len,
      name,
      nameLen,
    );
  }

  /** A session acts as a user from now on. */
  static become(session: Session, user: User): void {
    Access.leave(session);
    Users.assign(session, user);
    session.add(SessionFlag.AUTHENTICATED);
  }

  /** As `become`, until a time (0: for good); an unnamed user is the session's own, and goes with its login. */
  static becomeUntil(session: Session, user: User, endsMs: i64): void {
    Access.leave(session);
    session.add(SessionFlag.AUTHENTICATED | SessionFlag.OWN_LOGIN);
    session.loginEndsMs = endsMs;
    if (endsMs) Access.endsAt(endsMs);
    Users.assign(session, user);
  }
}

/** Ends a login that was a session's own. */
function leave(session: Session): void {
  const user = User.of(session);
  session.drop(SessionFlag.OWN_LOGIN);
  session.loginEndsMs = 0;
  Users.assign(session, Users.defaultUser);
  if (user && user.has(UserFlag.UNNAMED)) user.dispose();
}

function describe(session: Session): void {
  const user = User.of(session);
  if (!user) return TextBuffer.text("(superuser)");
  TextBuffer.bytes(user.name.bytes, user.name.length);
}

// ── parked sessions: kind u8 │ name length u32, bytes │ rules length u32, bytes │ end ms i64 ──

function park(session: Session): void {
  const user = changetype<User>(session.user);
  const isOwn = user.has(UserFlag.UNNAMED);
  TextBuffer.char(isOwn ? OWN : SHARED);
  put32(user.name.length);
  TextBuffer.bytes(user.name.bytes, user.name.length);
  const at = TextBuffer.length;
  put32(0);
  if (isOwn) DescribeUser.rules(user);
  store<u32>(TextBuffer.pointer + at, TextBuffer.length - at - 4);
  store<i64>(number, session.loginEndsMs);
  TextBuffer.bytes(number, 8);
}

function put32(value: u32): void {
  store<u32>(number, value);
  TextBuffer.bytes(number, 4);
}

/** Whether the session may go on as who it was. */
function unpark(
  session: Session,
  kind: u32,
  name: usize,
  nameLen: u32,
  rules: usize,
  rulesLen: u32,
  endsMs: i64,
): bool {
  let user: User | null;
  if (kind == OWN) {
    user = User.create(name, nameLen);
    user.flags |= UserFlag.UNNAMED;
    if (RuleText.apply(user, rules, rulesLen)) {
      user.dispose();
      return false;
    }
  } else {
    user = Users.find(name, nameLen);
    if (!user) return false;
  }
  if (endsMs || kind == OWN) Login.becomeUntil(session, user, endsMs);
  else Login.become(session, user);
  return true;
}
