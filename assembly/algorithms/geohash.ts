// Places on earth as 52-bit numbers, the scores of a geo set. Longitude and latitude are each cut
// into 2^26 steps, and the bits of the two step numbers take turns, longitude first: places with
// close numbers are close, and a square of 2^n × 2^n steps is one range of numbers.
//
//   bit 51 50 49 48            1  0
//   │ lon│lat│lon│lat│   …   │lon│lat│
//
// A coarser cell is the same with fewer steps: `bits` of 2 × `step` bits.

import { Integer } from "./integer";
import { Trigonometry } from "./trigonometry";

/** The latitude where the Mercator projection of the whole earth is a square. */
const LATITUDE_LIMIT: f64 = 85.05112878;
const LONGITUDE_LIMIT: f64 = 180.0;
const STEPS: u32 = 26;

const EARTH_RADIUS: f64 = 6372797.560856;
const RADIANS: f64 = Math.PI / 180.0;

const EVEN_BITS: u64 = 0x5555555555555555;
const TWO_63: f64 = 9223372036854775808.0;
const INDEFINITE: u64 = 0x8000000000000000;

export class Geohash {
  /** Steps of longitude and latitude in a score, as a power of two. */
  static readonly STEPS: u32 = STEPS;
  /** Characters that `format` writes. */
  static readonly TEXT_LENGTH: u32 = 11;

  /** What the last `decode` found: the middle of the cell. */
  static longitude: f64 = 0.0;
  static latitude: f64 = 0.0;


  @inline static isOnMap(longitude: f64, latitude: f64): bool {
    return abs(longitude) <= LONGITUDE_LIMIT && abs(latitude) <= LATITUDE_LIMIT;
  }

  /** The cell of a place that is on the map. */
  static encode(longitude: f64, latitude: f64, step: u32 = STEPS): u64 {
    return Geohash.cell(longitude, latitude, LATITUDE_LIMIT, step);
  }

  /** Finds the middle of a cell of the smallest size. */
  static decode(bits: u64): void {
    const west = Geohash.west(bits, STEPS);
    const east = Geohash.east(bits, STEPS);
    const south = Geohash.south(bits, STEPS);
    const north = Geohash.north(bits, STEPS);
    Geohash.longitude = Geohash.clamp((west + east) / 2.0, LONGITUDE_LIMIT);
    Geohash.latitude = Geohash.clamp((south + north) / 2.0, LATITUDE_LIMIT);
  }

  /** The cell in a score. Scores that were not made by `encode` give what a cast gives on x86. */
  static ofScore(score: f64): u64 {
    if (score < TWO_63) return <u64>(<i64>score);
    if (score != score) return INDEFINITE;
    return score < 2.0 * TWO_63 ? (<u64>(<i64>(score - TWO_63))) ^ INDEFINITE : 0;
  }

  /** Metres between two places: half the chord by the haversine formula, on a sphere. */
  static distance(longitude1: f64, latitude1: f64, longitude2: f64, latitude2: f64): f64 {
    const v = Trigonometry.sin((Geohash.radians(longitude2) - Geohash.radians(longitude1)) / 2.0);
    if (v == 0.0) return Geohash.latitudeDistance(latitude1, latitude2);
    const phi1 = Geohash.radians(latitude1);
    const phi2 = Geohash.radians(latitude2);
    const u = Trigonometry.sin((phi2 - phi1) / 2.0);
    return Geohash.arc(u * u + Trigonometry.cos(phi1) * Trigonometry.cos(phi2) * v * v);
  }

  /** Metres of an arc whose haversine is given. */
  @inline static arc(haversine: f64): f64 {
    return 2.0 * EARTH_RADIUS * Trigonometry.asin(sqrt(haversine));
  }

  /** Radians that so many metres are on a great circle. */
  @inline static angle(metres: f64): f64 {
    return metres / EARTH_RADIUS;
  }

  /** Metres between two places on one meridian. */
  @inline static latitudeDistance(latitude1: f64, latitude2: f64): f64 {
    return EARTH_RADIUS * abs(Geohash.radians(latitude2) - Geohash.radians(latitude1));
  }

  /** Degrees that so many metres are on a meridian. */
  @inline static degrees(metres: f64): f64 {
    return metres / EARTH_RADIUS / RADIANS;
  }

  /** Degrees that so many metres are on a parallel, whose latitude is in radians. */
  @inline static degreesAlong(metres: f64, latitude: f64): f64 {
    return metres / EARTH_RADIUS / Trigonometry.cos(latitude) / RADIANS;
  }


  @inline static radians(degrees: f64): f64 {
    return degrees * RADIANS;
  }


  @inline static degreesOf(radians: f64): f64 {
    return radians / RADIANS;
  }

  /**
   * Writes the standard geohash of a cell's middle. That one goes to the poles, so the place is
   * encoded again; and of its 55 bits there are 52, so the last character is always "0".
   */
  static format(bits: u64, dst: usize): void {
    Geohash.decode(bits);
    const standard = Geohash.cell(Geohash.longitude, Geohash.latitude, 90.0, STEPS);
    const alphabet = changetype<usize>("0123456789bcdefghjkmnpqrstuvwxyz");
    for (let i: u32 = 0; i < 10; i++) {
      const index = (<usize>(standard >> (47 - 5 * i))) & 31;
      store<u8>(dst + i, load<u8>(alphabet + (index << 1)));
    }
    store<u8>(dst, 48, 10);
  }

  /** Writes a distance with four decimals; returns the length. */
  static formatDistance(distance: f64, dst: usize): u32 {
    const scaled = <u64>nearest(distance * 10000.0);
    const length = Integer.formatUnsigned(scaled / 10000, dst);
    // The leading 1 keeps the zeros, and its place is the point's.
    Integer.formatUnsigned(10000 + (scaled % 10000), dst + length);
    store<u8>(dst + length, 46);
    return length + 5;
  }

  // ── the sides of a cell ────────────────────────────────────────────────────────────────────

  @inline static west(bits: u64, step: u32): f64 {
    return Geohash.side(Geohash.gather(bits >> 1), step, LONGITUDE_LIMIT);
  }


  @inline static east(bits: u64, step: u32): f64 {
    return Geohash.side(Geohash.gather(bits >> 1) + 1, step, LONGITUDE_LIMIT);
  }


  @inline static south(bits: u64, step: u32): f64 {
    return Geohash.side(Geohash.gather(bits), step, LATITUDE_LIMIT);
  }


  @inline static north(bits: u64, step: u32): f64 {
    return Geohash.side(Geohash.gather(bits) + 1, step, LATITUDE_LIMIT);
  }

  /** The cell one to the east (1) or west (-1), around the earth. */
  static moveX(bits: u64, step: u32, by: i32): u64 {
    return Geohash.move(bits, step, by, EVEN_BITS << 1, EVEN_BITS);
  }

  /** The cell one to the north (1) or south (-1); over a pole is the other one. */
  static moveY(bits: u64, step: u32, by: i32): u64 {
    return Geohash.move(bits, step, by, EVEN_BITS, EVEN_BITS << 1);
  }


  @inline private static move(bits: u64, step: u32, by: i32, own: u64, other: u64): u64 {
    if (!by) return bits;
    // With the bits of the other axis set, a carry passes through them.
    const unused = 64 - 2 * <u64>step;
    const between = other >> unused;
    const moved = by > 0 ? (bits & own) + (between + 1) : ((bits & own) | between) - (between + 1);
    return (moved & (own >> unused)) | (bits & other);
  }


  @inline private static cell(longitude: f64, latitude: f64, limit: f64, step: u32): u64 {
    const steps = <f64>((<u64>1) << step);
    const x = ((longitude + LONGITUDE_LIMIT) / (2.0 * LONGITUDE_LIMIT)) * steps;
    const y = ((latitude + limit) / (2.0 * limit)) * steps;
    return Geohash.spread(<u32>y) | (Geohash.spread(<u32>x) << 1);
  }


  @inline private static side(index: u32, step: u32, limit: f64): f64 {
    return -limit + (<f64>index / <f64>((<u64>1) << step)) * (2.0 * limit);
  }


  @inline private static clamp(value: f64, limit: f64): f64 {
    return value > limit ? limit : value < -limit ? -limit : value;
  }

  /** Puts the 32 bits at the even places of 64. */
  @inline private static spread(value: u32): u64 {
    let x: u64 = value;
    x = (x | (x << 16)) & 0x0000ffff0000ffff;
    x = (x | (x << 8)) & 0x00ff00ff00ff00ff;
    x = (x | (x << 4)) & 0x0f0f0f0f0f0f0f0f;
    x = (x | (x << 2)) & 0x3333333333333333;
    return (x | (x << 1)) & EVEN_BITS;
  }

  /** Takes the bits at the even places together. */
  @inline private static gather(value: u64): u32 {
    let x = value & EVEN_BITS;
    x = (x | (x >> 1)) & 0x3333333333333333;
    x = (x | (x >> 2)) & 0x0f0f0f0f0f0f0f0f;
    x = (x | (x >> 4)) & 0x00ff00ff00ff00ff;
    x = (x | (x >> 8)) & 0x0000ffff0000ffff;
    return <u32>(x | (x >> 16));
  }
}
