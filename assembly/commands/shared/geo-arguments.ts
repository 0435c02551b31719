// Arguments that the geo commands share: places, distances and their units.

import { Double } from "../../algorithms/double";
import { FixedPoint } from "../../algorithms/fixed-point";
import { Geohash } from "../../algorithms/geohash";
import { Command, Errors } from "../../execution/command";

const text: usize = memory.data(FixedPoint.MAX_LENGTH);

export class GeoArguments {
  /** What `place` read. */
  static longitude: f64 = 0.0;
  static latitude: f64 = 0.0;

  /** Reads longitude and latitude from argument `index` on; replies the error for none on the map. */
  static place(cmd: Command, index: i32): bool {
    const longitude = GeoArguments.number(cmd, index, "ERR value is not a valid float");
    if (cmd.failed) return false;
    const latitude = GeoArguments.number(cmd, index + 1, "ERR value is not a valid float");
    if (cmd.failed) return false;
    GeoArguments.longitude = longitude;
    GeoArguments.latitude = latitude;
    if (Geohash.isOnMap(longitude, latitude)) return true;
    Errors.begin();
    Errors.text("ERR invalid longitude,latitude pair ");
    Errors.bytes(text, FixedPoint.format(longitude, 6, text));
    Errors.text(",");
    Errors.bytes(text, FixedPoint.format(latitude, 6, text));
    Errors.send(cmd.reply);
    cmd.failed = true;
    return false;
  }

  /** Metres in the unit that argument `index` names. */
  static unit(cmd: Command, index: i32): f64 {
    if (cmd.is(index, "m")) return 1.0;
    if (cmd.is(index, "km")) return 1000.0;
    if (cmd.is(index, "ft")) return 0.3048;
    if (cmd.is(index, "mi")) return 1609.34;
    cmd.fail("ERR unsupported unit provided. please use M, KM, FT, MI");
    return 1.0;
  }

  /** A number, in the unit that its command names behind it. */
  static number(cmd: Command, index: i32, error: string): f64 {
    const slice = cmd.arg(index);
    if (Double.parse(slice.ptr, slice.len)) return Double.value;
    cmd.fail(error);
    return 0.0;
  }

  /** Replies a distance, with four decimals. */
  static replyDistance(cmd: Command, distance: f64): void {
    cmd.reply.bulk(text, Geohash.formatDistance(distance, text));
  }
}
