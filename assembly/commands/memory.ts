// MEMORY: what keys and the server take.

import { Config } from "../generated/config";
import { Keyspace } from "../keyspace/keyspace";
import { Heap } from "../memory/heap";
import { Effects } from "../persistence/effects";
import { Reply } from "../protocol/reply";
import { TextBuffer } from "../protocol/text-buffer";
import { Libraries } from "../scripting/library";
import { Scripts } from "../scripting/scripts";
import { Values } from "../types/values";
import { Command } from "../execution/command";
import { HostFacts } from "../execution/host-facts";
import { MemoryUse } from "./shared/memory-use";

/** MEMORY USAGE key [SAMPLES count] → bytes of the key with its value, exactly; nil for a missing key. */
export function memoryUsage(cmd: Command): void {
  for (let i = 3; i < cmd.argc; i++) {
    if (!cmd.is(i, "samples") || i + 1 == cmd.argc) return cmd.failSyntax();
    const samples = cmd.integer(++i);
    if (cmd.failed) return;
    if (samples < 0) return cmd.failSyntax();
  }
  const entry = cmd.inspect(2);
  if (entry) cmd.reply.integer(Values.size(entry));
  else cmd.reply.nil();
}

function field(reply: Reply, name: string, value: i64): void {
  reply.bulkText(name);
  reply.integer(value);
}

function ratio(reply: Reply, name: string, value: f64): void {
  reply.bulkText(name);
  reply.double(value);
}

/** MEMORY STATS → where the memory is. */
export function memoryStats(cmd: Command): void {
  const reply = cmd.reply;
  const used = <u64>Heap.used;
  MemoryUse.measure();
  const keys = MemoryUse.keys;
  const mark = reply.mark();
  let fields: u32 = 10;
  field(reply, "peak.allocated", max<u64>(Heap.peak, used));
  field(reply, "total.allocated", used);
  field(reply, "startup.allocated", Heap.startup);
  field(reply, "replication.backlog", 0);
  field(reply, "clients.slaves", MemoryUse.replicas);
  field(reply, "clients.normal", MemoryUse.clients);
  field(reply, "cluster.links", 0);
  field(reply, "aof.buffer", Effects.size);
  field(reply, "lua.caches", Scripts.bytes);
  field(reply, "functions.caches", Libraries.bytes);
  for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
    const db = Keyspace.database(i);
    if (!db.count) continue;
    const expires = db.volatiles.size;
    TextBuffer.begin();
    TextBuffer.text("db.");
    TextBuffer.integer(i);
    reply.bulk(TextBuffer.pointer, TextBuffer.length);
    TextBuffer.end();
    reply.map(3);
    field(reply, "overhead.hashtable.main", db.overhead - expires);
    field(reply, "overhead.hashtable.expires", expires);
    field(reply, "overhead.hashtable.slot-to-keys", 0);
    fields++;
  }
  const dataset = MemoryUse.dataset;
  const net = MemoryUse.net;
  field(reply, "overhead.total", MemoryUse.overhead);
  field(reply, "keys.count", keys);
  field(reply, "keys.bytes-per-key", keys ? net / keys : 0);
  field(reply, "dataset.bytes", dataset);
  ratio(reply, "dataset.percentage", (<f64>dataset * 100) / <f64>net);
  ratio(reply, "peak.percentage", (<f64>used * 100) / <f64>max<u64>(Heap.peak, used));
  const active = <u64>Heap.committed - Heap.idle;
  field(reply, "allocator.allocated", used);
  field(reply, "allocator.active", active);
  field(reply, "allocator.resident", Heap.committed);
  ratio(reply, "allocator-fragmentation.ratio", <f64>active / <f64>used);
  field(reply, "allocator-fragmentation.bytes", active - used);
  ratio(reply, "allocator-rss.ratio", <f64>Heap.committed / <f64>active);
  field(reply, "allocator-rss.bytes", <u64>Heap.committed - active);
  const resident = HostFacts.number("used_memory_rss:", Heap.committed);
  ratio(reply, "rss-overhead.ratio", <f64>resident / <f64>Heap.committed);
  field(reply, "rss-overhead.bytes", resident - Heap.committed);
  ratio(reply, "fragmentation", <f64>resident / <f64>used);
  field(reply, "fragmentation.bytes", resident - used);
  reply.closeMap(mark, fields + 17);
}

/** MEMORY DOCTOR → what is odd about the memory, in sentences. */
export function memoryDoctor(cmd: Command): void {
  const used = <u64>Heap.used;
  const active = <u64>Heap.committed - Heap.idle;
  TextBuffer.begin();
  if (used < 5 << 20) {
    TextBuffer.text(
      "There is too little data here to say anything about its memory. Ask again when there is more.\n",
    );
  } else {
    const limit = <u64>Config.maxmemory;
    const isFragmented = active > used + (used >> 1) && active - used > 10 << 20;
    const isNearLimit = limit != 0 && used > limit - limit / 10;
    const isNearEnd = used > Heap.limit - Heap.limit / 10;
    if (!isFragmented && !isNearLimit && !isNearEnd) {
      TextBuffer.text("No problem found: the memory is well used and has room.\n");
    } else {
      TextBuffer.text("Found in this server's memory:\n\n");
      if (isFragmented)
        TextBuffer.text(
          " * Fragmentation: much of the memory lies in blocks that few values use. It comes back as keys are written and deleted.\n\n",
        );
      if (isNearLimit)
        TextBuffer.text(
          " * Near maxmemory: more than 90 % of it are used. Raise it, or choose an eviction policy.\n\n",
        );
      if (isNearEnd)
        TextBuffer.text(
          " * Near the 4 GiB that one engine can hold: writes will be refused soon. More data needs a cluster.\n\n",
        );
    }
  }
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

/** MEMORY PURGE → OK: free memory goes back to the page runs by itself. */
export function memoryPurge(cmd: Command): void {
  cmd.reply.ok();
}

/** MEMORY MALLOC-STATS → the heap's counters. */
export function memoryMallocStats(cmd: Command): void {
  TextBuffer.begin();
  TextBuffer.text("used ");
  TextBuffer.integer(Heap.used);
  TextBuffer.text(" bytes in blocks, ");
  TextBuffer.integer(Heap.committed);
  TextBuffer.text(" bytes of memory, ");
  TextBuffer.integer(Heap.idle);
  TextBuffer.text(" of them in free pages\n");
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}
