// What the answers of COMMAND have in common: which commands clients see, and how names are written.

import { DocText } from "../../execution/docs";
import {
  CommandInfo,
  commandInfo,
  findCommand,
  findSubcommand,
  Flag,
  Names,
  TOP_COUNT,
} from "../../execution/info";
import { Bytes } from "../../memory/bytes";
import { Slice } from "../../memory/slice";
import { Reply } from "../../protocol/reply";

export class Listing {
  /** Whether clients see the command. */
  @inline static has(info: CommandInfo): bool {
    return !info.has(Flag.INTERNAL | Flag.REMOVED);
  }

  /** How many commands clients see, without subcommands. */
  static get count(): u32 {
    let count: u32 = 0;
    for (let number = 0; number < TOP_COUNT; number++)
      count += u32(Listing.has(commandInfo(number)));
    return count;
  }

  /** The number of the command of that name, a subcommand's as `parent|name`; or -1. */
  static find(name: Slice): i32 {
    const bar = Bytes.indexOf(name.ptr, name.end, 124);
    const length = bar ? <u32>(bar - name.ptr) : name.len;
    const number = findCommand(name.ptr, length);
    if (number < 0 || !Listing.has(commandInfo(number))) return -1;
    return bar ? findSubcommand(number, bar + 1, <u32>(name.end - bar - 1)) : number;
  }

  /** Writes the set of the words that some of the bits stand for; those without a word are left out. */
  static writeWords(reply: Reply, bits: u32, names: usize, prefix: string): void {
    const mark = reply.mark();
    let count: u32 = 0;
    for (let rest = bits; rest; rest &= rest - 1) {
      const name = Names.at(names, ctz(rest));
      if (!Names.lengthOf(name)) continue;
      reply.text(prefix);
      reply.raw(Names.textOf(name), Names.lengthOf(name));
      reply.text("\r\n");
      count++;
    }
    reply.closeSet(mark, count);
  }


  @inline static writeText(reply: Reply, text: DocText): void {
    reply.bulk(text.bytes, text.length);
  }
}
