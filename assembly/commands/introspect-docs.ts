// COMMAND DOCS, and the HELP of every command with subcommands: both made from the documentation that
// the build packs.

import { Command, Errors } from "../execution/command";
import { ArgumentFlag, ArgumentHas, ArgumentType, Docs, DocText } from "../execution/docs";
import { CommandInfo, commandInfo as infoOf, Names, TOP_COUNT } from "../execution/info";
import {
  ARGUMENT_FLAG_NAMES,
  ARGUMENT_TYPE_NAMES,
  DOC_FLAG_NAMES,
  GROUP_NAMES,
} from "../generated/commands";
import { replyCommandName } from "../execution/names";
import { Reply } from "../protocol/reply";
import { Listing } from "./shared/listing";

// ── COMMAND DOCS ─────────────────────────────────────────────────────────────────────────────

/** COMMAND DOCS [name …] → the documentation of some commands, or of all. */
export function commandDocs(cmd: Command): void {
  const reply = cmd.reply;
  if (cmd.argc == 2) {
    reply.map(Listing.count);
    for (let number = 0; number < TOP_COUNT; number++) {
      const info = infoOf(number);
      if (Listing.has(info)) writeNamedDocs(reply, info);
    }
    return;
  }
  const mark = reply.mark();
  let count: u32 = 0;
  for (let i = 2; i < cmd.argc; i++) {
    const number = Listing.find(cmd.arg(i));
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
    Listing.writeWords(reply, flags, DOC_FLAG_NAMES, "+");
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
      Listing.writeText(reply, Docs.text());
      Listing.writeText(reply, Docs.text());
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

function writeNameAt(reply: Reply, names: usize, index: u32): void {
  const name = Names.at(names, index);
  reply.bulk(Names.textOf(name), Names.lengthOf(name));
}

function textIf(reply: Reply, name: string, text: DocText): u32 {
  if (!text.exists) return 0;
  reply.bulkText(name);
  Listing.writeText(reply, text);
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
  Listing.writeText(reply, name);
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
    Listing.writeWords(reply, shown, ARGUMENT_FLAG_NAMES, "+");
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
