// SCRIPT KILL and FUNCTION KILL: each ends what is of its own kind, unless it has written.

import { Command } from "../../execution/command";
import { Mode } from "../../execution/mode";
import { Overtime } from "../../scripting/overtime";
import { Script } from "../../scripting/script";

export function killScript(cmd: Command, isFunction: bool): void {
  if (!Overtime.isRunning) return cmd.fail("NOTBUSY No scripts in execution right now.");
  if (Script.hasWritten)
    return cmd.fail(
      "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.",
    );
  if (Overtime.isFunction != isFunction) return cmd.fail(Mode.busyText(Overtime.kind));
  Overtime.kill();
  cmd.reply.ok();
}
