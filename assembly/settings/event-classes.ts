// The letters of notify-keyspace-events.

/** The letters in the order of their bits; A stands for all from g to t and n. */
const LETTERS: string = "KEg$lshzxetm";
const MODULE: u32 = 1 << 13;
const NEW: u32 = 1 << 14;
const KEYSPACE: u32 = 1 << 0;
const KEYEVENT: u32 = 1 << 1;
const KEY_MISS: u32 = 1 << 11;
/** What A stands for: all classes but key misses and new keys. */
const ALL: u32 = 0x7fc | MODULE;

export class EventClasses {
  /** What `parse` answers for a letter that is none. */
  static readonly INVALID: u32 = u32.MAX_VALUE;

  /** The classes that the letters name, as bits. */
  static parse(pointer: usize, length: u32): u32 {
    let classes: u32 = 0;
    for (let i: u32 = 0; i < length; i++) {
      const one = EventClasses.ofLetter(load<u8>(pointer + i));
      if (!one) return EventClasses.INVALID;
      classes |= one;
    }
    return classes;
  }

  /** Writes the letters of the classes; returns their count. */
  static write(target: usize, classes: u32): u32 {
    let at = target;
    if ((classes & ALL) == ALL) {
      store<u8>(at++, 65);
    } else {
      for (let bit: u32 = 2; bit < 11; bit++) {
        if (classes & (1 << bit)) store<u8>(at++, LETTERS.charCodeAt(bit));
      }
      if (classes & MODULE) store<u8>(at++, 100);
    }
    if (classes & NEW) store<u8>(at++, 110);
    if (classes & KEYSPACE) store<u8>(at++, 75);
    if (classes & KEYEVENT) store<u8>(at++, 69);
    if (classes & KEY_MISS) store<u8>(at++, 109);
    return <u32>(at - target);
  }

  private static ofLetter(letter: u32): u32 {
    if (letter == 65) return ALL;
    if (letter == 100) return MODULE;
    if (letter == 110) return NEW;
    for (let bit: u32 = 0; bit < <u32>LETTERS.length; bit++) {
      if (<u32>LETTERS.charCodeAt(bit) == letter) return 1 << bit;
    }
    return 0;
  }
}
