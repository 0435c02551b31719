// The search of a geo set: everything within a distance of a place, or in a box around it. The
// earth is cut into cells so large that the cell of the place and its eight neighbours cover the shape, and
// members with scores in those cells are looked at one by one. Neighbours that the shape does not
// reach are left out. Members come in the order of the cells, so which cells there are and their
// order are as in Redis.

import { Geohash } from "./geohash";
import { Trigonometry } from "./trigonometry";

const MERCATOR_MAX: f64 = 20037726.37;
const CELLS: u32 = 9;
/** What makes a bound so loose that no rounding brings what is inside it out, in parts and in degrees. */
const ABOVE: f64 = 1.0 + 1e-9;
const BEYOND: f64 = 1e-9;

/**
 * Scores of the cells to look at.
 *
 *   0      8      16
 *   ├──────┼──────┼──── …
 *   │ from │ up to│                from: the first score; up to: the score after the last one
 *   └──────┴──────┴──── …
 */
const ranges: usize = memory.data(16 * 9, 8);
/** The cell of the place, then N, S, E, W, NE, NW, SE, SW of it. */
const cells: usize = memory.data(8 * 9, 8);

/** For each of the cells, which sides of the middle it lies on. */
const NORTH: u32 = 0b001100010;
const SOUTH: u32 = 0b110000100;
const EAST: u32 = 0b010101000;
const WEST: u32 = 0b101010000;

export class GeoSearch {
  /** How many ranges of scores there are. */
  static count: u32 = 0;
  /** The distance of the place that `has` looked at last. */
  static distance: f64 = 0.0;

  private static longitude: f64 = 0.0;
  private static latitude: f64 = 0.0;
  private static isBox: bool = false;
  /** Metres: the radius, or the sides of the box. */
  private static radius: f64 = 0.0;
  private static width: f64 = 0.0;
  private static height: f64 = 0.0;
  /** Degrees: what is farther from the middle than this is not in the shape. */
  private static latitudeReach: f64 = 0.0;
  private static longitudeReach: f64 = 0.0;
  /** The middle in radians, and the cosine of its latitude. */
  private static lambda: f64 = 0.0;
  private static phi: f64 = 0.0;
  private static cosine: f64 = 0.0;
  /** What the haversine of the distance is not above, and that of half the width of a box. */
  private static haversineReach: f64 = 0.0;
  private static widthReach: f64 = 0.0;


  @inline static from(index: u32): f64 {
    return <f64>load<u64>(ranges + ((<usize>index) << 4));
  }


  @inline static upTo(index: u32): f64 {
    return <f64>load<u64>(ranges + ((<usize>index) << 4), 8);
  }

  /** Searches all within `radius`, in units of so many metres, of a place on the map. */
  static circle(longitude: f64, latitude: f64, radius: f64, unit: f64): void {
    GeoSearch.longitude = longitude;
    GeoSearch.latitude = latitude;
    GeoSearch.isBox = false;
    GeoSearch.radius = radius * unit;
    GeoSearch.cover(radius * unit, unit * radius, unit * radius);
    const angle = Geohash.angle(radius * unit);
    const half = Math.sin(min(angle, Math.PI) / 2.0);
    GeoSearch.haversineReach = half * half * ABOVE;
    GeoSearch.remember(radius * unit);
    // The meridian that touches a circle is this far away.
    GeoSearch.reachAlong(angle < Math.PI / 2.0 ? Math.sin(angle) / GeoSearch.cosine : 1.0, 1.0);
  }

  /** Searches a box with its middle at a place on the map. */
  static box(longitude: f64, latitude: f64, width: f64, height: f64, unit: f64): void {
    GeoSearch.longitude = longitude;
    GeoSearch.latitude = latitude;
    GeoSearch.isBox = true;
    GeoSearch.width = width * unit;
    GeoSearch.height = height * unit;
    const corner = sqrt((width / 2.0) * (width / 2.0) + (height / 2.0) * (height / 2.0));
    GeoSearch.cover(corner * unit, unit * (width / 2.0), unit * (height / 2.0));
    GeoSearch.haversineReach = Infinity;
    GeoSearch.remember((height / 2.0) * unit);
    // A box is the widest, in degrees, at its side that is nearer to a pole.
    const widest = Geohash.radians(abs(latitude) + GeoSearch.latitudeReach);
    const quarter = Math.sin(min(Geohash.angle(width * unit), 2.0 * Math.PI) / 4.0);
    GeoSearch.widthReach = quarter * quarter;
    GeoSearch.reachAlong(quarter / Math.cos(widest), 2.0);
  }

  /**
   * Whether a place is in the shape; its distance from the middle is then in `distance`. The distances
   * are those of `Geohash.distance`, of which most of what is not in the shape needs no more than a part.
   */
  static has(longitude: f64, latitude: f64): bool {
    if (abs(latitude - GeoSearch.latitude) > GeoSearch.latitudeReach) return false;
    const across = abs(longitude - GeoSearch.longitude);
    if (min(across, 360.0 - across) > GeoSearch.longitudeReach) return false;
    const phi = Geohash.radians(latitude);
    const v = Trigonometry.sin((Geohash.radians(longitude) - GeoSearch.lambda) / 2.0);
    const cosine = Trigonometry.cos(phi);
    if (GeoSearch.isBox) {
      const height = Geohash.latitudeDistance(latitude, GeoSearch.latitude);
      if (height > GeoSearch.height / 2.0) return false;
      // The arc is worked out only where rounding could decide.
      const haversine = cosine * cosine * v * v;
      if (haversine > GeoSearch.widthReach * ABOVE) return false;
      const isWithin = haversine * ABOVE < GeoSearch.widthReach;
      if (!isWithin && Geohash.arc(haversine) > GeoSearch.width / 2.0) return false;
    }
    if (v == 0.0) {
      GeoSearch.distance = Geohash.latitudeDistance(latitude, GeoSearch.latitude);
    } else {
      const u = Trigonometry.sin((phi - GeoSearch.phi) / 2.0);
      const haversine = u * u + GeoSearch.cosine * cosine * v * v;
      if (haversine > GeoSearch.haversineReach) return false;
      GeoSearch.distance = Geohash.arc(haversine);
    }
    return GeoSearch.isBox || GeoSearch.distance <= GeoSearch.radius;
  }

  /** Remembers the middle, and how far the shape goes from it on its meridian. */
  private static remember(height: f64): void {
    GeoSearch.lambda = Geohash.radians(GeoSearch.longitude);
    GeoSearch.phi = Geohash.radians(GeoSearch.latitude);
    GeoSearch.cosine = Trigonometry.cos(GeoSearch.phi);
    GeoSearch.latitudeReach = Geohash.degrees(height) * ABOVE + BEYOND;
  }

  /** Sets how far the shape goes along parallels: so many times the angle with this sine. */
  private static reachAlong(sine: f64, times: f64): void {
    const isOverPole = abs(GeoSearch.latitude) + GeoSearch.latitudeReach >= 90.0;
    GeoSearch.longitudeReach =
      isOverPole || sine >= 1.0
        ? 180.0
        : Geohash.degreesOf(times * Math.asin(sine)) * ABOVE + BEYOND;
  }

  /** Finds the ranges for a shape that reaches `radius` metres, and so far to the sides. */
  private static cover(radius: f64, halfWidth: f64, halfHeight: f64): void {
    const longitude = GeoSearch.longitude;
    const latitude = GeoSearch.latitude;
    const latitudeReach = Geohash.degrees(halfHeight);
    const south = latitude - latitudeReach;
    const north = latitude + latitudeReach;
    // Meridians are closest on the side of the shape that is nearer to its pole.
    const widest = Geohash.radians(latitude < 0.0 ? south : north);
    const longitudeReach = Geohash.degreesAlong(halfWidth, widest);
    const west = longitude - longitudeReach;
    const east = longitude + longitudeReach;

    let step = GeoSearch.stepFor(radius, latitude);
    GeoSearch.neighbours(step);
    const isShort =
      Geohash.north(GeoSearch.cell(1), step) < north ||
      Geohash.south(GeoSearch.cell(2), step) > south ||
      Geohash.east(GeoSearch.cell(3), step) < east ||
      Geohash.west(GeoSearch.cell(4), step) > west;
    if (isShort && step > 1) GeoSearch.neighbours(--step);

    let useless: u32 = 0;
    if (step >= 2) {
      const middle = GeoSearch.cell(0);
      if (Geohash.south(middle, step) < south) useless |= SOUTH;
      if (Geohash.north(middle, step) > north) useless |= NORTH;
      if (Geohash.west(middle, step) < west) useless |= WEST;
      if (Geohash.east(middle, step) > east) useless |= EAST;
    }
    GeoSearch.list(step, useless);
  }

  /** How fine the cells may be for a shape of this size. */
  private static stepFor(radius: f64, latitude: f64): u32 {
    if (radius == 0.0) return Geohash.STEPS;
    let step = 1;
    for (; radius < MERCATOR_MAX; step++) radius *= 2.0;
    // One size larger, so that the neighbours include the shape in most cases, and more where
    // the cells are narrow.
    step -= 2;
    if (abs(latitude) > 66.0) step--;
    if (abs(latitude) > 80.0) step--;
    return <u32>max(1, min(<i32>Geohash.STEPS, step));
  }

  private static neighbours(step: u32): void {
    const middle = Geohash.encode(GeoSearch.longitude, GeoSearch.latitude, step);
    for (let i: u32 = 0; i < CELLS; i++) {
      const x = <i32>((EAST >> i) & 1) - <i32>((WEST >> i) & 1);
      const y = <i32>((NORTH >> i) & 1) - <i32>((SOUTH >> i) & 1);
      const cell = Geohash.moveY(Geohash.moveX(middle, step, x), step, y);
      store<u64>(cells + ((<usize>i) << 3), cell);
    }
  }


  @inline private static cell(index: u32): u64 {
    return load<u64>(cells + ((<usize>index) << 3));
  }

  /** Makes ranges of the cells. Cells so large that neighbours coincide are not taken twice in a row. */
  private static list(step: u32, useless: u32): void {
    const shift = 2 * <u64>(Geohash.STEPS - step);
    let count: u32 = 0;
    let last: u32 = 0;
    for (let i: u32 = 0; i < CELLS; i++) {
      if ((useless >> i) & 1) continue;
      const cell = GeoSearch.cell(i);
      if (last && cell == GeoSearch.cell(last)) continue;
      const at = ranges + ((<usize>count) << 4);
      store<u64>(at, cell << shift);
      store<u64>(at, (cell + 1) << shift, 8);
      last = i;
      count++;
    }
    GeoSearch.count = count;
  }
}
