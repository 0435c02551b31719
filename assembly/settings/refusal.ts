import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { Units } from "./units";

const CAPACITY: u32 = 512;
const text: usize = memory.data(512, 8);

/** Why a directive does not take a value, in the words of Redis. */
export class Refusal {
  private static used: u32 = 0;


  @inline static get isSet(): bool {
    return Refusal.used != 0;
  }


  @inline static get pointer(): usize {
    return text;
  }


  @inline static get length(): u32 {
    return Refusal.used;
  }


  @inline static clear(): void {
    Refusal.used = 0;
  }


  @inline static set(reason: string): void {
    Refusal.used = 0;
    Refusal.add(reason);
  }
  static add(words: string): void {
    if (Refusal.used + words.length <= CAPACITY)
      Refusal.used += Bytes.put(text + Refusal.used, words);
  }
  static bytes(pointer: usize, length: u32): void {
    const fits = min(length, CAPACITY - Refusal.used);
    memory.copy(text + Refusal.used, pointer, fits);
    Refusal.used += fits;
  }
  static number(value: i64): void {
    if (Refusal.used + Integer.MAX_LENGTH > CAPACITY) return;
    Refusal.used += Integer.format(value, text + Refusal.used);
  }
  static octal(value: i64): void {
    if (Refusal.used + Units.OCTAL_LENGTH > CAPACITY) return;
    Refusal.used += Units.writeOctal(text + Refusal.used, value);
  }
}
