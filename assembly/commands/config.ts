// CONFIG, and how a host feeds its configuration file.

import { Glob } from "../algorithms/glob";
import { Command, Errors } from "../execution/command";
import { CommandStatistics } from "../execution/command-statistics";
import { Control } from "../execution/control";
import { ErrorCounts } from "../execution/error-counts";
import { Host } from "../execution/host";
import { findCommand, renameCommand } from "../execution/info";
import { MemoryLimit } from "../execution/memory-limit";
import { IS_LOADING, Mode } from "../execution/mode";
import { applied } from "../generated/applied";
import { Config, DIRECTIVE_COUNT, EnableProtectedConfigs, Setting } from "../generated/config";
import { Keyspace } from "../keyspace/keyspace";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Stats } from "../memory/stats";
import { Reply } from "../protocol/reply";
import { SessionKind } from "../sessions/session";
import { ConfLine } from "../settings/conf-line";
import { Directive, DirectiveFlag } from "../settings/directive";
import { Refusal } from "../settings/refusal";
import { Words } from "../settings/words";

/** A value that is no text, as text. */
const shown: usize = memory.data(512, 8);

// ── CONFIG GET ───────────────────────────────────────────────────────────────────────────────

/** CONFIG GET pattern [pattern …] → names and values. */
export function configGet(cmd: Command): void {
  const reply = cmd.reply;
  const mark = reply.mark();
  let count: u32 = 0;
  for (let number = 0; number < DIRECTIVE_COUNT; number++) {
    const directive = Directive.at(number);
    count += showIf(cmd, directive, directive.name, directive.nameLength);
    count += showIf(cmd, directive, directive.alias, directive.aliasLength);
  }
  reply.closeMap(mark, count);
}

/** Shows a directive under one of its names, when a pattern asks for that; returns 1 then. */
function showIf(cmd: Command, directive: Directive, name: usize, length: u32): u32 {
  if (!length) return 0;
  const index = askedBy(cmd, directive, name, length);
  if (!index) return 0;
  // Who asks by the plain name gets it back in the letters that were given.
  if (isGlob(cmd.arg(index))) cmd.reply.bulk(name, length);
  else cmd.reply.slice(cmd.arg(index));
  showValue(cmd.reply, directive);
  return 1;
}

/** The first argument that asks for the name, or 0. */
function askedBy(cmd: Command, directive: Directive, name: usize, length: u32): i32 {
  for (let i = 2; i < cmd.argc; i++) {
    const pattern = cmd.arg(i);
    if (directive.has(DirectiveFlag.HIDDEN)) {
      if (pattern.len == length && Bytes.equalFolded(name, pattern.ptr, length)) return i;
    } else if (Glob.matches(pattern.ptr, pattern.len, name, length, true)) {
      return i;
    }
  }
  return 0;
}

/** Whether the text has one of the bytes `*`, `?` and `[`. */
function isGlob(text: Slice): bool {
  const end = text.end;
  return (
    Bytes.indexOf(text.ptr, end, 42) != 0 ||
    Bytes.indexOf(text.ptr, end, 63) != 0 ||
    Bytes.indexOf(text.ptr, end, 91) != 0
  );
}

function showValue(reply: Reply, directive: Directive): void {
  if (directive.isText) reply.bulk(directive.text.bytes, directive.text.length);
  else reply.bulk(shown, directive.write(shown));
}

// ── CONFIG SET ───────────────────────────────────────────────────────────────────────────────
//
// Every value is checked before the first one is set, and those that are set are set back when the
// host refuses a later one.

/** CONFIG SET name value [name value …]: all of them, or none. */
export function configSet(cmd: Command): void {
  if (cmd.argc & 1) return cmd.failSyntax();
  Refusal.clear();
  if (mayBeSet(cmd) && proposeAll(cmd)) adoptAll(cmd);
  for (let i = 2; i < cmd.argc; i += 2) {
    const number = find(cmd.arg(i));
    if (number < 0) continue;
    const directive = Directive.at(number);
    directive.withdraw();
    if (directive.has(DirectiveFlag.SENSITIVE)) cmd.redact(i + 1);
  }
  if (!cmd.failed) cmd.reply.ok();
}


@inline
function find(name: Slice): i32 {
  return Directive.find(name.ptr, name.len);
}

/** Looks at the names only. */
function mayBeSet(cmd: Command): bool {
  for (let i = 2; i < cmd.argc; i += 2) {
    const name = cmd.arg(i);
    const number = find(name);
    if (number < 0) {
      Errors.begin();
      Errors.text("ERR Unknown option or number of arguments for CONFIG SET - '");
      Errors.bytes(name.ptr, name.len);
      Errors.text("'");
      Errors.send(cmd.reply);
      cmd.failed = true;
      return false;
    }
    const directive = Directive.at(number);
    if (directive.has(DirectiveFlag.IMMUTABLE)) Refusal.set("can't set immutable config");
    else if (directive.has(DirectiveFlag.PROTECTED) && !isTrusted(cmd))
      Refusal.set("can't set protected config");
    else if (directive.has(DirectiveFlag.DENY_LOADING) && isLoadingFor(cmd)) {
      cmd.fail(IS_LOADING);
      return false;
    } else if (isNamedBefore(cmd, i, number)) Refusal.set("duplicate parameter");
    if (!Refusal.isSet) continue;
    fail(cmd, name.ptr, name.len);
    return false;
  }
  return true;
}

/** Whether a pair before this one sets the same directive by the same name. */
function isNamedBefore(cmd: Command, index: i32, number: i32): bool {
  const isAlias = Directive.foundAlias;
  for (let i = 2; i < index; i += 2) {
    if (find(cmd.arg(i)) == number && Directive.foundAlias == isAlias) return true;
  }
  return false;
}

/** Whether the dataset is being loaded, and it is not the host itself that asks. */
function isLoadingFor(cmd: Command): bool {
  return Mode.isLoading && cmd.session.kind != SessionKind.INTERNAL;
}

function isTrusted(cmd: Command): bool {
  if (cmd.session.kind == SessionKind.INTERNAL) return true;
  const rule = Config.enableProtectedConfigs;
  if (rule == EnableProtectedConfigs.NO) return false;
  return rule == EnableProtectedConfigs.YES || cmd.session.isLocal;
}

function proposeAll(cmd: Command): bool {
  for (let i = 2; i < cmd.argc; i += 2) {
    const directive = Directive.at(find(cmd.arg(i)));
    const isAlias = Directive.foundAlias;
    const value = cmd.arg(i + 1);
    let count: u32 = 1;
    let words = changetype<usize>(value);
    if (directive.has(DirectiveFlag.MULTI_ARG)) {
      count = Words.split(value);
      words = Words.pointer;
    }
    if (directive.propose(words, count)) continue;
    failNamed(cmd, directive, isAlias);
    return false;
  }
  return true;
}

/** Sets all, tells the host of its directives, and then lets it act on them: it may refuse at both times. */
function adoptAll(cmd: Command): void {
  for (let i = 2; i < cmd.argc; i += 2) {
    const directive = Directive.at(find(cmd.arg(i)));
    if (!directive.isProposed || !(directive.isChange || directive.has(DirectiveFlag.VOLATILE)))
      continue;
    const isAlias = Directive.foundAlias;
    directive.adopt();
    if (!directive.has(DirectiveFlag.HOST) || tellHost(directive)) continue;
    directive.adopt();
    failNamed(cmd, directive, isAlias);
    return restore(cmd, i);
  }
  Control.it.settings++;
  for (let i = 2; i < cmd.argc; i += 2) {
    const directive = Directive.at(find(cmd.arg(i)));
    const isAlias = Directive.foundAlias;
    if (!directive.isAdopted || !directive.has(DirectiveFlag.HOST)) continue;
    if (Host.apply(directive.name, directive.nameLength)) continue;
    failNamed(cmd, directive, isAlias);
    restore(cmd, cmd.argc);
    return applyAgain(cmd, i);
  }
  for (let i = 2; i < cmd.argc; i += 2) {
    const number = find(cmd.arg(i));
    if (Directive.at(number).isAdopted) applied(number);
  }
}

/** Sets back what was set before the pair at `end`. */
function restore(cmd: Command, end: i32): void {
  for (let i = 2; i < end; i += 2) {
    const directive = Directive.at(find(cmd.arg(i)));
    if (!directive.isAdopted) continue;
    directive.adopt();
    if (directive.has(DirectiveFlag.HOST)) tellHost(directive);
  }
}

/** Lets the host act on what it had acted on, up to the pair at `last`, as it is again. */
function applyAgain(cmd: Command, last: i32): void {
  for (let i = 2; i <= last; i += 2) {
    const directive = Directive.at(find(cmd.arg(i)));
    if (directive.isProposed && directive.has(DirectiveFlag.HOST))
      Host.apply(directive.name, directive.nameLength);
  }
}

function tellHost(directive: Directive): bool {
  let value = shown;
  let length: u32;
  if (directive.isText) {
    value = directive.text.bytes;
    length = directive.text.length;
  } else {
    length = directive.write(shown);
  }
  return Host.configure(directive.name, directive.nameLength, value, length);
}

function failNamed(cmd: Command, directive: Directive, isAlias: bool): void {
  if (isAlias) fail(cmd, directive.alias, directive.aliasLength);
  else fail(cmd, directive.name, directive.nameLength);
}

/** The reason is in `Refusal`, if there is one. */
function fail(cmd: Command, name: usize, length: u32): void {
  Errors.begin();
  Errors.text("ERR CONFIG SET failed (possibly related to argument '");
  Errors.bytes(name, length);
  Errors.text("')");
  if (Refusal.isSet) {
    Errors.text(" - ");
    Errors.bytes(Refusal.pointer, Refusal.length);
  }
  Errors.send(cmd.reply);
  cmd.failed = true;
}

// ── the rest of CONFIG ───────────────────────────────────────────────────────────────────────

/** CONFIG RESETSTAT: the statistics of INFO begin again. */
export function configResetstat(cmd: Command): void {
  Stats.reset();
  MemoryLimit.resetStatistics();
  ErrorCounts.reset();
  CommandStatistics.reset();
  cmd.reply.ok();
}

// ── the configuration file ───────────────────────────────────────────────────────────────────

/** Whether a `save` line was read: the first one replaces what the server begins with. */
let hasSaveLine: bool = false;

/**
 * WADI.DIRECTIVE name argument …: a line of a configuration file, at the start, or something that
 * became so without CONFIG SET. The host is not asked.
 */
export function directive(cmd: Command): void {
  const name = cmd.arg(1);
  const words = changetype<usize>(cmd.arg(2));
  const count = cmd.argc - 2;
  const number = find(name);
  Refusal.clear();
  if (number >= 0) setFromFile(number, words, count);
  else if (Bytes.is(name.ptr, name.len, "rename-command") && count == 2)
    rename(cmd.arg(2), cmd.arg(3));
  else if (!isIgnored(name, count)) Refusal.set("Bad directive or wrong number of arguments");
  if (!Refusal.isSet) return cmd.reply.ok();
  Errors.begin();
  Errors.text("ERR ");
  Errors.bytes(Refusal.pointer, Refusal.length);
  Errors.send(cmd.reply);
  cmd.failed = true;
}

function setFromFile(number: i32, words: usize, count: u32): void {
  const one = Directive.at(number);
  if (!one.has(DirectiveFlag.MULTI_ARG) && count != 1)
    return Refusal.set("wrong number of arguments");
  const first = changetype<Slice>(words);
  const isText = count == 1 && first.len != 0;
  const isMore = number == Setting.save && hasSaveLine && (count > 1 || isText);
  if (number == Setting.save) hasSaveLine = true;
  let isRight = false;
  if (isMore) isRight = one.propose(Words.pointer, Words.join(one.text, words, count));
  else if (isText && one.has(DirectiveFlag.MULTI_ARG))
    isRight = one.propose(Words.pointer, Words.split(first));
  else isRight = one.propose(words, count);
  if (!isRight) return;
  if (one.isChange) {
    one.adopt();
    applied(number);
  }
  one.withdraw();
  if (Keyspace.databaseCount != Config.databases)
    Refusal.set("There is not enough memory for so many databases");
}

/** Directives of former versions that have no meaning any more. */
function isIgnored(name: Slice, count: i32): bool {
  return (
    count == 1 &&
    (Bytes.is(name.ptr, name.len, "list-max-ziplist-entries") ||
      Bytes.is(name.ptr, name.len, "list-max-ziplist-value") ||
      Bytes.is(name.ptr, name.len, "lua-replicate-commands"))
  );
}

/** rename-command: the bytes of the new name stay, for the index of commands to point at. */
function rename(from: Slice, to: Slice): void {
  const number = findCommand(from.ptr, from.len);
  if (number < 0) return Refusal.set("No such command in rename-command");
  const kept = to.len ? Heap.alloc(to.len + 16) : 0;
  memory.copy(kept, to.ptr, to.len);
  if (renameCommand(number, kept, to.len)) return;
  Heap.free(kept);
  Refusal.set("Target command name already exists");
}

/**
 * WADI.DIRECTIVES → name, former name, value and initial value of every line that a configuration file may
 * have, as it would be written there. A directive of several lines comes once a line; for `save`,
 * whose lines belong together, the initial value is that of all lines.
 */
export function directives(cmd: Command): void {
  const reply = cmd.reply;
  const mark = reply.mark();
  let count: u32 = 0;
  for (let number = 0; number < DIRECTIVE_COUNT; number++) {
    const one = Directive.at(number);
    if (number == Setting.replicaof && !one.text.length) continue;
    const lines = ConfLine.count(one);
    const line = Heap.alloc(ConfLine.room(one));
    for (let i: u32 = 0; i < lines; i++) {
      reply.bulk(one.name, one.nameLength);
      reply.bulk(one.alias, one.aliasLength);
      reply.bulk(line, ConfLine.write(line, one, i));
      reply.bulk(line, ConfLine.writeInitial(line, one, i));
      count += 4;
    }
    Heap.free(line);
  }
  reply.closeArray(mark, count);
}
