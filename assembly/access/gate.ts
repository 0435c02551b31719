// The check before a command of a session that may not do all: its verdict, the reply, the log.

import { Clock } from "../memory/clock";
import { Slice } from "../memory/slice";
import { Text } from "../memory/text";
import { Command, Errors } from "../execution/command";
import { Checks } from "../execution/checks";
import { Execute } from "../execution/execute";
import { Known } from "../execution/known";
import { Queue } from "../execution/transactions";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { AccessLog, DenialContext } from "./access-log";
import { Denial, Permission } from "./permission";
import { User } from "./user";

const fullName: usize = memory.data(128);

export class AccessGate {
  static boot(): void {
    Checks.access = mayRun.index;
  }

  /** Notes a denial of a command in the log. */
  static log(cmd: Command, denial: Denial, argument: i32): void {
    const user = changetype<User>(cmd.session.user).name;
    let object = fullName;
    let length: u32;
    if (denial == Denial.COMMAND) {
      Errors.begin();
      Errors.commandName(cmd.info);
      length = min<u32>(Errors.length, 128);
      memory.copy(fullName, Errors.pointer, length);
    } else {
      object = cmd.arg(argument).ptr;
      length = cmd.arg(argument).len;
    }
    AccessLog.add(
      Command.outermost.session,
      denial,
      AccessGate.contextOf(cmd.session),
      object,
      length,
      user.bytes,
      user.length,
    );
  }

  static contextOf(session: Session): DenialContext {
    if (session.kind == SessionKind.SCRIPT) return DenialContext.SCRIPT;
    return session.has(SessionFlag.MULTI) ? DenialContext.MULTI : DenialContext.TOP_LEVEL;
  }

  /** Writes why a command is denied; `named` is the key or channel, null where it stays untold. */
  static explain(cmd: Command, user: Text, denial: Denial, named: Slice | null): void {
    if (denial == Denial.COMMAND) {
      Errors.text("User ");
      Errors.bytes(user.bytes, user.length);
      Errors.text(" has no permissions to run the '");
      Errors.commandName(cmd.info);
      Errors.text("' command");
    } else if (!named) {
      Errors.text(
        denial == Denial.KEY
          ? "No permissions to access a key"
          : "No permissions to access a channel",
      );
    } else {
      Errors.text("User ");
      Errors.bytes(user.bytes, user.length);
      Errors.text(" has no permissions to access the '");
      Errors.bytes(named.ptr, named.len);
      Errors.text(denial == Denial.KEY ? "' key" : "' channel");
    }
  }
}

/** Whether the user of a session may run a command; replies and notes it otherwise. */
function mayRun(cmd: Command): bool {
  const session = cmd.session;
  const endsMs = session.loginEndsMs;
  if (endsMs && Clock.nowMs >= endsMs) {
    Sessions.requestClose(session, false);
    cmd.fail("NOAUTH Authentication required.");
    return false;
  }
  const user = User.of(session);
  if (!user) return true;
  const denial = Permission.check(user, cmd.info, cmd.arguments, cmd.argc);
  if (denial == Denial.NONE) return true;
  const argument = Permission.argument;
  AccessGate.log(cmd, denial, argument);
  Errors.begin();
  if (session.has(SessionFlag.IN_EXEC)) {
    Errors.text(
      "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: ",
    );
    Errors.text(reason(denial));
  } else {
    if (<i32>cmd.info.number == Known.exec) Execute.beginAbort();
    Errors.text(session.kind == SessionKind.SCRIPT ? "ERR ACL failure in script: " : "NOPERM ");
    AccessGate.explain(cmd, user.name, denial, null);
  }
  Errors.send(session);
  if (<i32>cmd.info.number == Known.exec) Queue.discard(session);
  cmd.failed = true;
  return false;
}

function reason(denial: Denial): string {
  if (denial == Denial.COMMAND) return "no permission to execute the command or subcommand";
  if (denial == Denial.KEY) return "no permission to touch the specified keys";
  return "no permission to access one of the channels used as arguments";
}
