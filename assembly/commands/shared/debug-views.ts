// What DEBUG shows of values, tables and clients, as lines of text.

import { Config } from "../../generated/config";
import { Encoding, Entry, Type } from "../../keyspace/entry";
import { Keyspace } from "../../keyspace/keyspace";
import { Types } from "../../keyspace/types";
import { Heap } from "../../memory/heap";
import { RdbSave } from "../../persistence/rdb-save";
import { RdbWriter } from "../../persistence/rdb-writer";
import { Reply } from "../../protocol/reply";
import { TextBuffer } from "../../protocol/text-buffer";
import { Describe } from "../../sessions/describe";
import { Session, SessionKind, Sessions } from "../../sessions/session";
import { Field } from "../../structures/field-table";
import { Listpack } from "../../structures/listpack";
import { Member } from "../../structures/member-table";
import { Quicklist } from "../../structures/quicklist";
import { Bucket, Table } from "../../structures/table";
import { IndexedSortedSet } from "../../types/indexed-sorted-set";
import { Values } from "../../types/values";
import { Command } from "../../execution/command";

const HEX: string = "0123456789abcdef";
const writer: usize = memory.data(offsetof<RdbWriter>(), 8);

/** Replies the text buffer as a simple string. */
function replyStatus(reply: Reply): void {
  reply.text("+");
  reply.raw(TextBuffer.pointer, TextBuffer.length);
  reply.text("\r\n");
  TextBuffer.end();
}

function replyText(reply: Reply): void {
  reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

function field(name: string, value: i64): void {
  TextBuffer.text(name);
  TextBuffer.integer(value);
}

/** DEBUG OBJECT key → how a value lies in memory. */
export function viewObject(cmd: Command): void {
  const entry = cmd.inspect(2);
  if (!entry) return cmd.fail("ERR no such key");
  const isFast = cmd.argc == 4;
  if (!isFast && !cmd.room(Values.size(entry) * 2)) return;
  const saved = isFast ? 0 : savedLength(entry);
  TextBuffer.begin();
  TextBuffer.text("Value at:0x");
  const address = <u32>changetype<usize>(entry);
  for (let shift = 28; shift >= 0; shift -= 4)
    TextBuffer.char(HEX.charCodeAt((address >> shift) & 15));
  TextBuffer.text(" refcount:1 encoding:");
  TextBuffer.text(Types.encodingName(entry));
  if (!isFast) field(" serializedlength:", saved);
  field(" lru:", entry.lru);
  field(" lru_seconds_idle:", (Keyspace.accessClock() - entry.lru) & 0xffffff);
  if (entry.encoding == Encoding.QUICKLIST) writeNodes(changetype<Quicklist>(entry.value));
  replyStatus(cmd.reply);
}

/** Bytes of the value in an RDB file. */
function savedLength(entry: Entry): u32 {
  const out = changetype<RdbWriter>(writer);
  out.init();
  RdbSave.value(out, entry);
  const length = out.length;
  out.dispose();
  return length;
}

function writeNodes(list: Quicklist): void {
  let bytes: u64 = 0;
  for (let i: u32 = 0; i < list.nodes; i++) bytes += list.at(i).bytes;
  field(" ql_nodes:", list.nodes);
  TextBuffer.text(" ql_avg_node:");
  TextBuffer.fixed(<f64>list.count / <f64>list.nodes, 2);
  field(" ql_listpack_max:", Config.listMaxListpackSize);
  field(" ql_compressed:", 0);
  field(" ql_uncompressed_size:", bytes);
}

/** DEBUG SDSLEN key → lengths of a key and its string; what is behind them is room that they do not need. */
export function viewLengths(cmd: Command): void {
  const entry = cmd.inspect(2);
  if (!entry) return cmd.fail("ERR no such key");
  if (entry.type != Type.STRING || entry.encoding == Encoding.INT)
    return cmd.fail("ERR Not an sds encoded string.");
  const block = <u32>Heap.sizeOf(changetype<usize>(entry));
  const isApart = entry.encoding == Encoding.RAW;
  const own = isApart ? <u32>Heap.sizeOf(entry.stringPtr) : entry.stringLen;
  TextBuffer.begin();
  field("key_sds_len:", entry.keyLen);
  field(", key_sds_avail:", 0);
  field(", key_zmalloc: ", block);
  field(", val_sds_len:", entry.stringLen);
  field(", val_sds_avail:", own - entry.stringLen);
  field(", val_zmalloc: ", isApart ? own : 0);
  replyStatus(cmd.reply);
}

/** DEBUG LISTPACK key → the size of a value that is one listpack. */
export function viewListpack(cmd: Command): void {
  const entry = cmd.inspect(2);
  if (!entry) return cmd.fail("ERR no such key");
  if (entry.encoding != Encoding.LISTPACK && entry.encoding != Encoding.LISTPACK_EX)
    return cmd.fail("ERR Not a listpack encoded object.");
  TextBuffer.begin();
  field("bytes:", Listpack.bytes(entry.value));
  field(" elements:", Listpack.length(entry.value));
  replyStatus(cmd.reply);
}

/** DEBUG QUICKLIST key → the nodes of a long list. */
export function viewQuicklist(cmd: Command): void {
  const entry = cmd.inspect(2);
  if (!entry) return cmd.fail("ERR no such key");
  if (entry.encoding != Encoding.QUICKLIST) return cmd.fail("ERR Not a quicklist encoded object.");
  const list = changetype<Quicklist>(entry.value);
  TextBuffer.begin();
  field("count:", list.count);
  writeNodes(list);
  replyStatus(cmd.reply);
}

// ── tables ───────────────────────────────────────────────────────────────────────────────────

function writeTable<T>(table: Table<T>, index: u32): void {
  field("Hash table ", index);
  TextBuffer.text(" stats (main hash table):\n");
  if (!table.count) return TextBuffer.text("No stats available for empty dictionaries\n");
  let filled: u32 = 0;
  let longest: u32 = 0;
  for (let i: u32 = 0; i < table.buckets; i++) {
    let length: u32 = 0;
    let bucket: Bucket | null = table.bucketAt(i);
    while (bucket) {
      length += <u32>popcnt(bucket.filled);
      bucket = bucket.next;
    }
    if (length) filled++;
    longest = max(longest, length);
  }
  field(" table size: ", table.buckets);
  field("\n number of elements: ", table.count);
  field("\n different slots: ", filled);
  field("\n max chain length: ", longest);
  field("\n overflow buckets: ", table.overflowBuckets);
  TextBuffer.text("\n avg chain length (counted): ");
  TextBuffer.fixed(<f64>table.count / <f64>filled, 2);
  TextBuffer.text("\n avg chain length (computed): ");
  TextBuffer.fixed(<f64>table.count / <f64>filled, 2);
  TextBuffer.text("\n");
}

/** DEBUG HTSTATS db → how full the tables of a database are. */
export function viewTables(cmd: Command): void {
  const index = cmd.integer(2);
  if (cmd.failed) return;
  if (index < 0 || index >= <i64>Keyspace.databaseCount)
    return cmd.fail("ERR Out of range database");
  const db = Keyspace.database(<u32>index);
  TextBuffer.begin();
  TextBuffer.text("[Dictionary HT]\n");
  for (let slot: u32 = 0; slot < db.tableCount; slot++) writeTable(db.tableAt(slot), slot);
  TextBuffer.text("[Expires HT]\n");
  if (db.volatiles.count) {
    field("A list of entries:\n number of elements: ", db.volatiles.count);
    TextBuffer.text("\n");
  } else {
    TextBuffer.text("No stats available for empty dictionaries\n");
  }
  replyText(cmd.reply);
}

/** DEBUG HTSTATS-KEY key → how full the table of a big hash, set or sorted set is. */
export function viewTableOf(cmd: Command): void {
  const entry = cmd.inspect(2);
  if (!entry) return cmd.fail("ERR no such key");
  const encoding = entry.encoding;
  if (encoding != Encoding.HASHTABLE && encoding != Encoding.SKIPLIST) {
    return cmd.fail(
      "ERR The value stored at the specified key is not represented using an hash table",
    );
  }
  TextBuffer.begin();
  if (encoding == Encoding.SKIPLIST) writeTable(changetype<IndexedSortedSet>(entry.value).table, 0);
  else if (entry.type == Type.HASH) writeTable(changetype<Table<Field>>(entry.value), 0);
  else writeTable(changetype<Table<Member>>(entry.value), 0);
  replyText(cmd.reply);
}

// ── clients ──────────────────────────────────────────────────────────────────────────────────

/** Clients are put together by the memory they take: below 32 KB, then a doubling each. */
const BUCKETS: u32 = 19;
const FIRST_LOG: u32 = 15;

/** DEBUG CLIENT-EVICTION → how many clients take how much. */
export function viewClients(cmd: Command): void {
  if (!Config.maxmemoryClients) return cmd.fail("ERR maxmemory-clients is disabled.");
  TextBuffer.begin();
  for (let bucket: u32 = 0; bucket < BUCKETS; bucket++) {
    let bytes: u64 = 0;
    let count: u32 = 0;
    let session: Session | null = Sessions.first;
    while (session) {
      if (session.kind == SessionKind.CLIENT) {
        const size = Describe.memory(session);
        if (bucketOf(size) == bucket) {
          bytes += size;
          count++;
        }
      }
      session = session.next;
    }
    TextBuffer.text("bucket ");
    padded(bucket ? (<u64>1) << (bucket - 1 + FIRST_LOG) : 0);
    if (bucket == BUCKETS - 1) {
      TextBuffer.text("+            : ");
    } else {
      TextBuffer.text(" - ");
      padded(((<u64>1) << (bucket + FIRST_LOG)) - 1);
      TextBuffer.text(": ");
    }
    TextBuffer.text("tot-mem: ");
    padded(bytes);
    field(", clients: ", count);
    TextBuffer.text("\n");
  }
  replyText(cmd.reply);
}

function bucketOf(size: u64): u32 {
  const log: u32 = 63 - <u32>clz(size | 1);
  return log < FIRST_LOG ? 0 : min(log - FIRST_LOG + 1, BUCKETS - 1);
}

/** A number in a column of ten. */
function padded(value: u64): void {
  for (let limit: u64 = 1000000000; limit > 1 && value < limit; limit /= 10) TextBuffer.char(32);
  TextBuffer.integer(value);
}

/** DEBUG STRUCTSIZE → the bytes of the engine's structures. */
export function viewStructures(reply: Reply): void {
  TextBuffer.begin();
  field("bits:", sizeof<usize>() << 3);
  field(" entry:", offsetof<Entry>());
  field(" session:", offsetof<Session>());
  field(" quicklist:", offsetof<Quicklist>());
  replyStatus(reply);
}
