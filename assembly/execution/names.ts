// The full name of a command: a subcommand's is `parent|name`.

import { Reply } from "../protocol/reply";
import { TextBuffer } from "../protocol/text-buffer";
import { CommandInfo, commandInfo } from "./info";

/** Appends it to the text buffer. */
export function writeCommandName(info: CommandInfo): void {
  if (info.parent >= 0) {
    const parent = commandInfo(info.parent);
    TextBuffer.bytes(parent.name, parent.nameLength);
    TextBuffer.char(124);
  }
  TextBuffer.bytes(info.name, info.nameLength);
}

/** Replies it as a bulk string. */
export function replyCommandName(reply: Reply, info: CommandInfo): void {
  if (info.parent < 0) return reply.bulk(info.name, info.nameLength);
  const parent = commandInfo(info.parent);
  reply.number(36, <u32>parent.nameLength + 1 + info.nameLength);
  reply.raw(parent.name, parent.nameLength);
  reply.text("|");
  reply.raw(info.name, info.nameLength);
  reply.text("\r\n");
}
