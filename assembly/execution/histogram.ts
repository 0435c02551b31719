// How long calls of one command took: counts in buckets that grow with the time.
//
//   bucket of a time t in µs: 16 to an octave, so the error is below 1/16
//
//   0 … 15   16 … 31   32, 34 … 62   64, 68 … 124   …   about 17 minutes
//
// One histogram is 404 counters, made when the command is called for the first time.

import { COMMAND_COUNT } from "../generated/commands";
import { Heap } from "../memory/heap";

const SUB_BITS: u32 = 4;
const SUB: u32 = 1 << SUB_BITS;
const OCTAVES: u32 = 26;
const BUCKETS: u32 = SUB * OCTAVES;

const histograms: usize = memory.data(4 * 512);
assert(COMMAND_COUNT <= 512);

export class Histogram {
  /** The counters of a command, or 0. */
  @inline static of(number: u32): usize {
    return load<u32>(histograms + (number << 2));
  }

  /** Counts `calls` calls of `microseconds` each. */
  static add(number: u32, microseconds: u64, calls: u32): void {
    let counters = Histogram.of(number);
    if (!counters) {
      counters = Heap.alloc(BUCKETS << 2);
      memory.fill(counters, 0, BUCKETS << 2);
      store<u32>(histograms + (number << 2), counters);
    }
    const at = counters + (Histogram.bucketOf(microseconds) << 2);
    store<u32>(at, load<u32>(at) + calls);
  }

  static reset(): void {
    for (let number = 0; number < COMMAND_COUNT; number++) {
      const counters = Histogram.of(number);
      if (counters) Heap.free(counters);
      store<u32>(histograms + (number << 2), 0);
    }
  }

  /** All calls of a command. */
  static total(number: u32): u64 {
    const counters = Histogram.of(number);
    let total: u64 = 0;
    if (counters) for (let i: u32 = 0; i < BUCKETS; i++) total += load<u32>(counters + (i << 2));
    return total;
  }

  /** Calls that took at most so many µs. */
  static upTo(number: u32, microseconds: u64): u64 {
    const counters = Histogram.of(number);
    const last = Histogram.bucketOf(microseconds);
    let total: u64 = 0;
    for (let i: u32 = 0; i <= last; i++) total += load<u32>(counters + (i << 2));
    return total;
  }

  /** The time in µs within which `percent` of the calls were done. */
  static percentile(number: u32, percent: f64): u64 {
    const wanted = max<u64>(1, <u64>Math.ceil((<f64>Histogram.total(number) * percent) / 100));
    const counters = Histogram.of(number);
    let seen: u64 = 0;
    for (let i: u32 = 0; i < BUCKETS; i++) {
      seen += load<u32>(counters + (i << 2));
      if (seen >= wanted) return Histogram.highestOf(i);
    }
    return 0;
  }


  @inline private static bucketOf(microseconds: u64): u32 {
    if (microseconds < SUB) return <u32>microseconds;
    const octave = 63 - <u32>clz(microseconds) - SUB_BITS;
    const bucket = ((octave + 1) << SUB_BITS) | ((<u32>(microseconds >> octave)) & (SUB - 1));
    return min(bucket, BUCKETS - 1);
  }

  private static highestOf(bucket: u32): u64 {
    if (bucket < SUB) return bucket;
    const octave = (bucket >> SUB_BITS) - 1;
    return ((<u64>(SUB | (bucket & (SUB - 1))) + 1) << octave) - 1;
  }
}
