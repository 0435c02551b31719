// Whether a user may run a command: the command itself, each key among its arguments, each channel.

import { Slice } from "../memory/slice";
import { Command } from "../execution/command";
import { CommandInfo, Flag, KeyFlag } from "../execution/info";
import { Keys } from "../execution/keys";
import { Known } from "../execution/known";
import { Session } from "../sessions/session";
import { CommandRules } from "./command-rules";
import { KeyPermission, Selector, SelectorFlag } from "./selector";
import { User } from "./user";

/** What is denied; of two, the larger is told. */
export const enum Denial {
  NONE = 0,
  COMMAND = 1,
  KEY = 2,
  /** No verdict on a command: who failed to log in. */
  LOGIN = 3,
  CHANNEL = 4,
}

export class Permission {
  /** The argument that the last denial is about. */
  static argument: i32 = 0;
  private static ranges: i32 = -1;

  /** The verdict on a command; its name is argument 0, and its arity was checked. */
  static check(user: User, info: CommandInfo, argv: usize, argc: i32): Denial {
    let denial = Denial.COMMAND;
    let argument = 0;
    Permission.ranges = -1;
    let nextAt: Selector | null = user.root;
    while (nextAt) {
      const at = nextAt;
      nextAt = at.next;
      Permission.argument = 0;
      const result = Permission.ask(at, info, argv, argc);
      if (result == Denial.NONE) return Denial.NONE;
      if (result < denial || (result == denial && Permission.argument <= argument)) continue;
      denial = result;
      argument = Permission.argument;
    }
    Permission.argument = argument;
    return denial;
  }

  /** As `check`, for the user of a session; a session of nobody may do all. */
  static checkFor(session: Session, info: CommandInfo, argv: usize, argc: i32): Denial {
    const user = User.of(session);
    return user ? Permission.check(user, info, argv, argc) : Denial.NONE;
  }

  /** Whether a command may be run by its user, who may also read any key besides. */
  static readsAnyKey(cmd: Command): bool {
    const user = User.of(cmd.session);
    if (!user) return true;
    Permission.ranges = -1;
    let nextAt: Selector | null = user.root;
    while (nextAt) {
      const at = nextAt;
      nextAt = at.next;
      if (!at.allowsAnyKey(KeyPermission.READ)) continue;
      if (Permission.ask(at, cmd.info, cmd.arguments, cmd.argc) == Denial.NONE) return true;
    }
    return false;
  }

  private static ask(selector: Selector, info: CommandInfo, argv: usize, argc: i32): Denial {
    if (!Permission.allowsCommand(selector, info, argv, argc)) return Denial.COMMAND;
    if (!selector.has(SelectorFlag.ALL_KEYS) && !Permission.allowsKeys(selector, info, argv, argc))
      return Denial.KEY;
    if (
      !selector.has(SelectorFlag.ALL_CHANNELS) &&
      !Permission.allowsChannels(selector, info, argv, argc)
    )
      return Denial.CHANNEL;
    return Denial.NONE;
  }

  private static allowsCommand(
    selector: Selector,
    info: CommandInfo,
    argv: usize,
    argc: i32,
  ): bool {
    if (info.has(Flag.NO_AUTH) || selector.allows(info.number)) return true;
    if (!selector.firstArguments.first || argc < 2) return false;
    const first = changetype<Slice>(argv + 8);
    return CommandRules.allowsFirst(selector, info.number, first.ptr, first.len);
  }

  private static allowsKeys(selector: Selector, info: CommandInfo, argv: usize, argc: i32): bool {
    if (Permission.hasOneKey(info) && argc > info.firstKey) {
      Permission.argument = info.firstKey;
      return Permission.allowsKey(selector, info.keySpec(0).flags, argv, info.firstKey);
    }
    // They are looked for once, whatever the number of selectors.
    if (Permission.ranges < 0) {
      Permission.ranges = info.keySpecCount ? <i32>Keys.find(info, argv, argc) : 0;
    }
    for (let i = 0; i < Permission.ranges; i++) {
      const range = Keys.range(i);
      for (let at = range.first; at <= range.last; at += range.step) {
        if (Permission.allowsKey(selector, range.flags, argv, at)) continue;
        Permission.argument = at;
        return false;
      }
    }
    return true;
  }

  /** Whether a command has just one key, always at the same place, and the same happens to it always. */
  @inline private static hasOneKey(info: CommandInfo): bool {
    if (info.keySpecCount != 1 || info.firstKey <= 0 || info.lastKey != info.firstKey) return false;
    const flags = info.keySpec(0).flags;
    return !(flags & (KeyFlag.VARIABLE_FLAGS | KeyFlag.INCOMPLETE | KeyFlag.NOT_KEY));
  }


  @inline private static allowsKey(selector: Selector, flags: u32, argv: usize, at: i32): bool {
    const key = changetype<Slice>(argv + ((<usize>at) << 3));
    return selector.allowsKey(Permission.needed(flags), key.ptr, key.len);
  }

  /** What a key's flags ask for. */
  @inline private static needed(flags: u32): u32 {
    const reads = flags & KeyFlag.ACCESS ? KeyPermission.READ : 0;
    const writes = flags & (KeyFlag.INSERT | KeyFlag.UPDATE | KeyFlag.DELETE);
    return writes ? reads | KeyPermission.WRITE : reads;
  }

  private static allowsChannels(
    selector: Selector,
    info: CommandInfo,
    argv: usize,
    argc: i32,
  ): bool {
    const number = <i32>info.number;
    let last = argc - 1;
    if (number == Known.publish || number == Known.spublish) last = 1;
    else if (number != Known.subscribe && number != Known.psubscribe && number != Known.ssubscribe)
      return true;
    for (let i = 1; i <= last; i++) {
      const name = changetype<Slice>(argv + ((<usize>i) << 3));
      if (selector.allowsChannel(number == Known.psubscribe, name.ptr, name.len)) continue;
      Permission.argument = i;
      return false;
    }
    return true;
  }
}
