// Who may log in. One user exists, `default`; its password is requirepass.

import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Text } from "../memory/text";
import { Session, SessionFlag } from "./session";

export class Access {
  static get needsPassword(): bool {
    return Config.requirepass.length != 0;
  }

  /** Whether there is such a user. */
  static exists(user: usize, userLen: u32): bool {
    return Bytes.is(user, userLen, "default");
  }

  /** Logs a session in; false for a wrong name or password. */
  static login(session: Session, user: usize, userLen: u32, secret: usize, secretLen: u32): bool {
    if (!Bytes.is(user, userLen, "default")) return false;
    if (Access.needsPassword && !Access.isSame(Config.requirepass, secret, secretLen)) return false;
    session.add(SessionFlag.AUTHENTICATED);
    return true;
  }

  /** Compares in a time that depends on the given secret's length only. */
  private static isSame(password: Text, secret: usize, secretLen: u32): bool {
    let difference = password.length ^ secretLen;
    for (let i: u32 = 0; i < secretLen; i++) {
      difference |=
        (<u32>load<u8>(secret + i)) ^ load<u8>(password.bytes + (i < password.length ? i : 0));
    }
    return difference == 0;
  }
}
