// MODULE: there are none, and none can be loaded. Who may ask is what `enable-module-command` says.

import { Config, EnableModuleCommand } from "../generated/config";
import { SessionKind } from "../sessions/session";
import { Command } from "../execution/command";

/** MODULE LIST → no modules. */
export function moduleList(cmd: Command): void {
  cmd.reply.array(0);
}

/** MODULE LOAD path [arg …] */
export function moduleLoad(cmd: Command): void {
  if (isAllowed(cmd)) cmd.fail("ERR Error loading the extension. Please check the server logs.");
}

/** MODULE LOADEX path [CONFIG name value …] [ARGS arg …] */
export function moduleLoadex(cmd: Command): void {
  moduleLoad(cmd);
}

/** MODULE UNLOAD name */
export function moduleUnload(cmd: Command): void {
  if (isAllowed(cmd)) cmd.fail("ERR Error unloading module: no such module with that name");
}

function isAllowed(cmd: Command): bool {
  const rule = Config.enableModuleCommand;
  if (
    cmd.session.kind == SessionKind.INTERNAL ||
    rule == EnableModuleCommand.YES ||
    (rule == EnableModuleCommand.LOCAL && cmd.session.isLocal)
  )
    return true;
  cmd.fail(
    'ERR MODULE command not allowed. If the enable-module-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
  );
  return false;
}
