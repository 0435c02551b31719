// The latency monitor: spikes of each kind of event, the last 160 of them, one a second at most.
//
//   LatencyEvent: next │ name │ maximum │ samples used │ where the next goes │ 160 × (time, ms)

import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Text } from "../memory/text";
import { Host } from "./host";

const LATENCY_SAMPLES: u32 = 160;


@unmanaged
export class LatencyEvent {
  next: LatencyEvent | null;
  name: Text;
  /** The longest spike ever, in ms. */
  longest: u32;
  used: u32;
  private place: u32;
  private unused: u32;


  @inline private slot(index: u32): usize {
    return changetype<usize>(this) + offsetof<LatencyEvent>() + (index << 3);
  }

  /** Unix time in seconds of the sample that is `age` samples old; 0 is the newest. */
  timeOf(age: u32): u32 {
    return load<u32>(this.slot((this.place + LATENCY_SAMPLES - 1 - age) % LATENCY_SAMPLES));
  }
  /** Its length in ms. */
  lengthOf(age: u32): u32 {
    return load<u32>(this.slot((this.place + LATENCY_SAMPLES - 1 - age) % LATENCY_SAMPLES), 4);
  }

  add(time: u32, ms: u32): void {
    this.longest = max(this.longest, ms);
    if (this.used && this.timeOf(0) == time) {
      const newest = this.slot((this.place + LATENCY_SAMPLES - 1) % LATENCY_SAMPLES);
      if (ms > load<u32>(newest, 4)) store<u32>(newest, ms, 4);
      return;
    }
    store<u32>(this.slot(this.place), time);
    store<u32>(this.slot(this.place), ms, 4);
    this.place = (this.place + 1) % LATENCY_SAMPLES;
    this.used = min(this.used + 1, LATENCY_SAMPLES);
  }
}

const nameBytes: usize = memory.data(48);

export class Latency {
  static first: LatencyEvent | null = null;
  static count: u32 = 0;

  /** Notes that an event took so many ms, if that is a spike. */
  static note(name: usize, length: u32, ms: i64): void {
    const threshold = <i64>Config.latencyMonitorThreshold;
    if (!threshold || ms < threshold) return;
    let event = Latency.find(name, length);
    if (!event) {
      event = changetype<LatencyEvent>(
        Heap.alloc(offsetof<LatencyEvent>() + ((<usize>LATENCY_SAMPLES) << 3)),
      );
      memory.fill(changetype<usize>(event), 0, offsetof<LatencyEvent>());
      event.name = Text.of(name, length);
      event.next = Latency.first;
      Latency.first = event;
      Latency.count++;
    }
    event.add(<u32>Clock.nowSeconds, <u32>min<i64>(ms, u32.MAX_VALUE));
  }

  /** Notes how long an event took that began at that monotonic time, if that is a spike. */
  static noteSince(name: string, startedUs: f64): void {
    const ms = <i64>((Host.clock() - startedUs) / 1000);
    Latency.note(nameBytes, Bytes.put(nameBytes, name), ms);
  }

  static find(name: usize, length: u32): LatencyEvent | null {
    let event = Latency.first;
    while (event) {
      if (event.name.length == length && Bytes.equal(event.name.bytes, name, length)) return event;
      event = event.next;
    }
    return null;
  }

  /** Forgets one event, or all of them when `length` is 0; how many. */
  static reset(name: usize, length: u32): u32 {
    let forgotten: u32 = 0;
    let before: LatencyEvent | null = null;
    let event = Latency.first;
    while (event) {
      const next = event.next;
      if (!length || (event.name.length == length && Bytes.equal(event.name.bytes, name, length))) {
        if (before) before.next = next;
        else Latency.first = next;
        event.name.dispose();
        Heap.free(changetype<usize>(event));
        Latency.count--;
        forgotten++;
      } else {
        before = event;
      }
      event = next;
    }
    return forgotten;
  }
}
