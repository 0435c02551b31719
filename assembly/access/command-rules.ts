// Rules of a selector that are about commands: `+get`, `-@write`, `+config|get`, `+select|0`.
//
// A rule sets bits, and is kept as a text. A text that a later one makes meaningless goes: the one that says
// the same or the contrary of the same name, and those of the name's subcommands.
//
// A command that Redis has and this engine has not can be named too: nobody can run it, but the rules of an
// existing configuration stay what they are.

import {
  ABSENT_NAMES,
  CATEGORY_NAMES,
  COMMAND_COUNT,
  commandInfo,
  CommandInfo,
  findOriginal,
  findSubcommand,
  Names,
} from "../execution/info";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Fault } from "./fault";
import { Selector } from "./selector";
import { Splitter } from "./splitter";

export const PLUS: u32 = 43;
export const MINUS: u32 = 45;
const AT: u32 = 64;
const BAR: u32 = 124;

export class CommandRules {
  /** Applies a rule that begins with a sign. */
  static apply(selector: Selector, rule: usize, length: u32): Fault {
    const sign: u32 = load<u8>(rule);
    const name = rule + 1;
    const size = length - 1;
    if (size && load<u8>(name) == AT) return CommandRules.applyCategory(selector, sign, name, size);
    if (Names.find(ABSENT_NAMES, name, size) >= 0) {
      CommandRules.keep(selector, sign, name, size);
      return Fault.NONE;
    }
    const bar = CommandRules.lastBar(name, size);
    if (sign == PLUS && bar) return CommandRules.allowPart(selector, name, size, bar);
    const info = CommandRules.look(name, size);
    if (!info) return Fault.UNKNOWN_COMMAND;
    CommandRules.set(selector, info, sign == PLUS);
    CommandRules.keep(selector, sign, name, size);
    return Fault.NONE;
  }

  /** The command of a name, or the subcommand of `parent|name`; whatever it was renamed to. */
  static look(name: usize, length: u32): CommandInfo | null {
    const bar = Bytes.indexOf(name, name + length, BAR);
    const number = findOriginal(name, bar ? <u32>(bar - name) : length);
    if (number < 0) return null;
    if (!bar) return commandInfo(number);
    const child = findSubcommand(number, bar + 1, <u32>(name + length - bar - 1));
    return child < 0 ? null : commandInfo(child);
  }

  private static lastBar(name: usize, length: u32): usize {
    for (let at = name + length; at > name; at--) if (load<u8>(at - 1) == BAR) return at - 1;
    return 0;
  }

  /** `+container|subcommand`, or `+command|argument`. */
  private static allowPart(selector: Selector, name: usize, length: u32, bar: usize): Fault {
    const info = CommandRules.look(name, <u32>(bar - name));
    if (!info) return Fault.UNKNOWN_COMMAND;
    if (info.parent >= 0) return Fault.ARGUMENT_OF_SUBCOMMAND;
    const part = bar + 1;
    const partLength = <u32>(name + length - part);
    // What has a blank could not be told apart from two rules, where users are read from a text.
    if (!partLength || Splitter.hasBlank(part, partLength)) return Fault.SYNTAX;
    if (info.childCount) {
      const child = findSubcommand(info.number, part, partLength);
      if (child < 0) return Fault.UNKNOWN_COMMAND;
      CommandRules.set(selector, commandInfo(child), true);
    } else if (!CommandRules.allowsFirst(selector, info.number, part, partLength)) {
      selector.firstArguments.add(info.number, part, partLength);
    }
    CommandRules.keep(selector, PLUS, name, length);
    return Fault.NONE;
  }

  /** Whether the command may be called with this first argument. */
  static allowsFirst(selector: Selector, number: u32, ptr: usize, length: u32): bool {
    let word = selector.firstArguments.first;
    while (word) {
      if (
        word.mark == number &&
        word.length == length &&
        Bytes.equalFolded(word.bytes, ptr, length)
      )
        return true;
      word = word.next;
    }
    return false;
  }

  private static applyCategory(selector: Selector, sign: u32, name: usize, length: u32): Fault {
    const bit = Names.find(CATEGORY_NAMES, name + 1, length - 1);
    if (bit < 0) return Fault.UNKNOWN_COMMAND;
    const mask: u32 = 1 << bit;
    for (let number = 0; number < COMMAND_COUNT; number++) {
      const info = commandInfo(number);
      if (info.categories & mask) CommandRules.set(selector, info, sign == PLUS);
    }
    CommandRules.keep(selector, sign, name, length);
    return Fault.NONE;
  }

  /** A command with all its subcommands. */
  private static set(selector: Selector, info: CommandInfo, on: bool): void {
    selector.set(info.number, on);
    for (let i: u32 = 0; i < info.childCount; i++) selector.set(<u32>info.firstChild + i, on);
    const list = selector.firstArguments;
    let word = list.first;
    while (word) {
      const next = word.next;
      if (word.mark == <u32>info.number) list.remove(word);
      word = next;
    }
  }

  /** Keeps the text of a rule, in lower case, and drops those that it makes meaningless. */
  private static keep(selector: Selector, sign: u32, name: usize, length: u32): void {
    const lower = Heap.alloc(length);
    for (let i: u32 = 0; i < length; i++) store<u8>(lower + i, Bytes.lower(load<u8>(name + i)));
    const rules = selector.rules;
    let word = rules.first;
    while (word) {
      const next = word.next;
      const isOver =
        word.length >= length &&
        Bytes.equal(word.bytes, lower, length) &&
        (word.length == length || load<u8>(word.bytes + length) == BAR);
      if (isOver) rules.remove(word);
      word = next;
    }
    rules.add(sign, lower, length);
    Heap.free(lower);
  }
}
