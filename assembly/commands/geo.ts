// Geo sets: sorted sets whose scores are places on earth.

import { Geohash } from "../algorithms/geohash";
import { Command } from "../execution/command";
import { Type } from "../keyspace/entry";
import { Effects } from "../persistence/effects";
import { Notify } from "../sessions/notify";
import { Add, Added, SortedSet } from "../types/sorted-set";
import { GeoArguments } from "./shared/geo-arguments";
import { replyPlace } from "./shared/geo-place";

const hashText: usize = memory.data(16);

/** GEOADD key [NX|XX] [CH] longitude latitude member [longitude latitude member …] → how many are new. */
export function geoadd(cmd: Command): void {
  const argc = cmd.argc;
  let how: u32 = 0;
  let countsMoved = false;
  let first = 2;
  for (; first < argc; first++) {
    if (cmd.is(first, "nx")) how |= Add.NX;
    else if (cmd.is(first, "xx")) how |= Add.XX;
    else if (cmd.is(first, "ch")) countsMoved = true;
    else break;
  }
  if ((argc - first) % 3 || first == argc || how == (Add.NX | Add.XX)) return cmd.failSyntax();
  for (let i = first; i < argc; i += 3) if (!GeoArguments.place(cmd, i)) return;

  if (!SortedSet.hasRoomFor(cmd, (argc - first) / 3)) return;
  let entry = cmd.write(1, Type.ZSET);
  if (cmd.failed) return;
  if (!entry) {
    if (how & Add.XX) return cmd.reply.integer(0);
    entry = SortedSet.create(cmd, 1, cmd.arg(first + 2).len);
  }
  let added: u32 = 0;
  let moved: u32 = 0;
  for (let i = first; i < argc; i += 3) {
    const member = cmd.arg(i + 2);
    const outcome = SortedSet.add(entry, scoreOf(cmd, i), member.ptr, member.len, how);
    if (outcome == Added.NEW) added++;
    else if (outcome == Added.MOVED) moved++;
  }
  cmd.reply.integer(countsMoved ? added + moved : added);
  if (!(added + moved)) return;
  writeEffect(cmd, first);
  cmd.changed(1, Notify.ZSET, "zadd", added + moved);
}

function scoreOf(cmd: Command, index: i32): f64 {
  GeoArguments.place(cmd, index);
  return <f64>Geohash.encode(GeoArguments.longitude, GeoArguments.latitude);
}

/** The log has a ZADD with the scores. */
function writeEffect(cmd: Command, first: i32): void {
  cmd.effect(first + ((cmd.argc - first) / 3) * 2);
  Effects.text("ZADD");
  for (let i = 1; i < first; i++) Effects.slice(cmd.arg(i));
  for (let i = first; i < cmd.argc; i += 3) {
    Effects.integer(<i64>scoreOf(cmd, i));
    Effects.slice(cmd.arg(i + 2));
  }
}

/** GEODIST key member1 member2 [M|KM|FT|MI] → the distance, or nil when one of them is missing. */
export function geodist(cmd: Command): void {
  let unit = 1.0;
  if (cmd.argc > 5) return cmd.failSyntax();
  if (cmd.argc == 5) unit = GeoArguments.unit(cmd, 4);
  if (cmd.failed) return;
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  const from = cmd.arg(2);
  const to = cmd.arg(3);
  if (!entry || !SortedSet.find(entry, from.ptr, from.len)) return cmd.reply.nil();
  Geohash.decode(Geohash.ofScore(SortedSet.score));
  const longitude = Geohash.longitude;
  const latitude = Geohash.latitude;
  if (!SortedSet.find(entry, to.ptr, to.len)) return cmd.reply.nil();
  Geohash.decode(Geohash.ofScore(SortedSet.score));
  const distance = Geohash.distance(longitude, latitude, Geohash.longitude, Geohash.latitude);
  GeoArguments.replyDistance(cmd, distance / unit);
}

/** GEOHASH key [member …] → the standard geohash of each, or nil. */
export function geohash(cmd: Command): void {
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  reply.array(cmd.argc - 2);
  for (let i = 2; i < cmd.argc; i++) {
    const member = cmd.arg(i);
    if (entry && SortedSet.find(entry, member.ptr, member.len)) {
      Geohash.format(Geohash.ofScore(SortedSet.score), hashText);
      reply.bulk(hashText, Geohash.TEXT_LENGTH);
    } else {
      reply.nil();
    }
  }
}

/** GEOPOS key [member …] → longitude and latitude of each, or nil. */
export function geopos(cmd: Command): void {
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  reply.array(cmd.argc - 2);
  for (let i = 2; i < cmd.argc; i++) {
    const member = cmd.arg(i);
    if (entry && SortedSet.find(entry, member.ptr, member.len)) replyPlace(reply, SortedSet.score);
    else reply.nilArray();
  }
}
