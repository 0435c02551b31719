// COMMAND: what the server tells of its commands, and the HELP of every command with subcommands.

import { Glob } from "../algorithms/glob";
import { Command, Errors } from "../execution/command";
import { ArgumentFlag, ArgumentHas, ArgumentType, Docs, DocText } from "../execution/docs";
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
import {
  ARGUMENT_FLAG_NAMES,
  ARGUMENT_TYPE_NAMES,
  CATEGORY_NAMES,
  DOC_FLAG_NAMES,
  FLAG_NAMES,
  GROUP_NAMES,
  KEY_FLAG_NAMES,
} from "../generated/commands";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { replyCommandName } from "../execution/names";
import { Reply } from "../protocol/reply";

/** Whether clients see the command. */
@inline
function isListed(info: CommandInfo): bool {
  return !info.has(Flag.INTERNAL | Flag.REMOVED);
}

function listedCount(): u32 {
  let count: u32 = 0;
  for (let number = 0; number < TOP_COUNT; number++) count += u32(isListed(infoOf(number)));
  return count;
}

/** The number of the command of that name, a subcommand's as `parent|name`; or -1. */
function named(name: Slice): i32 {
  const bar = Bytes.indexOf(name.ptr, name.end, 124);
  const length = bar ? <u32>(bar - name.ptr) : name.len;
  const number = findCommand(name.ptr, length);
  if (number < 0 || !isListed(infoOf(number))) return -1;
  return bar ? findSubcommand(number, bar + 1, <u32>(name.end - bar - 1)) : number;
}

// ── COMMAND, COMMAND INFO ────────────────────────────────────────────────────────────────────

/** COMMAND → what there is to know of every command. */
export function command(cmd: Command): void {
  writeAll(cmd.reply);
}

function writeAll(reply: Reply): void {
  reply.array(listedCount());
  for (let number = 0; number < TOP_COUNT; number++) {
    const info = infoOf(number);
    if (isListed(info)) writeInfo(reply, info);
  }
}

/** COMMAND INFO [name …] → the same of some, nil for unknown ones. */
export function commandInfo(cmd: Command): void {
  const reply = cmd.reply;
  if (cmd.argc == 2) return writeAll(reply);
  reply.array(cmd.argc - 2);
  for (let i = 2; i < cmd.argc; i++) {
    const number = named(cmd.arg(i));
    if (number < 0) reply.nil();
    else writeInfo(reply, infoOf(number));
  }
}

function writeInfo(reply: Reply, info: CommandInfo): void {
  reply.array(10);
  replyCommandName(reply, info);
  reply.integer(info.arity);
  writeWords(reply, info.flags, FLAG_NAMES, "+");
  reply.integer(info.firstKey);
  reply.integer(info.lastKey);
  reply.integer(info.keyStep);
  writeWords(reply, info.categories, CATEGORY_NAMES, "+@");
  writeTips(reply, info);
  reply.set(info.keySpecCount);
  for (let i: u32 = 0; i < info.keySpecCount; i++) writeKeySpec(reply, info.keySpec(i));
  if (info.childCount) reply.array(info.childCount);
  else reply.set(0);
  for (let i: u32 = 0; i < info.childCount; i++) writeInfo(reply, infoOf(info.firstChild + i));
}

/** Writes the set of the words that some of the bits stand for; those without a word are left out. */
function writeWords(reply: Reply, bits: u32, names: usize, prefix: string): void {
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

function writeKeyFlags(reply: Reply, flags: u32): void {
  writeWords(reply, flags, KEY_FLAG_NAMES, "+");
}

function writeNameAt(reply: Reply, names: usize, index: u32): void {
  const name = Names.at(names, index);
  reply.bulk(Names.textOf(name), Names.lengthOf(name));
}

function writeTips(reply: Reply, info: CommandInfo): void {
  Docs.open(info);
  Docs.skipToTips();
  const count = Docs.byte();
  reply.set(count);
  for (let i: u32 = 0; i < count; i++) writeText(reply, Docs.text());
}


@inline
function writeText(reply: Reply, text: DocText): void {
  reply.bulk(text.bytes, text.length);
}

function writeKeySpec(reply: Reply, spec: KeySpec): void {
  const notes = DocText.at(spec.notes);
  reply.map(notes.exists ? 4 : 3);
  if (notes.exists) {
    reply.bulkText("notes");
    writeText(reply, notes);
  }
  reply.bulkText("flags");
  writeKeyFlags(reply, spec.flags);
  reply.bulkText("begin_search");
  writeBegin(reply, spec);
  reply.bulkText("find_keys");
  writeFind(reply, spec);
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
  cmd.reply.integer(listedCount());
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
    if (!isListed(info)) continue;
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
  if (number < 0 || !isListed(infoOf(number))) return null;
  if (cmd.argc > 3 && infoOf(number).childCount) {
    number = findSubcommand(number, cmd.arg(3).ptr, cmd.arg(3).len);
    if (number < 0) return null;
  }
  return infoOf(number);
}

// ── COMMAND DOCS ─────────────────────────────────────────────────────────────────────────────

/** COMMAND DOCS [name …] → the documentation of some commands, or of all. */
export function commandDocs(cmd: Command): void {
  const reply = cmd.reply;
  if (cmd.argc == 2) {
    reply.map(listedCount());
    for (let number = 0; number < TOP_COUNT; number++) {
      const info = infoOf(number);
      if (isListed(info)) writeNamedDocs(reply, info);
    }
    return;
  }
  const mark = reply.mark();
  let count: u32 = 0;
  for (let i = 2; i < cmd.argc; i++) {
    const number = named(cmd.arg(i));
    if (number < 0) continue;
    writeNamedDocs(reply, infoOf(number));
    count++;
  }
  reply.closeMap(mark, count);
}

function writeNamedDocs(reply: Reply, info: CommandInfo): void {
  replyCommandName(reply, info);
  const mark = reply.mark();
  reply.closeMap(mark, writeDocs(reply, info));
}

/** Writes the pairs of a command's documentation; returns how many. */
function writeDocs(reply: Reply, info: CommandInfo): u32 {
  Docs.open(info);
  const group = Docs.byte();
  const flags = Docs.byte();
  let count: u32 = 1;
  count += textIf(reply, "summary", Docs.text());
  count += textIf(reply, "since", Docs.text());
  reply.bulkText("group");
  writeNameAt(reply, GROUP_NAMES, group);
  count += textIf(reply, "complexity", Docs.text());
  if (flags) {
    reply.bulkText("doc_flags");
    writeWords(reply, flags, DOC_FLAG_NAMES, "+");
    count++;
  }
  count += textIf(reply, "deprecated_since", Docs.text());
  count += textIf(reply, "replaced_by", Docs.text());
  Docs.skipTexts(Docs.byte());
  const changes = Docs.byte();
  if (changes) {
    reply.bulkText("history");
    reply.set(changes);
    for (let i: u32 = 0; i < changes; i++) {
      reply.array(2);
      writeText(reply, Docs.text());
      writeText(reply, Docs.text());
    }
    count++;
  }
  if (load<u8>(Docs.at)) {
    reply.bulkText("arguments");
    writeArguments(reply);
    count++;
  }
  if (info.childCount) {
    reply.bulkText("subcommands");
    reply.map(info.childCount);
    for (let i: u32 = 0; i < info.childCount; i++) {
      writeNamedDocs(reply, infoOf(info.firstChild + i));
    }
    count++;
  }
  return count;
}

function textIf(reply: Reply, name: string, text: DocText): u32 {
  if (!text.exists) return 0;
  reply.bulkText(name);
  writeText(reply, text);
  return 1;
}

function writeArguments(reply: Reply): void {
  const count = Docs.byte();
  reply.array(count);
  for (let i: u32 = 0; i < count; i++) {
    const mark = reply.mark();
    reply.closeMap(mark, writeArgument(reply));
  }
}

/** Writes the pairs of an argument; returns how many. */
function writeArgument(reply: Reply): u32 {
  const flags = Docs.byte();
  const has = Docs.byte();
  const type = flags & ArgumentFlag.TYPE;
  const isGroup = type == ArgumentType.ONEOF || type == ArgumentType.BLOCK;
  const name = Docs.text();
  const token = has & ArgumentHas.TOKEN ? Docs.text() : DocText.at(0);
  const display = has & ArgumentHas.DISPLAY ? Docs.text() : name;
  const since = has & ArgumentHas.SINCE ? Docs.text() : DocText.at(0);
  const deprecated = has & ArgumentHas.DEPRECATED_SINCE ? Docs.text() : DocText.at(0);
  let count: u32 = 2;
  reply.bulkText("name");
  writeText(reply, name);
  reply.bulkText("type");
  writeNameAt(reply, ARGUMENT_TYPE_NAMES, type);
  if (!isGroup) count += textIf(reply, "display_text", display);
  if (has & ArgumentHas.KEY_SPEC) {
    reply.bulkText("key_spec_index");
    reply.integer(has >> 5);
    count++;
  }
  count += textIf(reply, "token", token);
  count += textIf(reply, "since", since);
  count += textIf(reply, "deprecated_since", deprecated);
  const shown = flags & ~ArgumentFlag.TYPE;
  if (shown) {
    reply.bulkText("flags");
    writeWords(reply, shown, ARGUMENT_FLAG_NAMES, "+");
    count++;
  }
  if (isGroup) {
    reply.bulkText("arguments");
    writeArguments(reply);
    count++;
  }
  return count;
}

// ── HELP ─────────────────────────────────────────────────────────────────────────────────────
//
// Every command with subcommands has a HELP, made from the documentation: for each subcommand a
// line with its arguments, and one that says what it does.

/** The HELP of any command with subcommands. */
export function help(cmd: Command): void {
  const reply = cmd.reply;
  const parent = infoOf(cmd.info.parent);
  const mark = reply.mark();
  let lines: u32 = 1;
  reply.text("+");
  Errors.begin();
  Errors.upper(parent.name, parent.nameLength);
  reply.raw(Errors.pointer, Errors.length);
  reply.text(" <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n");
  if (parent.handler) lines += helpLines(reply, parent, true);
  for (let i: u32 = 0; i < parent.childCount; i++) {
    const child = infoOf(parent.firstChild + i);
    if (child != cmd.info) lines += helpLines(reply, child, false);
  }
  lines += helpLines(reply, cmd.info, false);
  reply.closeArray(mark, lines);
}

/** Writes the two lines of a command; returns their count. */
function helpLines(reply: Reply, info: CommandInfo, isParent: bool): u32 {
  reply.text("+");
  if (isParent) {
    reply.text("(no subcommand)");
  } else {
    Errors.begin();
    Errors.upper(info.name, info.nameLength);
    reply.raw(Errors.pointer, Errors.length);
    Docs.open(info);
    Docs.skipToArguments();
    for (let left = Docs.byte(); left; left--) {
      reply.text(" ");
      writeUsage(reply, false);
    }
  }
  reply.text("\r\n+    ");
  Docs.open(info);
  Docs.at += 2;
  const summary = Docs.text();
  reply.raw(summary.bytes, summary.length);
  reply.text(".\r\n");
  return 2;
}

/** Writes one argument as usage lines have it: `[LIMIT <offset> <count>]`, `(YES|NO)`. What is one choice of several is not optional itself. */
function writeUsage(reply: Reply, isChoice: bool): void {
  const flags = Docs.byte();
  const has = Docs.byte();
  const type = flags & ArgumentFlag.TYPE;
  const name = Docs.text();
  const token = has & ArgumentHas.TOKEN ? Docs.text() : DocText.at(0);
  const display = has & ArgumentHas.DISPLAY ? Docs.text() : name;
  if (has & ArgumentHas.SINCE) Docs.text();
  if (has & ArgumentHas.DEPRECATED_SINCE) Docs.text();
  const isOptional = !isChoice && (flags & ArgumentFlag.OPTIONAL) != 0;
  const body = Docs.at;
  if (isOptional) reply.text("[");
  writeToken(reply, token, type);
  writeUsageBody(reply, type, display, isOptional && !token.exists);
  if (flags & ArgumentFlag.MULTIPLE) {
    Docs.at = body;
    reply.text(" [");
    if (flags & ArgumentFlag.MULTIPLE_TOKEN) writeToken(reply, token, type);
    writeUsageBody(reply, type, display, false);
    reply.text(" ...]");
  }
  if (isOptional) reply.text("]");
}

function writeToken(reply: Reply, token: DocText, type: u32): void {
  if (!token.exists) return;
  reply.raw(token.bytes, token.length);
  if (type != ArgumentType.PURE_TOKEN) reply.text(" ");
}

/** `isEnclosed`: brackets stand around it already. */
function writeUsageBody(reply: Reply, type: u32, display: DocText, isEnclosed: bool): void {
  if (type == ArgumentType.PURE_TOKEN) return;
  const isChoice = type == ArgumentType.ONEOF;
  if (!isChoice && type != ArgumentType.BLOCK) {
    reply.text("<");
    reply.raw(display.bytes, display.length);
    reply.text(">");
    return;
  }
  const count = Docs.byte();
  if (isChoice && !isEnclosed) reply.text("(");
  for (let i: u32 = 0; i < count; i++) {
    if (i) reply.text(isChoice ? "|" : " ");
    writeUsage(reply, isChoice);
  }
  if (isChoice && !isEnclosed) reply.text(")");
}
