// DEBUG: looking inside, and disturbing on purpose. For tests and for finding faults.

import { Glob } from "../algorithms/glob";
import { Integer } from "../algorithms/integer";
import { Config, EnableDebugCommand } from "../generated/config";
import { Database } from "../keyspace/database";
import { Expiry } from "../keyspace/expiry";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Reply } from "../protocol/reply";
import { TextBuffer } from "../protocol/text-buffer";
import { RdbFile } from "../persistence/rdb-file";
import { SessionKind } from "../sessions/session";
import { Units } from "../settings/units";
import { Digest } from "../types/digest";
import { Strings } from "../types/string";
import { Command, Errors } from "../execution/command";
import { Execute } from "../execution/execute";
import { Host, LogLevel } from "../execution/host";
import { Tick } from "../execution/tick";
import {
  viewClients,
  viewLengths,
  viewListpack,
  viewObject,
  viewQuicklist,
  viewStructures,
  viewTableOf,
  viewTables,
} from "./shared/debug-views";

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
  if (cmd.is(1, "help") && argc == 2) return help(cmd);
  if (cmd.is(1, "object") && (argc == 3 || (argc == 4 && cmd.is(3, "fast"))))
    return viewObject(cmd);
  if (cmd.is(1, "digest") && argc == 2) return digestAll(reply);
  if (cmd.is(1, "digest-value") && argc >= 2) return digestValues(cmd);
  if (cmd.is(1, "populate") && argc >= 3 && argc <= 5) return populate(cmd);
  if (cmd.is(1, "stringmatch-len") && argc == 4) return stringMatch(cmd);
  if (cmd.is(1, "error") && argc == 3) return reply.errorBytes(cmd.arg(2).ptr, cmd.arg(2).len);
  if (cmd.is(1, "protocol") && argc == 3) return protocol(cmd);
  if (argc == 3 && isSwitched(cmd)) return reply.ok();
  if (cmd.is(1, "quicklist-packed-threshold") && argc == 3) return packedThreshold(cmd);
  if (cmd.is(1, "htstats") && argc == 3) return viewTables(cmd);
  if (cmd.is(1, "htstats-key") && argc == 3) return viewTableOf(cmd);
  if (cmd.is(1, "sdslen") && argc == 3) return viewLengths(cmd);
  if (cmd.is(1, "listpack") && argc == 3) return viewListpack(cmd);
  if (cmd.is(1, "quicklist") && (argc == 3 || argc == 4)) return viewQuicklist(cmd);
  if (cmd.is(1, "structsize") && argc == 2) return viewStructures(reply);
  if (cmd.is(1, "client-eviction") && argc == 2) return viewClients(cmd);
  if (cmd.is(1, "log") && argc == 3) return log(cmd);
  if (cmd.is(1, "leak") && argc == 3) return leak(cmd);
  if (cmd.is(1, "replybuffer") && argc == 4) return replyBuffer(cmd);
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
  const argc = cmd.argc;
  if (argc == 2) {
    return (
      cmd.is(1, "loadaof") ||
      cmd.is(1, "segfault") ||
      cmd.is(1, "panic") ||
      cmd.is(1, "assert") ||
      cmd.is(1, "oom") ||
      cmd.is(1, "restart") ||
      cmd.is(1, "crash-and-recover") ||
      cmd.is(1, "change-repl-id") ||
      cmd.is(1, "config-rewrite-force-all") ||
      cmd.is(1, "reload")
    );
  }
  if (cmd.is(1, "reload")) return true;
  return (
    argc == 3 &&
    (cmd.is(1, "sleep") ||
      cmd.is(1, "restart") ||
      cmd.is(1, "crash-and-recover") ||
      cmd.is(1, "aof-flush-sleep"))
  );
}

/** What a number other than 0 turns on and all else off; whether it is one of them. */
function isSwitched(cmd: Command): bool {
  const value = cmd.arg(2);
  const isOn = Integer.parse(value.ptr, value.len) && Integer.value != 0;
  if (cmd.is(1, "set-active-expire")) Expiry.isActive = isOn;
  else if (cmd.is(1, "set-skip-checksum-validation")) RdbFile.skipsChecksum = isOn;
  else if (cmd.is(1, "pause-cron")) Tick.isPaused = isOn;
  else if (cmd.is(1, "set-disable-deny-scripts")) return true;
  else return false;
  return true;
}

/** A list's nodes do not depend on it here: an element that is larger than a node is one by itself. */
function packedThreshold(cmd: Command): void {
  const text = cmd.arg(2);
  if (!Units.memory(text.ptr, text.len) || Units.value > 1 << 32)
    return cmd.fail("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
  cmd.reply.ok();
}

function log(cmd: Command): void {
  Errors.begin();
  Errors.text("DEBUG LOG: ");
  Errors.bytes(cmd.arg(2).ptr, cmd.arg(2).len);
  Host.log(LogLevel.WARNING, Errors.pointer, Errors.length);
  cmd.reply.ok();
}

/** DEBUG LEAK text: memory that nobody will give back. */
function leak(cmd: Command): void {
  const text = cmd.arg(2);
  if (!cmd.room(text.len)) return;
  memory.copy(Heap.alloc(max<u32>(text.len, 1)), text.ptr, text.len);
  cmd.reply.ok();
}

/** Output here has no buffer that grows and shrinks: there is nothing to set. */
function replyBuffer(cmd: Command): void {
  const isPeak = cmd.is(2, "peak-reset-time");
  if (!isPeak && !cmd.is(2, "resizing")) return cmd.failSubcommandSyntax();
  if (isPeak && !cmd.is(3, "never") && !cmd.is(3, "reset")) {
    cmd.integer(3);
    if (cmd.failed) return;
  }
  cmd.reply.ok();
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

function help(cmd: Command): void {
  replyLines(
    cmd.reply,
    "AOF-FLUSH-SLEEP <microsec>\n    Wait so long before each write to the append only file.\nASSERT\n    Crash as a failed assertion does.\nCHANGE-REPL-ID\n    Begin a new replication history.\nCLIENT-EVICTION\n    How many clients take how much memory.\nCONFIG-REWRITE-FORCE-ALL\n    Write all directives to the configuration file.\nCRASH-AND-RECOVER [<milliseconds>]\n    Start again without saving, after a delay.\nDIGEST\n    A number that stands for the whole dataset.\nDIGEST-VALUE <key> [<key> ...]\n    Such a number for the value of each key.\nERROR <string>\n    Reply this error.\nHTSTATS <dbid>\n    How full the tables of a database are.\nHTSTATS-KEY <key>\n    How full the table of one value is.\nLEAK <string>\n    Lose the memory of this text.\nLISTPACK <key>\n    The size of a value that is one listpack.\nLOADAOF\n    Flush everything and load the append only file.\nLOG <message>\n    Write a line to the log.\nOBJECT <key> [FAST]\n    How a value lies in memory.\nOOM\n    Crash as when the memory ends.\nPANIC\n    Crash with a report.\nPAUSE-CRON <0|1>\n    Whether the work in the background rests.\nPOPULATE <count> [<prefix>] [<size>]\n    Make keys for a test.\nPROTOCOL <type>\n    An example of a kind of reply.\nQUICKLIST <key> [<0|1>]\n    The nodes of a long list.\nQUICKLIST-PACKED-THRESHOLD <size>\n    Taken for compatibility: no size of elements is special here.\nRELOAD [MERGE] [NOFLUSH] [NOSAVE]\n    Save the dataset, flush it and load it.\nREPLYBUFFER <PEAK-RESET-TIME|RESIZING> <value>\n    Taken for compatibility: output has no buffer of its own size here.\nRESTART [<milliseconds>]\n    Save, rewrite the configuration and start again, after a delay.\nSDSLEN <key>\n    Lengths of a key and of its string.\nSEGFAULT\n    Crash by an access to memory.\nSET-ACTIVE-EXPIRE <0|1>\n    Whether expired keys go before someone asks for them.\nSET-SKIP-CHECKSUM-VALIDATION <0|1>\n    Whether checksums of RDB files and of RESTORE are left alone.\nSLEEP <seconds>\n    Stop the server for so long.\nSTRINGMATCH-LEN <len> <pattern>\n    Match a pattern against a long text.\nSTRUCTSIZE\n    Sizes of the structures of the engine.",
  );
}

/** Replies the lines of `text` between the heading of a HELP and the lines about HELP itself. */
function replyLines(reply: Reply, text: string): void {
  const mark = reply.mark();
  reply.status("DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  let lines: u32 = 3;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && load<u16>(changetype<usize>(text) + (i << 1)) != 10) continue;
    Errors.begin();
    Errors.part(text, start, i);
    Errors.sendStatus(reply);
    start = i + 1;
    lines++;
  }
  reply.status("HELP");
  reply.status("    Print this help.");
  reply.closeArray(mark, lines);
}
