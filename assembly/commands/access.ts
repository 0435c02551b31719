// ACL: who may do what.

import { Hex } from "../algorithms/hex";
import { AccessGate } from "../access/gate";
import { AccessLog } from "../access/access-log";
import { DescribeUser } from "../access/describe-user";
import { Draft } from "../access/draft";
import { Fault, faultText } from "../access/fault";
import { Denial, Permission } from "../access/permission";
import { Login } from "../access/login";
import { RuleText } from "../access/rule-text";
import { Splitter } from "../access/splitter";
import { Secret } from "../access/secret";
import { Selector } from "../access/selector";
import { User, UserFlag } from "../access/user";
import { UserFile } from "../access/user-file";
import { Users } from "../access/users";
import { Command, Errors } from "../execution/command";
import { Control } from "../execution/control";
import { Host, LogLevel } from "../execution/host";
import {
  CATEGORY_NAMES,
  COMMAND_COUNT,
  commandInfo,
  CommandInfo,
  findCommand,
  findSubcommand,
  Flag,
  Names,
} from "../execution/info";
import { replyCommandName } from "../execution/names";
import { Keyspace } from "../keyspace/keyspace";
import { Slice } from "../memory/slice";
import { Session } from "../sessions/session";
import { Refusal } from "../settings/refusal";
import { TextBuffer } from "../protocol/text-buffer";

/** A password of ACL GENPASS at its longest: 1024 digits. */
/** More than a user without rules takes. */
const ROOM: u64 = 65536;
const password: usize = memory.data(1024 + 32);

// ── changing users ───────────────────────────────────────────────────────────────────────────

/** ACL SETUSER name [rule …]: all rules, or none. */
export function aclSetuser(cmd: Command): void {
  const name = cmd.arg(2);
  if (Splitter.hasBlank(name.ptr, name.len))
    cmd.fail("ERR Usernames can't contain spaces or null characters");
  else setUser(cmd, name);
  for (let i = 2; i < cmd.argc; i++) cmd.redact(i);
}

function setUser(cmd: Command, name: Slice): void {
  const words = cmd.arguments + 24;
  const count = cmd.argc - 3;
  const unmatched = Draft.unmatched(words, count);
  if (unmatched >= 0) return failUnmatched(cmd, cmd.arg(unmatched + 3));
  const user = Users.find(name.ptr, name.len);
  if (!cmd.room(<u64>cmd.inputBytes * 4 + (user ? user.bytes : 0) + ROOM)) return;
  const draft = user ? user.copy() : User.create(name.ptr, name.len);
  const fault = Draft.apply(draft, words, count);
  if (fault) {
    failRule(cmd, fault);
    draft.dispose();
  } else {
    if (user) Users.change(user, draft, cmd.session);
    else Users.all.add(draft);
    Control.it.settings++;
    cmd.reply.ok();
  }
  Draft.finish();
}

function failUnmatched(cmd: Command, word: Slice): void {
  Errors.begin();
  Errors.text("ERR Unmatched parenthesis in acl selector starting at '");
  Errors.bytes(word.ptr, word.len);
  Errors.text("'.");
  Errors.send(cmd.reply);
  cmd.failed = true;
}

function failRule(cmd: Command, fault: Fault): void {
  Errors.begin();
  Errors.text("ERR Error in ACL SETUSER modifier '");
  Errors.bytes(Draft.wrong, Draft.wrongLength);
  Errors.text("': ");
  Errors.text(faultText(fault));
  Errors.send(cmd.reply);
  cmd.failed = true;
}

/** ACL DELUSER name [name …] → how many there were; their connections are closed. */
export function aclDeluser(cmd: Command): void {
  for (let i = 2; i < cmd.argc; i++) {
    if (!Users.isDefaultName(cmd.arg(i).ptr, cmd.arg(i).len)) continue;
    cmd.fail("ERR The 'default' user cannot be removed");
    break;
  }
  let removed = 0;
  for (let i = 2; i < cmd.argc; i++) {
    const user = Users.find(cmd.arg(i).ptr, cmd.arg(i).len);
    if (user && !cmd.failed) {
      Users.remove(user, cmd.session);
      removed++;
    }
    cmd.redact(i);
  }
  if (!cmd.failed) cmd.reply.integer(removed);
}

// ── showing users ────────────────────────────────────────────────────────────────────────────

/** ACL LIST → each user as a line of rules. */
export function aclList(cmd: Command): void {
  const count = Users.all.count;
  cmd.reply.array(count);
  for (let i: u32 = 0; i < count; i++) {
    TextBuffer.begin();
    DescribeUser.line(Users.all.at(i));
    replyText(cmd);
  }
}

function replyText(cmd: Command): void {
  cmd.reply.bulk(TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

/** ACL USERS → the names. */
export function aclUsers(cmd: Command): void {
  const count = Users.all.count;
  cmd.reply.array(count);
  for (let i: u32 = 0; i < count; i++) {
    const name = Users.all.at(i).name;
    cmd.reply.bulk(name.bytes, name.length);
  }
}

/** ACL WHOAMI → the user of this connection. */
export function aclWhoami(cmd: Command): void {
  const user = User.of(cmd.session);
  if (!user) return cmd.reply.nil();
  cmd.reply.bulk(user.name.bytes, user.name.length);
}

/** ACL GETUSER name → flags, passwords and permissions, or nil. */
export function aclGetuser(cmd: Command): void {
  const name = cmd.arg(2);
  const user = Users.find(name.ptr, name.len);
  cmd.redact(2);
  const reply = cmd.reply;
  if (!user) return reply.nil();
  reply.map(6);
  reply.bulkText("flags");
  reply.set(user.has(UserFlag.NO_PASSWORD) ? 3 : 2);
  reply.bulkText(user.has(UserFlag.ON) ? "on" : "off");
  if (user.has(UserFlag.NO_PASSWORD)) reply.bulkText("nopass");
  reply.bulkText(user.has(UserFlag.SKIPS_SANITIZE) ? "skip-sanitize-payload" : "sanitize-payload");
  reply.bulkText("passwords");
  reply.array(user.passwords.count);
  let word = user.passwords.first;
  while (word) {
    TextBuffer.begin();
    DescribeUser.password(word);
    replyText(cmd);
    word = word.next;
  }
  replySelector(cmd, user.root);
  reply.bulkText("selectors");
  let selectors: u32 = 0;
  let at = user.root.next;
  while (at) {
    selectors++;
    at = at.next;
  }
  reply.array(selectors);
  at = user.root.next;
  while (at) {
    reply.map(3);
    replySelector(cmd, at);
    at = at.next;
  }
}

/** Three pairs: commands, keys, channels. */
function replySelector(cmd: Command, selector: Selector): void {
  cmd.reply.bulkText("commands");
  TextBuffer.begin();
  DescribeUser.commands(selector);
  replyText(cmd);
  cmd.reply.bulkText("keys");
  TextBuffer.begin();
  DescribeUser.keys(selector);
  replyText(cmd);
  cmd.reply.bulkText("channels");
  TextBuffer.begin();
  DescribeUser.channels(selector);
  replyText(cmd);
}

// ── the rest ─────────────────────────────────────────────────────────────────────────────────

/** ACL CAT [category] → the categories, or the commands of one. */
export function aclCat(cmd: Command): void {
  if (cmd.argc > 3) return cmd.failSubcommandSyntax();
  if (cmd.argc == 2) return replyCategories(cmd);
  const name = cmd.arg(2);
  const bit = Names.find(CATEGORY_NAMES, name.ptr, name.len);
  if (bit < 0) {
    Errors.begin();
    Errors.text("ERR Unknown category '");
    Errors.bytes(name.ptr, min<u32>(name.len, 128));
    Errors.text("'");
    return Errors.send(cmd.reply);
  }
  const mark = cmd.reply.mark();
  let count: u32 = 0;
  for (let number = 0; number < COMMAND_COUNT; number++) {
    const info = commandInfo(number);
    if (info.has(Flag.INTERNAL) || !((info.categories >> bit) & 1)) continue;
    replyCommandName(cmd.reply, info);
    count++;
  }
  cmd.reply.closeArray(mark, count);
}

function replyCategories(cmd: Command): void {
  const mark = cmd.reply.mark();
  let count: u32 = 0;
  for (let name = CATEGORY_NAMES; Names.lengthOf(name) != Names.END; count++) {
    cmd.reply.bulk(Names.textOf(name), Names.lengthOf(name));
    name += 1 + Names.lengthOf(name);
  }
  cmd.reply.closeArray(mark, count);
}

/** ACL DRYRUN user command [argument …] → OK, or why the user may not. */
export function aclDryrun(cmd: Command): void {
  const name = cmd.arg(2);
  const user = Users.find(name.ptr, name.len);
  if (!user) return failNotFound(cmd, "ERR User '", name);
  const argc = cmd.argc - 3;
  const info = look(cmd, argc);
  if (!info) return failNotFound(cmd, "ERR Command '", cmd.arg(3));
  const inner = Command.enter(cmd.session, info, cmd.arguments + 24, argc);
  const isArity = info.arity > 0 ? argc == info.arity : argc >= -info.arity;
  if (!isArity) inner.failArity();
  else replyVerdict(inner, user);
  Command.leave();
}

/** The command that the arguments from 3 on name. */
function look(cmd: Command, argc: i32): CommandInfo | null {
  const number = findCommand(cmd.arg(3).ptr, cmd.arg(3).len);
  if (number < 0) return null;
  const info = commandInfo(number);
  if (info.has(Flag.INTERNAL)) return null;
  if (!info.childCount || argc < 2) return info;
  const child = findSubcommand(number, cmd.arg(4).ptr, cmd.arg(4).len);
  return child < 0 ? null : commandInfo(child);
}

function replyVerdict(inner: Command, user: User): void {
  const denial = Permission.check(user, inner.info, inner.arguments, inner.argc);
  if (denial == Denial.NONE) return inner.reply.ok();
  Errors.begin();
  AccessGate.explain(inner, user.name, denial, inner.arg(Permission.argument));
  inner.reply.bulk(Errors.pointer, Errors.length);
}

function failNotFound(cmd: Command, text: string, what: Slice): void {
  Errors.begin();
  Errors.text(text);
  Errors.bytes(what.ptr, what.len);
  Errors.text("' not found");
  Errors.send(cmd.reply);
}

/** ACL GENPASS [bits] → so many random bits, 256 unless told, as hexadecimal digits. */
export function aclGenpass(cmd: Command): void {
  if (cmd.argc > 3) return cmd.failSubcommandSyntax();
  let bits: i64 = 256;
  if (cmd.argc == 3) {
    bits = cmd.integer(2);
    if (cmd.failed) return;
    if (bits <= 0 || bits > 4096) {
      return cmd.fail(
        "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096",
      );
    }
  }
  const digits = <u32>((bits + 3) >> 2);
  for (let at: u32 = 0; at < digits; at += 64) {
    Secret.fill(password + at);
    Hex.expand(password + at, 32);
  }
  cmd.reply.bulk(password, digits);
}

/** ACL LOG [count | RESET] → the latest denials, 10 unless told. */
export function aclLog(cmd: Command): void {
  if (cmd.argc > 3) return cmd.failSubcommandSyntax();
  let count: i64 = 10;
  if (cmd.argc == 3) {
    if (cmd.is(2, "reset")) {
      AccessLog.trim(0);
      return cmd.reply.ok();
    }
    count = cmd.integer(2);
    if (cmd.failed) return;
  }
  AccessLog.reply(cmd.reply, <u32>max<i64>(0, min<i64>(count, i32.MAX_VALUE)));
}

// ── the host's files ─────────────────────────────────────────────────────────────────────────

/**
 * WADI.USER name [rule …]: the user of a line of the configuration file, which may have one line for each; an
 * error is Redis's reason.
 */
export function declare(cmd: Command): void {
  const name = cmd.arg(1);
  const words = cmd.arguments + 16;
  const count = cmd.argc - 2;
  Refusal.clear();
  const known = Users.find(name.ptr, name.len);
  if (Splitter.hasBlank(name.ptr, name.len)) Refusal.set("Spaces not allowed in ACL usernames");
  else if (known && known.has(UserFlag.DECLARED)) refuse(name.ptr, name.len, Fault.DUPLICATE_USER);
  else if (Draft.unmatched(words, count) >= 0) {
    Refusal.set("Unmatched parenthesis in acl selector starting at '");
    Refusal.bytes(
      cmd.arg(2 + Draft.unmatched(words, count)).ptr,
      cmd.arg(2 + Draft.unmatched(words, count)).len,
    );
    Refusal.add("'.");
  } else {
    make(known, name, words, count);
  }
  if (!Refusal.isSet) return cmd.reply.ok();
  Errors.begin();
  Errors.text("ERR ");
  Errors.bytes(Refusal.pointer, Refusal.length);
  Errors.send(cmd.reply);
  cmd.failed = true;
}

function make(known: User | null, name: Slice, words: usize, count: i32): void {
  const draft = User.create(name.ptr, name.len);
  const fault = Draft.apply(draft, words, count);
  draft.flags |= UserFlag.DECLARED;
  if (fault) {
    refuse(Draft.wrong, Draft.wrongLength, fault);
    draft.dispose();
  } else {
    if (!draft.has(UserFlag.ON)) warnOff(name);
    if (known) Users.change(known, draft);
    else Users.all.add(draft);
  }
  Draft.finish();
}

function refuse(what: usize, length: u32, fault: Fault): void {
  Refusal.set("Error in user declaration '");
  Refusal.bytes(what, min<u32>(length, 128));
  Refusal.add("': ");
  Refusal.add(faultText(fault));
}

function warnOff(name: Slice): void {
  Errors.begin();
  Errors.text("The user '");
  Errors.bytes(name.ptr, name.len);
  Errors.text(
    "' is disabled (there is no 'on' modifier in the user description). Make sure this is not a configuration error.",
  );
  Host.log(LogLevel.NOTICE, Errors.pointer, Errors.length);
}

/** WADI.USERS file text: the users of an ACL file take the place of all; an error tells every line that is wrong. */
export function users(cmd: Command): void {
  if (!cmd.room(<u64>cmd.arg(2).len * 8 + ROOM)) return;
  if (UserFile.load(cmd.arg(1), cmd.arg(2))) cmd.reply.ok();
  else cmd.reply.errorBytes(TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

/**
 * WADI.BECOME session end db user [rules]: a session that the host has made sure of acts as a user until that time
 * (Unix time in ms; 0: for good), or as one of its own that has these rules, one text, and begins in a database → OK.
 */
export function become(cmd: Command): void {
  const session = changetype<Session>(<usize>cmd.integer(1));
  if (cmd.failed) return;
  const endsMs = cmd.integer(2);
  if (cmd.failed) return;
  const db = cmd.integerIn(3, 0, Keyspace.databaseCount - 1, "ERR DB index is out of range");
  if (cmd.failed) return;
  const name = cmd.arg(4);
  const user = cmd.argc > 5 ? ownUser(name, cmd.arg(5)) : Users.find(name.ptr, name.len);
  if (!user || (cmd.argc <= 5 && !user.has(UserFlag.ON)))
    return cmd.fail("WRONGPASS invalid username-password pair or user is disabled.");
  if (endsMs || cmd.argc > 5) Login.becomeUntil(session, user, endsMs);
  else Login.become(session, user);
  session.db = Keyspace.database(<u32>db);
  cmd.reply.ok();
}

/** A user that only one session has; null where a rule is wrong. */
function ownUser(name: Slice, rules: Slice): User | null {
  const user = User.create(name.ptr, name.len);
  user.flags |= UserFlag.UNNAMED;
  const fault = RuleText.apply(user, rules.ptr, rules.len);
  Draft.finish();
  if (!fault) return user;
  user.dispose();
  return null;
}
