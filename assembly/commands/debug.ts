// DEBUG: looking inside, and disturbing on purpose. For tests and for finding faults.

import { Double } from "../algorithms/double";
import { Glob } from "../algorithms/glob";
import { Integer } from "../algorithms/integer";
import { Config, EnableDebugCommand } from "../generated/config";
import { Database } from "../keyspace/database";
import { Expiry } from "../keyspace/expiry";
import { Keyspace } from "../keyspace/keyspace";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Reply } from "../protocol/reply";
import { TextBuffer } from "../protocol/text-buffer";
import { SessionKind } from "../sessions/session";
import { Digest } from "../types/digest";
import { Strings } from "../types/string";
import { Values } from "../types/values";
import { Command } from "../execution/command";
import { Execute } from "../execution/execute";

const HEX: string = "0123456789abcdef";
const digest: usize = memory.data(24, 8);
const word: usize = memory.data(64, 8);

/** DEBUG subcommand … */
export function debug(cmd: Command): void {
  if (!isAllowed(cmd)) {
    return cmd.fail(
      'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
    );
  }
  const argc = cmd.argc;
  const reply = cmd.reply;
  if (cmd.is(1, "help") && argc == 2) return help(reply);
  if (cmd.is(1, "object") && argc >= 3) return object(cmd);
  if (cmd.is(1, "digest") && argc == 2) return digestAll(reply);
  if (cmd.is(1, "digest-value") && argc >= 2) return digestValues(cmd);
  if (cmd.is(1, "set-active-expire") && argc == 3) return setActiveExpire(cmd);
  if (cmd.is(1, "populate") && argc >= 3 && argc <= 5) return populate(cmd);
  if (cmd.is(1, "stringmatch-len") && argc == 4) return stringMatch(cmd);
  if (cmd.is(1, "error") && argc == 3) return reply.errorBytes(cmd.arg(2).ptr, cmd.arg(2).len);
  if (cmd.is(1, "protocol") && argc == 3) return protocol(cmd);
  if (cmd.is(1, "htstats") && argc >= 3) return tableStatistics(cmd);
  if (cmd.is(1, "htstats-key") && argc >= 3)
    return cmd.fail(
      "ERR The value stored at the specified key is not represented using an hash table",
    );
  if (cmd.is(1, "quicklist-packed-threshold") && argc == 3) return reply.ok();
  if (cmd.is(1, "set-disable-deny-scripts") && argc == 3) return reply.ok();
  if (cmd.is(1, "sleep") && argc == 3) return sleep(cmd);
  if (isHosts(cmd)) return Execute.askHost(cmd);
  cmd.failSubcommandSyntax();
}

function isAllowed(cmd: Command): bool {
  if (cmd.session.kind != SessionKind.CLIENT) return true;
  const rule = Config.enableDebugCommand;
  return (
    rule == EnableDebugCommand.YES || (rule == EnableDebugCommand.LOCAL && cmd.session.isLocal)
  );
}

/** What only the host can do. */
function isHosts(cmd: Command): bool {
  return (
    cmd.is(1, "reload") ||
    cmd.is(1, "loadaof") ||
    cmd.is(1, "restart") ||
    cmd.is(1, "crash-and-recover") ||
    cmd.is(1, "segfault") ||
    cmd.is(1, "panic") ||
    cmd.is(1, "change-repl-id") ||
    cmd.is(1, "jmap")
  );
}

function sleep(cmd: Command): void {
  const text = cmd.arg(2);
  if (!Double.parse(text.ptr, text.len)) return cmd.fail("ERR value is not a valid float");
  Execute.askHost(cmd);
}

function object(cmd: Command): void {
  const entry = cmd.inspect(2);
  if (!entry) return cmd.fail("ERR no such key");
  TextBuffer.begin();
  TextBuffer.text("Value at:0x");
  const address = <u32>changetype<usize>(entry);
  for (let shift = 28; shift >= 0; shift -= 4)
    TextBuffer.char(HEX.charCodeAt((address >> shift) & 15));
  TextBuffer.text(" refcount:1 encoding:");
  TextBuffer.text(Types.encodingName(entry));
  TextBuffer.text(" serializedlength:");
  TextBuffer.integer(Values.size(entry));
  TextBuffer.text(" lru:");
  TextBuffer.integer(entry.lru);
  TextBuffer.text(" lru_seconds_idle:");
  TextBuffer.integer((Keyspace.accessClock() - entry.lru) & 0xffffff);
  reply(cmd);
}

/** Replies the text buffer as a simple string. */
function reply(cmd: Command): void {
  const to = cmd.reply;
  to.text("+");
  to.raw(TextBuffer.pointer, TextBuffer.length);
  to.text("\r\n");
  TextBuffer.end();
}

function writeDigest(reply: Reply): void {
  reply.text("+");
  for (let i = 0; i < 20; i++) {
    const byte = <u32>load<u8>(digest + i);
    store<u8>(word, HEX.charCodeAt(byte >> 4));
    store<u8>(word, HEX.charCodeAt(byte & 15), 1);
    reply.raw(word, 2);
  }
  reply.text("\r\n");
}

function digestAll(reply: Reply): void {
  Digest.ofDataset(digest);
  writeDigest(reply);
}

function digestValues(cmd: Command): void {
  cmd.reply.array(cmd.argc - 2);
  for (let i = 2; i < cmd.argc; i++) {
    Digest.clear(digest);
    const entry = cmd.inspect(i);
    if (entry) Digest.mixValue(digest, entry);
    writeDigest(cmd.reply);
  }
}

function setActiveExpire(cmd: Command): void {
  const value = cmd.arg(2);
  Expiry.isActive = !(Integer.parse(value.ptr, value.len) && Integer.value == 0);
  cmd.reply.ok();
}

/** DEBUG POPULATE count [prefix] [size]: keys prefix:0 … that are not there yet, with values value:0 …. */
function populate(cmd: Command): void {
  const count = cmd.integerIn(2, 0, i64.MAX_VALUE, "ERR value is out of range, must be positive");
  if (cmd.failed) return;
  let size: i64 = 0;
  if (cmd.argc == 5) {
    size = cmd.integerIn(
      4,
      0,
      <i64>Config.protoMaxBulkLen,
      "ERR value is out of range, must be positive",
    );
    if (cmd.failed) return;
  }
  if (!cmd.room(<u64>count * (<u64>size + 96))) return;
  const prefix: Slice | null = cmd.argc >= 4 ? cmd.arg(3) : null;
  const value = Heap.alloc(<usize>max<i64>(size, 64));
  const db = cmd.db;
  for (let i: i64 = 0; i < count; i++) {
    TextBuffer.begin();
    if (prefix) TextBuffer.bytes(prefix.ptr, prefix.len);
    else TextBuffer.text("key");
    TextBuffer.char(58);
    TextBuffer.integer(i);
    const hash = Database.hash(TextBuffer.pointer, TextBuffer.length);
    if (!db.find(TextBuffer.pointer, TextBuffer.length, hash)) {
      memory.fill(value, 0, <usize>max<i64>(size, 64));
      store<u32>(value, 0x756c6176); // valu
      store<u16>(value, 0x3a65, 4); // e:
      const digits = Integer.format(i, value + 6);
      const length = size ? <u32>size : 6 + digits;
      if (size && size < 6 + digits) memory.fill(value + <u32>size, 0, 6 + digits - <u32>size);
      Strings.addPlain(db, TextBuffer.pointer, TextBuffer.length, hash, value, length);
    }
    TextBuffer.end();
  }
  Heap.free(value);
  cmd.reply.ok();
}

function stringMatch(cmd: Command): void {
  const length = cmd.integer(2);
  if (cmd.failed) return;
  const pattern = cmd.arg(3);
  const size = <u32>min<i64>(max<i64>(length, 0), 64 << 20);
  if (!cmd.room(size)) return;
  const text = Heap.alloc(size);
  memory.fill(text, 97, size);
  cmd.reply.integer(Glob.matches(pattern.ptr, pattern.len, text, size) ? 1 : 0);
  Heap.free(text);
}

/** DEBUG PROTOCOL kind → an example of a kind of reply. */
function protocol(cmd: Command): void {
  const reply = cmd.reply;
  if (cmd.is(2, "string")) return reply.bulkText("Hello World");
  if (cmd.is(2, "integer")) return reply.integer(12345);
  if (cmd.is(2, "double")) return reply.double(3.141);
  if (cmd.is(2, "null")) return reply.nil();
  if (cmd.is(2, "array")) {
    reply.array(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
    return;
  }
  if (cmd.is(2, "set")) {
    reply.set(3);
    for (let i = 0; i < 3; i++) reply.integer(i);
    return;
  }
  if (cmd.is(2, "map")) {
    reply.map(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i == 1);
    }
    return;
  }
  if (cmd.is(2, "attrib")) {
    if (reply.isResp3) {
      reply.number(124, 1);
      reply.bulkText("key-popularity");
      reply.array(2);
      reply.bulkText("key:123");
      reply.integer(90);
    }
    return reply.bulkText("Some real reply following the attribute");
  }
  if (cmd.is(2, "push")) {
    if (!reply.isResp3) return cmd.fail("ERR RESP2 is not supported by this command");
    reply.push(2);
    reply.bulkText("server-cpu-usage");
    reply.integer(42);
    return reply.bulkText("Some real reply following the push reply");
  }
  if (cmd.is(2, "verbatim")) {
    TextBuffer.begin();
    TextBuffer.text("This is a verbatim\nstring");
    reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
    return TextBuffer.end();
  }
  if (cmd.is(2, "true")) return reply.boolean(true);
  if (cmd.is(2, "false")) return reply.boolean(false);
  if (cmd.is(2, "bignum")) {
    if (reply.isResp3) return reply.text("(1234567999999999999999999999999999999\r\n");
    return reply.bulkText("1234567999999999999999999999999999999");
  }
  cmd.fail(
    "ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
  );
}

/** DEBUG HTSTATS db → how full the tables are. */
function tableStatistics(cmd: Command): void {
  const index = cmd.integerIn(2, 0, <i64>Keyspace.databaseCount - 1, "ERR Out of range database");
  if (cmd.failed) return;
  const db = Keyspace.database(<u32>index);
  TextBuffer.begin();
  for (let slot: u32 = 0; slot < db.tableCount; slot++) {
    const table = db.tableAt(slot);
    TextBuffer.text("[Dictionary HT]\nbuckets: ");
    TextBuffer.integer(table.buckets);
    TextBuffer.text("\noverflow buckets: ");
    TextBuffer.integer(table.overflowBuckets);
    TextBuffer.text("\nkeys: ");
    TextBuffer.integer(table.count);
    TextBuffer.text("\n");
  }
  TextBuffer.text("[Expires]\nkeys: ");
  TextBuffer.integer(db.volatiles.count);
  TextBuffer.text("\n");
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

function help(reply: Reply): void {
  const lines =
    "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\nCHANGE-REPL-ID\n    Change the replication IDs of this server.\nDIGEST\n    A number that stands for the whole dataset.\nDIGEST-VALUE <key> [<key> ...]\n    Such a number for the value of each key.\nERROR <string>\n    Reply this error.\nHTSTATS <dbid>\n    How full the tables of a database are.\nLOADAOF\n    Flush everything and load the append only file.\nOBJECT <key>\n    How a value lies in memory.\nPOPULATE <count> [<prefix>] [<size>]\n    Make keys for a test.\nPROTOCOL <type>\n    An example of a kind of reply.\nRELOAD\n    Save the dataset, flush it and load it.\nSET-ACTIVE-EXPIRE <0|1>\n    Whether expired keys go before someone asks for them.\nSLEEP <seconds>\n    Stop the server for so long.\nSTRINGMATCH-LEN <len> <pattern>\n    Match a pattern against a long text.\nHELP\n    Print this help.";
  const mark = reply.mark();
  let count: u32 = 0;
  let start = 0;
  for (let i = 0; i <= lines.length; i++) {
    if (i < lines.length && lines.charCodeAt(i) != 10) continue;
    reply.text("+");
    for (let at = start; at < i; at++) {
      store<u8>(word, lines.charCodeAt(at));
      reply.raw(word, 1);
    }
    reply.text("\r\n");
    start = i + 1;
    count++;
  }
  reply.closeArray(mark, count);
}
