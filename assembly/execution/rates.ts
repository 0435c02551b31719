// How much is going on: commands and bytes a second, from samples that ticks take.

import { Clock } from "../memory/clock";
import { Stats } from "../memory/stats";

/** Samples that the average is made of, and the least time between two, in ms. */
const SAMPLES: u32 = 16;
const EVERY_MS: i64 = 100;

const commandSamples: usize = memory.data(SAMPLES * 8, 8);
const inputSamples: usize = memory.data(SAMPLES * 8, 8);
const outputSamples: usize = memory.data(SAMPLES * 8, 8);

export class Rates {
  private static lastMs: i64 = 0;
  private static lastCommands: u64 = 0;
  private static lastInput: u64 = 0;
  private static lastOutput: u64 = 0;
  private static next: u32 = 0;

  /** Takes a sample when it is time. */
  static tick(): void {
    const passed = Clock.nowMs - Rates.lastMs;
    if (passed < EVERY_MS) return;
    const at = Rates.next << 3;
    Rates.next = (Rates.next + 1) % SAMPLES;
    store<u64>(commandSamples + at, rate(Stats.commands, Rates.lastCommands, passed));
    store<u64>(inputSamples + at, rate(Stats.inputBytes, Rates.lastInput, passed));
    store<u64>(outputSamples + at, rate(Stats.outputBytes, Rates.lastOutput, passed));
    Rates.lastMs = Clock.nowMs;
    Rates.lastCommands = Stats.commands;
    Rates.lastInput = Stats.inputBytes;
    Rates.lastOutput = Stats.outputBytes;
  }

  static get commands(): u64 {
    return average(commandSamples);
  }
  static get inputBytes(): u64 {
    return average(inputSamples);
  }
  static get outputBytes(): u64 {
    return average(outputSamples);
  }
}

/** A counter that was set back meanwhile counts from zero. */
function rate(now: u64, before: u64, passedMs: i64): u64 {
  return ((now >= before ? now - before : now) * 1000) / <u64>passedMs;
}

function average(samples: usize): u64 {
  let sum: u64 = 0;
  for (let i: u32 = 0; i < SAMPLES; i++) sum += load<u64>(samples + (i << 3));
  return sum / SAMPLES;
}
