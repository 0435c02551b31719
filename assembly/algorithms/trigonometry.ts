// Sine, cosine and arc sine rounded correctly but for one argument in a thousand or so, which is
// how good C libraries have them. Distances are stored and printed with all their digits, and the
// usual polynomials would make one in fifteen differ from Redis in the last of them.
//
// An angle is split into a multiple of 1/64, whose sine and cosine are in a table with 106 bits
// each (two doubles: high and low), and a rest of at most 1/128:
//
//   sin(a + r) = sin a + cos a · r - sin a · (1 - cos r) + cos a · (sin r - r)
//
// The first two terms are added with their rounding errors kept, and the others are so small that
// theirs do not count. Products are split as Dekker did ("A floating-point technique for extending
// the available precision", 1971), since wasm has no fused multiply-add.

const SPLITTER: f64 = 134217729.0;
/** The table goes to 101/64, just above π/2. */
const POINTS: i32 = 102;
const LAST: f64 = 101.0 / 64.0;
/** π - Math.PI */
const PI_LOW: f64 = 1.2246467991473532e-16;
/** sin(1/64) and cos(1/64) */
const SINE: f64 = 0.015624364224883372;
const SINE_LOW: f64 = -1.2650937552759816e-19;
const COSINE: f64 = 0.9998779321710066;
const COSINE_LOW: f64 = 3.216122229972341e-17;

/**
 * For each multiple of 1/64:
 *
 *   0          8         16         24        32
 *   ├──────────┼──────────┼──────────┼─────────┤
 *   │ sin high │ sin low  │ cos high │ cos low │
 *   └──────────┴──────────┴──────────┴─────────┘
 */
const table: usize = memory.data(32 * POINTS, 32);

export class Trigonometry {
  private static isMade: bool = false;
  /** What the last exact operation or `sinePair` left below its result. */
  private static low: f64 = 0.0;

  /** For angles between -π and π. */
  static sin(x: f64): f64 {
    return Trigonometry.sinePair(x) + Trigonometry.low;
  }

  static cos(x: f64): f64 {
    x = abs(x);
    if (!(x <= LAST)) return Math.cos(x);
    const k = nearest(x * 64.0);
    const r = x - k / 64.0;
    const at = Trigonometry.point(<i32>k);
    const sine = load<f64>(at);
    const cosine = load<f64>(at, 16);
    const square = r * r;
    const product = Trigonometry.multiply(sine, -r);
    const below =
      Trigonometry.low +
      load<f64>(at, 24) -
      load<f64>(at, 8) * r -
      cosine * Trigonometry.versine(square) +
      sine * r * Trigonometry.defect(square);
    const high = Trigonometry.add(cosine, product);
    return high + (Trigonometry.low + below);
  }

  /** For numbers between 0 and 1. */
  static asin(x: f64): f64 {
    const y = Math.asin(x);
    // One step of Newton's method. Towards 1 the sine is too flat to tell more.
    if (x > 0.99) return y;
    const high = Trigonometry.sinePair(y);
    return y + (x - high - Trigonometry.low) / sqrt(1.0 - x * x);
  }

  /** The sine in two parts, the lower one in `low`. */
  private static sinePair(angle: f64): f64 {
    let x = abs(angle);
    let rest = 0.0;
    if (x > LAST) {
      x = Math.PI - x;
      rest = PI_LOW;
    }
    const k = nearest(x * 64.0);
    const r = x - k / 64.0;
    const at = Trigonometry.point(<i32>k);
    const sine = load<f64>(at);
    const cosine = load<f64>(at, 16);
    const square = r * r;
    const product = Trigonometry.multiply(cosine, r);
    const below =
      Trigonometry.low +
      load<f64>(at, 8) +
      load<f64>(at, 24) * r +
      cosine * rest -
      sine * Trigonometry.versine(square) -
      cosine * r * Trigonometry.defect(square);
    const high = Trigonometry.add(sine, product);
    const low = Trigonometry.low + below;
    Trigonometry.low = angle < 0.0 ? -low : low;
    return angle < 0.0 ? -high : high;
  }

  /** 1 - cos r for small r, from r². */
  @inline private static versine(square: f64): f64 {
    return square * (0.5 - square * (1.0 / 24.0 - square * (1.0 / 720.0 - square / 40320.0)));
  }

  /** 1 - sin r / r for small r, from r². */
  @inline private static defect(square: f64): f64 {
    return square * (1.0 / 6.0 - square * (1.0 / 120.0 - square / 5040.0));
  }

  /** a + b, and what rounding takes from it in `low`. */
  @inline private static add(a: f64, b: f64): f64 {
    const sum = a + b;
    const part = sum - a;
    Trigonometry.low = a - (sum - part) + (b - part);
    return sum;
  }

  /** a × b, and what rounding takes from it in `low`. */
  @inline private static multiply(a: f64, b: f64): f64 {
    const scaledA = a * SPLITTER;
    const scaledB = b * SPLITTER;
    const aHigh = scaledA - (scaledA - a);
    const bHigh = scaledB - (scaledB - b);
    const aLow = a - aHigh;
    const bLow = b - bHigh;
    const product = a * b;
    Trigonometry.low = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
    return product;
  }

  private static point(k: i32): usize {
    if (!Trigonometry.isMade) Trigonometry.make();
    return table + ((<usize>k) << 5);
  }

  /** Fills the table, each angle being 1/64 from the one before. */
  private static make(): void {
    let sine = 0.0;
    let sineLow = 0.0;
    let cosine = 1.0;
    let cosineLow = 0.0;
    for (let at = table; at < table + 32 * POINTS; at += 32) {
      store<f64>(at, sine);
      store<f64>(at, sineLow, 8);
      store<f64>(at, cosine, 16);
      store<f64>(at, cosineLow, 24);
      const a = sine;
      const aLow = sineLow;
      const b = cosine;
      const bLow = cosineLow;
      sine = Trigonometry.dot(a, aLow, COSINE, COSINE_LOW, b, bLow, SINE, SINE_LOW);
      sineLow = Trigonometry.low;
      cosine = Trigonometry.dot(b, bLow, COSINE, COSINE_LOW, a, aLow, -SINE, -SINE_LOW);
      cosineLow = Trigonometry.low;
    }
    Trigonometry.isMade = true;
  }

  /** a × b + c × d, all in two parts; the lower part of the result is in `low`. */
  private static dot(
    a: f64,
    aLow: f64,
    b: f64,
    bLow: f64,
    c: f64,
    cLow: f64,
    d: f64,
    dLow: f64,
  ): f64 {
    const ab = Trigonometry.multiply(a, b);
    const abLow = Trigonometry.low + (a * bLow + aLow * b);
    const cd = Trigonometry.multiply(c, d);
    const cdLow = Trigonometry.low + (c * dLow + cLow * d);
    const high = Trigonometry.add(ab, cd);
    return Trigonometry.add(high, Trigonometry.low + (abLow + cdLow));
  }
}
