// A reply of the engine, RESP, as values of the interpreter.
//
//   RESP2   integer → number    bulk → string, nil → false    array → table, nil → false
//           status → { ok = … }                               error → { err = … }
//   RESP3   map → { map = … }   set → { set = … }   double → { double = … }   nil → nil
//           boolean → boolean   big number, verbatim string → tables of their own

import { Double } from "../algorithms/double";
import { Bytes } from "../memory/bytes";
import {
  createTable,
  pushBoolean,
  pushBytes,
  pushNil,
  pushNumber,
  rawSet,
  rawSetIndex,
  State,
} from "./api";
import { pushText, setField } from "./values";

export class Decoder {
  private static at: usize = 0;
  /** Whether the last value that was pushed is an error. */
  static isError: bool = false;

  /** Pushes the reply that lies at `pointer`. */
  static push(L: State, pointer: usize): void {
    Decoder.at = pointer;
    Decoder.value(L);
  }

  private static value(L: State): void {
    const kind = load<u8>(Decoder.at++);
    Decoder.isError = false;
    switch (kind) {
      case 58: // :
        return pushNumber(L, <f64>Decoder.number());
      case 36: // $
        return Decoder.bulk(L);
      case 42: // *
        return Decoder.array(L);
      case 43: // +
        createTable(L, 0, 1);
        pushText(L, "ok");
        Decoder.line(L);
        return rawSet(L, -3);
      case 45: // -
        createTable(L, 0, 2);
        pushText(L, "err");
        Decoder.line(L);
        rawSet(L, -3);
        pushBoolean(L, 1);
        setField(L, "ignore_error_stats_update");
        Decoder.isError = true;
        return;
      default:
        return Decoder.resp3(L, kind);
    }
  }

  private static resp3(L: State, kind: u32): void {
    switch (kind) {
      case 37: // %
        return Decoder.pairs(L, "map", true);
      case 126: // ~
        return Decoder.pairs(L, "set", false);
      case 35: // #
        pushBoolean(L, load<u8>(Decoder.at) == 116);
        Decoder.at += 3;
        return;
      case 44: // ,
        createTable(L, 0, 1);
        pushText(L, "double");
        pushNumber(L, Decoder.double());
        return rawSet(L, -3);
      case 40: // (
        createTable(L, 0, 1);
        pushText(L, "big_number");
        Decoder.line(L);
        return rawSet(L, -3);
      case 61: // =
        return Decoder.verbatim(L);
      default: // _
        pushNil(L);
        Decoder.at += 2;
    }
  }

  /** A number and the line's end. */
  private static number(): i64 {
    let at = Decoder.at;
    let char: u32 = load<u8>(at);
    const isNegative = char == 45;
    if (isNegative) char = load<u8>(++at);
    let value: i64 = 0;
    while (char != 13) {
      value = value * 10 + (char - 48);
      char = load<u8>(++at);
    }
    Decoder.at = at + 2;
    return isNegative ? -value : value;
  }

  private static double(): f64 {
    const from = Decoder.at;
    const end = Bytes.indexOf(from, from + 64, 13);
    Double.scan(from, <u32>(end - from));
    Decoder.at = end + 2;
    return Double.value;
  }

  private static line(L: State): void {
    const from = Decoder.at;
    let end = from;
    while (load<u8>(end) != 13) end++;
    pushBytes(L, from, end - from);
    Decoder.at = end + 2;
  }

  private static bulk(L: State): void {
    const length = Decoder.number();
    if (length < 0) return pushBoolean(L, 0);
    pushBytes(L, Decoder.at, <usize>length);
    Decoder.at += <usize>length + 2;
  }

  private static array(L: State): void {
    const count = <i32>Decoder.number();
    if (count < 0) return pushBoolean(L, 0);
    createTable(L, count, 0);
    for (let i = 1; i <= count; i++) {
      Decoder.value(L);
      rawSetIndex(L, -2, i);
    }
    Decoder.isError = false;
  }

  /** A map, or a set: each of its members with true. */
  private static pairs(L: State, name: string, hasValues: bool): void {
    const count = <i32>Decoder.number();
    createTable(L, 0, 1);
    pushText(L, name);
    createTable(L, 0, count);
    for (let i = 0; i < count; i++) {
      Decoder.value(L);
      if (hasValues) Decoder.value(L);
      else pushBoolean(L, 1);
      rawSet(L, -3);
    }
    rawSet(L, -3);
    Decoder.isError = false;
  }

  private static verbatim(L: State): void {
    const length = <usize>Decoder.number();
    createTable(L, 0, 1);
    pushText(L, "verbatim_string");
    createTable(L, 0, 2);
    pushBytes(L, Decoder.at + 4, length - 4);
    setField(L, "string");
    pushBytes(L, Decoder.at, 3);
    setField(L, "format");
    rawSet(L, -3);
    Decoder.at += length + 2;
  }
}
