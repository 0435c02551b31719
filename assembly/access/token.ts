// Logging in with a token: a text that somebody signed who has the key. The engine only knows what one looks
// like; its host looks whether it is right, while the session waits, and says so with WADI.VERDICT.
//
//   AUTH token ─► WADI.TOKEN id token protocol name ─► host ─► WADI.VERDICT id … ─► the reply to AUTH

import { Integer } from "../algorithms/integer";
import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Clock } from "../memory/clock";
import { Slice } from "../memory/slice";
import { Text } from "../memory/text";
import { Command } from "../execution/command";
import { Execute } from "../execution/execute";
import { Known } from "../execution/known";
import { Keyspace } from "../keyspace/keyspace";
import { Session } from "../sessions/session";
import { AccessLog, DenialContext } from "./access-log";
import { Draft } from "./draft";
import { Fault } from "./fault";
import { Login } from "./login";
import { Denial } from "./permission";
import { User, UserFlag } from "./user";
import { Users } from "./users";

/** What the host is told: five slices, then the name of the command and the two numbers as text. */
const question: usize = memory.data(40 + 16 + 32 + 8, 8);
const QUESTION: i32 = 5;
const texts: usize = question + 40;
const WHO: usize = memory.data<u8>([40, 116, 111, 107, 101, 110, 41]);
const WHO_LENGTH: u32 = 7;

export class Token {
  /** Whether a secret is to be looked at as a token: there is a key, and it is no password of the default user. */
  static isOne(secret: Slice): bool {
    if (!Config.tokenKey.length || !looksSigned(secret)) return false;
    const user = Users.defaultUser;
    return user.has(UserFlag.NO_PASSWORD) || !user.accepts(secret.ptr, secret.len);
  }

  /** Asks the host about a token, for AUTH (protocol 0) or for HELLO; the session waits. */
  static ask(cmd: Command, token: Slice, protocol: u32, name: Slice | null): void {
    put(0, texts, Bytes.put(texts, "wadi.token"));
    put(1, texts + 16, Integer.format(cmd.session.id, texts + 16));
    put(2, token.ptr, token.len);
    put(3, texts + 48, Integer.format(protocol, texts + 48));
    put(4, name ? name.ptr : texts, name ? name.len : 0);
    Execute.ask(cmd, Known.token, question, QUESTION);
  }

  /** Notes that a token was refused. */
  static deny(session: Session): void {
    AccessLog.add(
      session,
      Denial.LOGIN,
      DenialContext.TOP_LEVEL,
      texts,
      Bytes.put(texts, "auth"),
      WHO,
      WHO_LENGTH,
    );
  }

  /**
   * Logs a session in as a token says: as a user, or as one of its own with the given rules. False when there is
   * no such user or database, a rule is wrong, or its time is over.
   */
  static grant(
    session: Session,
    db: i64,
    endsMs: i64,
    name: Slice,
    hasRules: bool,
    rules: usize,
    count: i32,
  ): bool {
    if (db < 0 || db >= <i64>Keyspace.databaseCount || endsMs <= Clock.nowMs) return false;
    let user: User | null;
    if (hasRules) {
      user = Token.make(name, rules, count);
      if (!user) return false;
    } else {
      user = Users.find(name.ptr, name.len);
      if (!user || !user.has(UserFlag.ON)) return false;
    }
    session.db = Keyspace.database(<u32>db);
    Login.becomeUntil(session, user, endsMs);
    return true;
  }

  /** A user of a session's own. */
  private static make(name: Slice, rules: usize, count: i32): User | null {
    if (!Text.isPrintable(name.ptr, name.len) || Draft.unmatched(rules, count) >= 0) return null;
    const user = name.len ? User.create(name.ptr, name.len) : User.create(WHO, WHO_LENGTH);
    const fault = Draft.apply(user, rules, count);
    Draft.finish();
    user.flags |= UserFlag.UNNAMED;
    if (fault == Fault.NONE) return user;
    user.dispose();
    return null;
  }
}

function put(index: i32, ptr: usize, length: u32): void {
  const slice = changetype<Slice>(question + ((<usize>index) << 3));
  slice.ptr = <u32>ptr;
  slice.len = length;
}

/** Whether a text has three parts with points between them, and begins as a JSON object does in base64. */
function looksSigned(text: Slice): bool {
  if (text.len < 16 || load<u16>(text.ptr) != 0x7965 || load<u8>(text.ptr + 2) != 74) return false;
  let points = 0;
  for (let at: usize = text.ptr; at < text.end; at++) {
    const byte: u32 = load<u8>(at);
    const isLetter = (byte | 32) - 97 < 26 || byte - 48 < 10 || byte == 45 || byte == 95;
    if (byte == 46) points++;
    else if (!isLetter) return false;
  }
  return points == 2;
}
