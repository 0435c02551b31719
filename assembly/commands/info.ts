// INFO: what the server knows of itself, as lines of `name:value` in sections.
//
// The engine writes what it knows; then the host adds its own lines to the same section.

import { Config, Setting } from "../generated/config";
import { Keyspace } from "../keyspace/keyspace";
import { Garbage } from "../keyspace/garbage";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Stats } from "../memory/stats";
import { Bytes } from "../memory/bytes";
import { Effects } from "../persistence/effects";
import { RdbFile } from "../persistence/rdb-file";
import { Snapshot } from "../persistence/snapshot";
import { Directive } from "../settings/directive";
import { TextBuffer } from "../protocol/text-buffer";
import { Changes } from "../sessions/changes";
import { Blocking } from "../sessions/blocking";
import { Broadcast } from "../sessions/broadcast";
import { Tracking } from "../sessions/tracking";
import { SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Subscriptions, TopicKind } from "../sessions/subscriptions";
import { Timers } from "../sessions/timers";
import { Watches } from "../sessions/watches";
import { Command } from "../execution/command";
import { ErrorCounts } from "../execution/error-counts";
import { Host, ScriptTask } from "../execution/host";
import { Libraries } from "../scripting/library";
import { Scripts } from "../scripting/scripts";
import { MemoryLimit } from "../execution/memory-limit";
import { Rates } from "../execution/rates";
import { REDIS_VERSION } from "../settings/version";
import { writeCommands, writeLatencies } from "./shared/info-commands";
import { human, number, real, text } from "./shared/info-lines";
import { MemoryUse } from "./shared/memory-use";

/** The sections, in the order of INFO; the host knows them by the same numbers. */
const enum Section {
  SERVER,
  CLIENTS,
  MEMORY,
  PERSISTENCE,
  STATS,
  REPLICATION,
  CPU,
  MODULES,
  COMMANDSTATS,
  ERRORSTATS,
  LATENCYSTATS,
  CLUSTER,
  KEYSPACE,
  COUNT,
}

const word: usize = memory.data(64);

/** Sections that INFO without arguments leaves out. */
const NOT_DEFAULT: u32 = (1 << Section.COMMANDSTATS) | (1 << Section.LATENCYSTATS);

/** INFO [section …] → the lines of those sections. */
export function info(cmd: Command): void {
  const wanted = sections(cmd);
  TextBuffer.begin();
  for (let section: u32 = 0; section < <u32>Section.COUNT; section++) {
    if (!((wanted >> section) & 1)) continue;
    if (TextBuffer.length) TextBuffer.text("\r\n");
    TextBuffer.text("# ");
    TextBuffer.text(title(section));
    TextBuffer.text("\r\n");
    write(section);
    Host.info(section);
  }
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

function sections(cmd: Command): u32 {
  const all: u32 = (1 << Section.COUNT) - 1;
  if (cmd.argc == 1) return all & ~NOT_DEFAULT;
  let wanted: u32 = 0;
  for (let i = 1; i < cmd.argc; i++) {
    const name = cmd.arg(i);
    if (Bytes.is(name.ptr, name.len, "all") || Bytes.is(name.ptr, name.len, "everything"))
      wanted |= all;
    else if (Bytes.is(name.ptr, name.len, "default")) wanted |= all & ~NOT_DEFAULT;
    else wanted |= named(name);
  }
  return wanted;
}

function named(name: Slice): u32 {
  for (let section: u32 = 0; section < <u32>Section.COUNT; section++) {
    const text = title(section);
    if (name.len != <u32>text.length) continue;
    let same = true;
    for (let i: u32 = 0; i < name.len && same; i++) {
      same = Bytes.lower(load<u8>(<usize>name.ptr + i)) == Bytes.lower(text.charCodeAt(i));
    }
    if (same) return 1 << section;
  }
  return 0;
}

function title(section: u32): string {
  switch (section) {
    case Section.SERVER:
      return "Server";
    case Section.CLIENTS:
      return "Clients";
    case Section.MEMORY:
      return "Memory";
    case Section.PERSISTENCE:
      return "Persistence";
    case Section.STATS:
      return "Stats";
    case Section.REPLICATION:
      return "Replication";
    case Section.CPU:
      return "CPU";
    case Section.MODULES:
      return "Modules";
    case Section.COMMANDSTATS:
      return "Commandstats";
    case Section.ERRORSTATS:
      return "Errorstats";
    case Section.LATENCYSTATS:
      return "Latencystats";
    case Section.CLUSTER:
      return "Cluster";
    default:
      return "Keyspace";
  }
}

function write(section: u32): void {
  switch (section) {
    case Section.SERVER:
      text("redis_version", REDIS_VERSION);
      text("redis_mode", "standalone");
      number("server_time_usec", Clock.nowUs);
      break;
    case Section.PERSISTENCE:
      number("current_cow_peak", Snapshot.isRunning ? Snapshot.peak : 0);
      number("current_cow_size", Snapshot.isRunning ? Snapshot.size : 0);
      number("rdb_last_cow_size", Snapshot.lastPeak);
      number("aof_last_cow_size", Snapshot.lastBasePeak);
      number("current_save_keys_processed", Snapshot.isRunning ? Snapshot.written : 0);
      number("current_save_keys_total", Snapshot.isRunning ? Snapshot.total : 0);
      number("rdb_changes_since_last_save", Changes.dirty);
      number("rdb_last_load_keys_expired", RdbFile.expired);
      number("rdb_last_load_keys_loaded", RdbFile.keys);
      break;
    case Section.CLIENTS:
      writeClients();
      break;
    case Section.MEMORY:
      writeMemory();
      break;
    case Section.STATS:
      writeStats();
      break;
    case Section.COMMANDSTATS:
      writeCommands();
      break;
    case Section.LATENCYSTATS:
      writeLatencies();
      break;
    case Section.ERRORSTATS:
      ErrorCounts.write();
      break;
    case Section.CLUSTER:
      number("cluster_enabled", 0);
      break;
    case Section.KEYSPACE:
      writeKeyspace();
      break;
    default:
      break;
  }
}

function writeClients(): void {
  let blocked = 0;
  let tracking = 0;
  let subscribers = 0;
  let watching = 0;
  let longestInput: u64 = 0;
  let longestOutput: u64 = 0;
  let session = Sessions.first;
  while (session) {
    if (session.kind == SessionKind.CLIENT) {
      if (session.has(SessionFlag.BLOCKED)) blocked++;
      if (session.has(SessionFlag.TRACKING)) tracking++;
      if (session.has(SessionFlag.SUBSCRIBED)) subscribers++;
      if (session.watches) watching++;
      longestInput = max<u64>(longestInput, session.inputEnd - session.inputStart);
      longestOutput = max<u64>(longestOutput, session.outputMemory);
    }
    session = session.next;
  }
  number("connected_clients", Sessions.clients);
  number("cluster_connections", 0);
  number("maxclients", Config.maxclients);
  number("client_recent_max_input_buffer", longestInput);
  number("client_recent_max_output_buffer", longestOutput);
  number("blocked_clients", blocked);
  number("tracking_clients", tracking);
  number("pubsub_clients", subscribers);
  number("watching_clients", watching);
  number("clients_in_timeout_table", Timers.count);
  number("total_watched_keys", Watches.count);
  number("total_blocking_keys", Blocking.keys);
  number("total_blocking_keys_on_nokey", Blocking.keysWatchedForRemoval);
}

function writeMemory(): void {
  const used = <u64>Heap.used;
  const peak = max<u64>(Heap.peak, used);
  MemoryUse.measure();
  const dataset = MemoryUse.dataset;
  const active = <u64>Heap.committed - Heap.idle;
  number("used_memory", used);
  human("used_memory_human", used);
  number("used_memory_peak", peak);
  human("used_memory_peak_human", peak);
  TextBuffer.text("used_memory_peak_perc:");
  TextBuffer.fixed((<f64>used * 100) / <f64>peak, 2);
  TextBuffer.text("%\r\n");
  number("used_memory_overhead", MemoryUse.overhead);
  number("used_memory_startup", Heap.startup);
  number("used_memory_dataset", dataset);
  TextBuffer.text("used_memory_dataset_perc:");
  TextBuffer.fixed(min<f64>(100, (<f64>dataset * 100) / <f64>MemoryUse.net), 2);
  TextBuffer.text("%\r\n");
  number("allocator_allocated", used);
  number("allocator_active", active);
  number("allocator_resident", Heap.committed);
  writeScripts();
  const limit = <u64>Config.maxmemory;
  number("maxmemory", limit);
  human("maxmemory_human", limit);
  TextBuffer.text("maxmemory_policy:");
  TextBuffer.bytes(word, Directive.at(Setting.maxmemoryPolicy).write(word));
  TextBuffer.text("\r\n");
  real("allocator_frag_ratio", <f64>active / <f64>used, 2);
  number("allocator_frag_bytes", active - used);
  real("allocator_rss_ratio", <f64>Heap.committed / <f64>active, 2);
  number("allocator_rss_bytes", <u64>Heap.committed - active);
  number("mem_not_counted_for_evict", Effects.size);
  number("mem_replication_backlog", 0);
  number("mem_total_replication_buffers", MemoryUse.replicas);
  number("mem_clients_slaves", MemoryUse.replicas);
  number("mem_clients_normal", MemoryUse.clients);
  number("mem_cluster_links", 0);
  number("mem_aof_buffer", Effects.size);
  text("mem_allocator", "wadi-spans");
  number("active_defrag_running", 0);
  number("lazyfree_pending_objects", Garbage.pending);
  number("lazyfreed_objects", Garbage.freed);
}

/** One interpreter runs scripts and functions. */
function writeScripts(): void {
  const interpreter = Host.script(ScriptTask.MEMORY);
  const texts = Scripts.bytes + Libraries.bytes;
  number("used_memory_lua", interpreter);
  number("used_memory_vm_eval", interpreter);
  human("used_memory_lua_human", interpreter);
  number("used_memory_scripts_eval", Scripts.bytes);
  number("number_of_cached_scripts", Scripts.count);
  number("number_of_functions", Libraries.functionCount);
  number("number_of_libraries", Libraries.count);
  number("used_memory_vm_functions", 0);
  number("used_memory_vm_total", interpreter);
  human("used_memory_vm_total_human", interpreter);
  number("used_memory_functions", Libraries.bytes);
  number("used_memory_scripts", texts);
  human("used_memory_scripts_human", texts);
}

function writeStats(): void {
  number("total_connections_received", Stats.connections);
  number("total_commands_processed", Stats.commands);
  number("instantaneous_ops_per_sec", Rates.commands);
  number("total_net_input_bytes", Stats.inputBytes);
  number("total_net_output_bytes", Stats.outputBytes);
  number("total_net_repl_input_bytes", 0);
  number("total_net_repl_output_bytes", 0);
  real("instantaneous_input_kbps", <f64>Rates.inputBytes / 1024, 2);
  real("instantaneous_output_kbps", <f64>Rates.outputBytes / 1024, 2);
  real("instantaneous_input_repl_kbps", 0, 2);
  real("instantaneous_output_repl_kbps", 0, 2);
  number("rejected_connections", Stats.rejectedConnections);
  number("expired_keys", Stats.expiredKeys);
  number("expired_subkeys", Stats.expiredFields);
  real("expired_stale_perc", Stats.expiredStalePercent * 100, 2);
  number("expired_time_cap_reached_count", Stats.expireCyclesCut);
  number("expire_cycle_cpu_milliseconds", <i64>(Stats.expireCycleUs / 1000));
  number("evicted_keys", Stats.evictedKeys);
  number("evicted_clients", Stats.evictedClients);
  number("total_eviction_exceeded_time", <i64>(MemoryLimit.exceededUs / 1000));
  number("current_eviction_exceeded_time", <i64>(MemoryLimit.exceedingUs / 1000));
  number("keyspace_hits", Stats.keyspaceHits);
  number("keyspace_misses", Stats.keyspaceMisses);
  number("pubsub_channels", Subscriptions.topicCount(TopicKind.CHANNEL));
  number("pubsub_patterns", Subscriptions.topicCount(TopicKind.PATTERN));
  number("pubsubshard_channels", Subscriptions.topicCount(TopicKind.SHARD));
  number("tracking_total_keys", Tracking.keys);
  number("tracking_total_items", Tracking.items);
  number("tracking_total_prefixes", Broadcast.prefixes);
  number("unexpected_error_replies", 0);
  number("total_error_replies", Stats.errorReplies);
  number("dump_payload_sanitizations", Stats.sanitizedPayloads);
  number("total_reads_processed", Stats.reads);
  number("total_writes_processed", Stats.writes);
  number("acl_access_denied_auth", Stats.aclDeniedAuth);
  number("acl_access_denied_cmd", Stats.aclDeniedCommand);
  number("acl_access_denied_key", Stats.aclDeniedKey);
  number("acl_access_denied_channel", Stats.aclDeniedChannel);
  number("client_query_buffer_limit_disconnections", Stats.queryBufferLimitDisconnections);
  number("client_output_buffer_limit_disconnections", Stats.outputBufferLimitDisconnections);
}

function writeKeyspace(): void {
  for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
    const db = Keyspace.database(i);
    if (!db.count) continue;
    TextBuffer.text("db");
    TextBuffer.integer(i);
    TextBuffer.text(":keys=");
    TextBuffer.integer(db.count);
    TextBuffer.text(",expires=");
    TextBuffer.integer(db.volatiles.count);
    TextBuffer.text(",avg_ttl=");
    TextBuffer.integer(db.averageTtl);
    TextBuffer.text("\r\n");
  }
}
