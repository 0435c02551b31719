// COMMAND: what the server tells of its commands. Their documentation is in introspect-docs.ts.

import { Glob } from "../algorithms/glob";
import { Command, Errors } from "../execution/command";
import { Docs, DocText } from "../execution/docs";
import {
  BeginSearch,
  CommandInfo,
  commandInfo as infoOf,
  findCommand,
  FindKeys,
  findSubcommand,
  Flag,
  KeySpec,
  Names,
  TOP_COUNT,
} from "../execution/info";
import { Keys } from "../execution/keys";
import { CATEGORY_NAMES, FLAG_NAMES, KEY_FLAG_NAMES } from "../generated/commands";
import { Slice } from "../memory/slice";
import { replyCommandName } from "../execution/names";
import { Reply } from "../protocol/reply";
import { Listing } from "./shared/listing";

// ── COMMAND, COMMAND INFO ────────────────────────────────────────────────────────────────────

/** COMMAND → what there is to know of every command. */
export function command(cmd: Command): void {
  writeAll(cmd.reply);
}

function writeAll(reply: Reply): void {
  reply.array(Listing.count);
  for (let number = 0; number < TOP_COUNT; number++) {
    const info = infoOf(number);
    if (Listing.has(info)) writeInfo(reply, info);
  }
}

/** COMMAND INFO [name …] → the same of some, nil for unknown ones. */
export function commandInfo(cmd: Command): void {
  const reply = cmd.reply;
  if (cmd.argc == 2) return writeAll(reply);
  reply.array(cmd.argc - 2);
  for (let i = 2; i < cmd.argc; i++) {
    const number = Listing.find(cmd.arg(i));
    if (number < 0) reply.nil();
    else writeInfo(reply, infoOf(number));
  }
}

function writeInfo(reply: Reply, info: CommandInfo): void {
  reply.array(10);
  replyCommandName(reply, info);
  reply.integer(info.arity);
  Listing.writeWords(reply, info.flags, FLAG_NAMES, "+");
  reply.integer(info.firstKey);
  reply.integer(info.lastKey);
  reply.integer(info.keyStep);
  Listing.writeWords(reply, info.categories, CATEGORY_NAMES, "+@");
  writeTips(reply, info);
  reply.set(info.keySpecCount);
  for (let i: u32 = 0; i < info.keySpecCount; i++) writeKeySpec(reply, info.keySpec(i));
  if (info.childCount) reply.array(info.childCount);
  else reply.set(0);
  for (let i: u32 = 0; i < info.childCount; i++) writeInfo(reply, infoOf(info.firstChild + i));
}

function writeTips(reply: Reply, info: CommandInfo): void {
  Docs.open(info);
  Docs.skipToTips();
  const count = Docs.byte();
  reply.set(count);
  for (let i: u32 = 0; i < count; i++) Listing.writeText(reply, Docs.text());
}

function writeKeySpec(reply: Reply, spec: KeySpec): void {
  const notes = DocText.at(spec.notes);
  reply.map(notes.exists ? 4 : 3);
  if (notes.exists) {
    reply.bulkText("notes");
    Listing.writeText(reply, notes);
  }
  reply.bulkText("flags");
  writeKeyFlags(reply, spec.flags);
  reply.bulkText("begin_search");
  writeBegin(reply, spec);
  reply.bulkText("find_keys");
  writeFind(reply, spec);
}

function writeKeyFlags(reply: Reply, flags: u32): void {
  Listing.writeWords(reply, flags, KEY_FLAG_NAMES, "+");
}

/** A map of a type and of a map of so many numbers, which follow. */
function beginSpec(reply: Reply, type: string, count: u32): void {
  reply.map(2);
  reply.bulkText("type");
  reply.bulkText(type);
  reply.bulkText("spec");
  reply.map(count);
}

function writeBegin(reply: Reply, spec: KeySpec): void {
  if (spec.begin == BeginSearch.INDEX) {
    beginSpec(reply, "index", 1);
    reply.bulkText("index");
    reply.integer(spec.position);
  } else if (spec.begin == BeginSearch.KEYWORD) {
    beginSpec(reply, "keyword", 2);
    reply.bulkText("keyword");
    reply.bulk(spec.keyword, spec.keywordLength);
    reply.bulkText("startfrom");
    reply.integer(spec.position);
  } else {
    beginSpec(reply, "unknown", 0);
  }
}

function writeFind(reply: Reply, spec: KeySpec): void {
  if (spec.find == FindKeys.RANGE) {
    beginSpec(reply, "range", 3);
    reply.bulkText("lastkey");
    reply.integer(spec.last);
    reply.bulkText("keystep");
    reply.integer(spec.step);
    reply.bulkText("limit");
    reply.integer(spec.limit);
  } else if (spec.find == FindKeys.KEYNUM) {
    beginSpec(reply, "keynum", 3);
    reply.bulkText("keynumidx");
    reply.integer(spec.last);
    reply.bulkText("firstkey");
    reply.integer(spec.limit);
    reply.bulkText("keystep");
    reply.integer(spec.step);
  } else {
    beginSpec(reply, "unknown", 0);
  }
}

// ── COMMAND COUNT, LIST ──────────────────────────────────────────────────────────────────────

/** COMMAND COUNT → how many commands there are, without subcommands. */
export function commandCount(cmd: Command): void {
  cmd.reply.integer(Listing.count);
}

/** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern] → names. */
export function commandList(cmd: Command): void {
  let category: u32 = 0;
  let pattern: Slice | null = null;
  let isNone = false;
  if (cmd.argc == 5 && cmd.is(2, "filterby")) {
    const value = cmd.arg(4);
    // No command is a module's.
    if (cmd.is(3, "module")) isNone = true;
    else if (cmd.is(3, "pattern")) pattern = value;
    else if (cmd.is(3, "aclcat")) {
      const bit = Names.find(CATEGORY_NAMES, value.ptr, value.len);
      isNone = bit < 0;
      category = 1 << bit;
    } else return cmd.failSyntax();
  } else if (cmd.argc != 2) {
    return cmd.failSyntax();
  }
  if (isNone) return cmd.reply.emptyArray();
  const mark = cmd.reply.mark();
  let count: u32 = 0;
  for (let number = 0; number < TOP_COUNT; number++) {
    const info = infoOf(number);
    if (!Listing.has(info)) continue;
    count += listIf(cmd.reply, info, category, pattern);
    for (let i: u32 = 0; i < info.childCount; i++) {
      count += listIf(cmd.reply, infoOf(info.firstChild + i), category, pattern);
    }
  }
  cmd.reply.closeArray(mark, count);
}

function listIf(reply: Reply, info: CommandInfo, category: u32, pattern: Slice | null): u32 {
  if (category && !(info.categories & category)) return 0;
  if (pattern) {
    Errors.begin();
    Errors.commandName(info);
    if (!Glob.matches(pattern.ptr, pattern.len, Errors.pointer, Errors.length, true)) return 0;
  }
  replyCommandName(reply, info);
  return 1;
}

// ── COMMAND GETKEYS ──────────────────────────────────────────────────────────────────────────

/** COMMAND GETKEYS command [argument …] → those of the arguments that are keys. */
export function commandGetkeys(cmd: Command): void {
  writeKeys(cmd, false);
}

/** COMMAND GETKEYSANDFLAGS command [argument …] → the keys, and what happens to each. */
export function commandGetkeysandflags(cmd: Command): void {
  writeKeys(cmd, true);
}

function writeKeys(cmd: Command, withFlags: bool): void {
  const info = givenCommand(cmd);
  if (!info) return cmd.fail("ERR Invalid command specified");
  const argc = cmd.argc - 2;
  const argv = changetype<usize>(cmd.arg(2));
  if (!Keys.mayHave(info)) return cmd.fail("ERR The command has no key arguments");
  if (info.arity > 0 ? argc != info.arity : argc < -info.arity) {
    return cmd.fail("ERR Invalid number of arguments specified for command");
  }
  const ranges = Keys.find(info, argv, argc);
  if (!ranges && !info.has(Flag.NO_MANDATORY_KEYS)) {
    return cmd.fail("ERR Invalid arguments specified for command");
  }
  const reply = cmd.reply;
  reply.array(Keys.total);
  for (let i: u32 = 0; i < ranges; i++) {
    const range = Keys.range(i);
    for (let at = range.first; at <= range.last; at += range.step) {
      if (withFlags) reply.array(2);
      reply.slice(cmd.arg(at + 2));
      if (withFlags) writeKeyFlags(reply, range.flags);
    }
  }
}

/** The command that the arguments from the third on are; null when there is none. */
function givenCommand(cmd: Command): CommandInfo | null {
  const name = cmd.arg(2);
  let number = findCommand(name.ptr, name.len);
  if (number < 0 || !Listing.has(infoOf(number))) return null;
  if (cmd.argc > 3 && infoOf(number).childCount) {
    number = findSubcommand(number, cmd.arg(3).ptr, cmd.arg(3).len);
    if (number < 0) return null;
  }
  return infoOf(number);
}
