import { Command, Errors } from "./command";
import { commandInfo } from "./info";

/** Replies the help of a container command: its heading, the lines of `text`, and HELP itself. */
export function replyHelp(cmd: Command, text: string): void {
  const reply = cmd.reply;
  const parent = cmd.info.parent < 0 ? cmd.info : commandInfo(cmd.info.parent);
  const mark = reply.mark();
  Errors.begin();
  Errors.upper(parent.name, parent.nameLength);
  Errors.text(" <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  Errors.sendStatus(reply);
  let lines: u32 = 3;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && load<u16>(changetype<usize>(text) + (i << 1)) != 10) continue;
    Errors.begin();
    Errors.part(text, start, i);
    Errors.sendStatus(reply);
    start = i + 1;
    lines++;
  }
  reply.status("HELP");
  reply.status("    Print this help.");
  reply.closeArray(mark, lines);
}
