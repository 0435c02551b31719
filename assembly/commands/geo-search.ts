// Geo sets: what is within a radius of a place, or in a box around it.

import { GeoSearch } from "../algorithms/geo-search";
import { Geohash } from "../algorithms/geohash";
import { Command, Errors } from "../execution/command";
import { Entry, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Listpack } from "../structures/listpack";
import { END } from "../structures/listpack-entry";
import { GeoPoint, GeoPoints, Order } from "../types/geo-points";
import { IndexedSortedSet } from "../types/indexed-sorted-set";
import { PackedSortedSet } from "../types/packed-sorted-set";
import { SortedSet } from "../types/sorted-set";
import { SortedSetWalk } from "../types/sorted-set-walk";
import { GeoArguments } from "./shared/geo-arguments";
import { replyPlace } from "./shared/geo-place";
import { SortedSetStore } from "./shared/sorted-set-store";

/** Which of the commands it is. */
const enum From {
  /** GEORADIUS: longitude and latitude are arguments 2 and 3. */
  PLACE,
  /** GEORADIUSBYMEMBER: the member is argument 2. */
  MEMBER,
  /** GEOSEARCH: options say it. */
  OPTION,
}

const enum Shape {
  NONE,
  RADIUS,
  BOX,
}

let longitude: f64 = 0.0;
let latitude: f64 = 0.0;
let hasPlace: bool = false;
let shape: Shape = Shape.NONE;
/** The radius or the width, and the height, in units of so many metres. */
let width: f64 = 0.0;
let height: f64 = 0.0;
let unit: f64 = 1.0;
let order: Order = Order.NONE;
/** The most results; 0: all. */
let count: i64 = 0;
/** Any `count` results will do, not only the nearest. */
let takesAny: bool = false;
let withDistance: bool = false;
let withHash: bool = false;
let withPlace: bool = false;
/** The argument that names the key for the result; 0: it is the reply. */
let storeKey: i32 = 0;
let storesDistance: bool = false;

/** GEOSEARCH key FROMMEMBER m|FROMLONLAT lon lat BYRADIUS r unit|BYBOX w h unit [options] → what is there. */
export function geosearch(cmd: Command): void {
  search(cmd, 1, From.OPTION, false);
}

/** GEOSEARCHSTORE dst src … [STOREDIST] → how many were stored. */
export function geosearchstore(cmd: Command): void {
  search(cmd, 2, From.OPTION, false);
}

/** GEORADIUS key longitude latitude radius unit [options] [STORE key|STOREDIST key] */
export function georadius(cmd: Command): void {
  search(cmd, 1, From.PLACE, true);
}

/** GEORADIUS_RO key longitude latitude radius unit [options] */
export function georadiusRo(cmd: Command): void {
  search(cmd, 1, From.PLACE, false);
}

/** GEORADIUSBYMEMBER key member radius unit [options] [STORE key|STOREDIST key] */
export function georadiusbymember(cmd: Command): void {
  search(cmd, 1, From.MEMBER, true);
}

/** GEORADIUSBYMEMBER_RO key member radius unit [options] */
export function georadiusbymemberRo(cmd: Command): void {
  search(cmd, 1, From.MEMBER, false);
}

function search(cmd: Command, key: i32, from: From, mayStore: bool): void {
  const entry = cmd.read(key, Type.ZSET);
  if (cmd.failed) return;
  forget();
  if (from == From.OPTION && key == 2) storeKey = 1;
  const first = parseFixed(cmd, key, entry, from);
  if (cmd.failed) return;
  parseOptions(cmd, first, entry, from, mayStore);
  if (cmd.failed) return;
  checkOptions(cmd, from);
  if (cmd.failed) return;
  if (!entry) return storeKey ? SortedSetStore.nothing(cmd, storeKey) : cmd.reply.emptyArray();
  if (count && order == Order.NONE && !takesAny) order = Order.NEAREST;

  if (shape == Shape.BOX) GeoSearch.box(longitude, latitude, width, height, unit);
  else GeoSearch.circle(longitude, latitude, width, unit);
  const kept = <u32>min<i64>(count, u32.MAX_VALUE);
  GeoPoints.begin(order, takesAny ? 0 : kept);
  if (collect(entry, takesAny ? kept : 0)) {
    GeoPoints.sort();
    if (storeKey) store(cmd, entry, from == From.OPTION ? "geosearchstore" : "georadiusstore");
    else replyAll(cmd, entry);
  } else {
    cmd.fail("OOM command not allowed when used memory > 'maxmemory'.");
  }
  GeoPoints.end();
}

function forget(): void {
  hasPlace = false;
  shape = Shape.NONE;
  order = Order.NONE;
  count = 0;
  takesAny = false;
  withDistance = false;
  withHash = false;
  withPlace = false;
  storeKey = 0;
  storesDistance = false;
}

/** Reads the arguments without names; answers where the options begin. */
function parseFixed(cmd: Command, key: i32, entry: Entry | null, from: From): i32 {
  if (from == From.OPTION) return key + 1;
  if (from == From.PLACE) {
    parsePlace(cmd, 2);
    if (!cmd.failed) parseRadius(cmd, 4);
    return 6;
  }
  // The radius of a search around a member of a missing key is not looked at.
  if (entry) {
    parseMember(cmd, 2, entry);
    if (!cmd.failed) parseRadius(cmd, 3);
  }
  return 5;
}

function parseOptions(
  cmd: Command,
  first: i32,
  entry: Entry | null,
  from: From,
  mayStore: bool,
): void {
  const isSearch = from == From.OPTION;
  let hasMember = false;
  let hasLonLat = false;
  for (let i = first; i < cmd.argc && !cmd.failed; i++) {
    const behind = cmd.argc - i - 1;
    if (cmd.is(i, "withdist")) {
      withDistance = true;
    } else if (cmd.is(i, "withhash")) {
      withHash = true;
    } else if (cmd.is(i, "withcoord")) {
      withPlace = true;
    } else if (cmd.is(i, "any")) {
      takesAny = true;
    } else if (cmd.is(i, "asc")) {
      order = Order.NEAREST;
    } else if (cmd.is(i, "desc")) {
      order = Order.FARTHEST;
    } else if (cmd.is(i, "count") && behind >= 1) {
      count = cmd.integer(++i);
      if (!cmd.failed && count <= 0) cmd.fail("ERR COUNT must be > 0");
    } else if (mayStore && behind >= 1 && cmd.is(i, "store")) {
      storeKey = ++i;
      storesDistance = false;
    } else if (mayStore && behind >= 1 && cmd.is(i, "storedist")) {
      storeKey = ++i;
      storesDistance = true;
    } else if (isSearch && behind >= 1 && !hasLonLat && cmd.is(i, "frommember")) {
      hasMember = true;
      hasPlace = true;
      i++;
      if (entry) parseMember(cmd, i, entry);
    } else if (isSearch && behind >= 2 && !hasMember && cmd.is(i, "fromlonlat")) {
      hasLonLat = true;
      parsePlace(cmd, i + 1);
      i += 2;
    } else if (isSearch && behind >= 2 && shape != Shape.BOX && cmd.is(i, "byradius")) {
      parseRadius(cmd, i + 1);
      i += 2;
    } else if (isSearch && behind >= 3 && shape != Shape.RADIUS && cmd.is(i, "bybox")) {
      parseBox(cmd, i + 1);
      i += 3;
    } else if (isSearch && storeKey && cmd.is(i, "storedist")) {
      storesDistance = true;
    } else {
      cmd.failSyntax();
    }
  }
}

function checkOptions(cmd: Command, from: From): void {
  if (storeKey && (withDistance || withHash || withPlace)) {
    return cmd.fail(
      from == From.OPTION
        ? "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
        : "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
    );
  }
  if (from == From.OPTION && !hasPlace) {
    return failFor(cmd, "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ");
  }
  if (from == From.OPTION && shape == Shape.NONE) {
    return failFor(cmd, "ERR exactly one of BYRADIUS and BYBOX can be specified for ");
  }
  if (takesAny && !count) cmd.fail("ERR the ANY argument requires COUNT argument");
}

/** Replies an error that ends with the command's name as the client wrote it. */
function failFor(cmd: Command, error: string): void {
  const name = cmd.arg(0);
  Errors.begin();
  Errors.text(error);
  Errors.bytes(name.ptr, name.len);
  Errors.send(cmd.reply);
  cmd.failed = true;
}

function parsePlace(cmd: Command, index: i32): void {
  if (!GeoArguments.place(cmd, index)) return;
  longitude = GeoArguments.longitude;
  latitude = GeoArguments.latitude;
  hasPlace = true;
}

function parseMember(cmd: Command, index: i32, entry: Entry): void {
  const member = cmd.arg(index);
  if (!SortedSet.find(entry, member.ptr, member.len)) {
    return cmd.fail("ERR could not decode requested zset member");
  }
  Geohash.decode(Geohash.ofScore(SortedSet.score));
  longitude = Geohash.longitude;
  latitude = Geohash.latitude;
}

function parseRadius(cmd: Command, index: i32): void {
  width = GeoArguments.number(cmd, index, "ERR need numeric radius");
  if (cmd.failed) return;
  if (width < 0.0) return cmd.fail("ERR radius cannot be negative");
  unit = GeoArguments.unit(cmd, index + 1);
  shape = Shape.RADIUS;
}

function parseBox(cmd: Command, index: i32): void {
  width = GeoArguments.number(cmd, index, "ERR need numeric width");
  if (cmd.failed) return;
  height = GeoArguments.number(cmd, index + 1, "ERR need numeric height");
  if (cmd.failed) return;
  if (width < 0.0 || height < 0.0) return cmd.fail("ERR height or width cannot be negative");
  unit = GeoArguments.unit(cmd, index + 2);
  shape = Shape.BOX;
}

/** Looks at the members in the cells of the search, at most until `enough` are found; false: no memory. */
function collect(entry: Entry, enough: u32): bool {
  for (let cell: u32 = 0; cell < GeoSearch.count; cell++) {
    if (enough && GeoPoints.count >= enough) break;
    const isDone = SortedSet.isPacked(entry)
      ? collectPacked(entry.value, cell, enough)
      : collectIndexed(SortedSet.indexed(entry), cell, enough);
    if (!isDone) return false;
  }
  return true;
}

function collectIndexed(set: IndexedSortedSet, cell: u32, enough: u32): bool {
  const walk = SortedSetWalk.main;
  const upTo = GeoSearch.upTo(cell);
  for (set.seekScore(GeoSearch.from(cell), false, walk); walk.valid; walk.forward()) {
    const score = walk.score;
    if (score >= upTo) break;
    if (!consider(score, changetype<usize>(walk.item))) return false;
    if (enough && GeoPoints.count >= enough) break;
  }
  return true;
}

function collectPacked(lp: usize, cell: u32, enough: u32): bool {
  const from = GeoSearch.from(cell);
  const upTo = GeoSearch.upTo(cell);
  for (let p = lp + Listpack.HEADER; load<u8>(p) != END;) {
    const scoreEntry = Listpack.skip(p);
    const score = PackedSortedSet.scoreAt(scoreEntry);
    if (score >= upTo) break;
    if (score >= from) {
      if (!consider(score, p)) return false;
      if (enough && GeoPoints.count >= enough) break;
    }
    p = Listpack.skip(scoreEntry);
  }
  return true;
}

/** Keeps a member that is in the shape; false when no memory is left for it. */
@inline
function consider(score: f64, member: usize): bool {
  Geohash.decode(Geohash.ofScore(score));
  if (!GeoSearch.has(Geohash.longitude, Geohash.latitude)) return true;
  return GeoPoints.add(GeoSearch.distance, score, member);
}

/** How many of the points are results. */
function results(): u32 {
  return count ? <u32>min<i64>(count, GeoPoints.count) : GeoPoints.count;
}

function replyAll(cmd: Command, entry: Entry): void {
  const reply = cmd.reply;
  const length = results();
  const isPacked = SortedSet.isPacked(entry);
  const extras = u32(withDistance) + u32(withHash) + u32(withPlace);
  reply.array(length);
  for (let i: u32 = 0; i < length; i++) {
    const point = GeoPoints.at(i);
    if (extras) reply.array(1 + extras);
    point.read(isPacked);
    reply.bulk(GeoPoint.ptr, GeoPoint.len);
    if (withDistance) GeoArguments.replyDistance(cmd, point.distance / unit);
    if (withHash) reply.integer(<i64>point.score);
    if (withPlace) replyPlace(reply, point.score);
  }
}

function store(cmd: Command, entry: Entry, event: string): void {
  const length = results();
  const bytes = Types.size(Type.ZSET, entry.value, entry.encoding);
  if (!cmd.room(SortedSetStore.bytesFor(length, 0) + bytes)) return;
  const isPacked = SortedSet.isPacked(entry);
  const set = IndexedSortedSet.create();
  for (let i: u32 = 0; i < length; i++) {
    const point = GeoPoints.at(i);
    point.read(isPacked);
    const hash = IndexedSortedSet.hash(GeoPoint.ptr, GeoPoint.len);
    // A search so wide that two of its cells are the same one finds a member twice.
    if (set.find(GeoPoint.ptr, GeoPoint.len, hash)) continue;
    const score = storesDistance ? point.distance / unit : point.score;
    set.add(score, GeoPoint.ptr, GeoPoint.len, hash);
  }
  SortedSetStore.finish(cmd, storeKey, set, event, set.length);
}
