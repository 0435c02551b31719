// Small things that every part does with values of the interpreter.

import { Bytes } from "../memory/bytes";
import {
  insert,
  pushBytes,
  pushClosure,
  pushWhere,
  rawSet,
  setTop,
  State,
  throwError,
  concat,
  toString,
} from "./api";

const TEXT_MAX: u32 = 512;
const scratch: usize = memory.data(TEXT_MAX + 16, 16);
const lengthCell: usize = memory.data(4, 4);


@inline export function pop(L: State, count: i32): void {
  setTop(L, -count - 1);
}

/** Pushes ASCII text of at most 512 characters. */
export function pushText(L: State, text: string): void {
  pushBytes(L, scratch, Bytes.put(scratch, text));
}

/** ASCII text as C takes it, until the next call. */
export function cText(text: string): usize {
  store<u8>(scratch + Bytes.put(scratch, text), 0);
  return scratch;
}

/** The bytes of the string at an index; a number there becomes its text. */
export class Text {
  static pointer: usize = 0;
  static length: u32 = 0;


  @inline static at(L: State, index: i32): void {
    Text.pointer = toString(L, index, lengthCell);
    Text.length = load<u32>(lengthCell);
  }

  /** How long it is for those who stop at a zero byte. */
  static get cLength(): u32 {
    const zero = Bytes.indexOf(Text.pointer, Text.pointer + Text.length, 0);
    return zero ? <u32>(zero - Text.pointer) : Text.length;
  }
}

/** Functions of this side as the interpreter knows them. */
export class Functions {
  /** Where the functions of this module begin in the interpreter's table. */
  static base: u32 = 0;


  @inline static push(L: State, index: u32): void {
    pushClosure(L, Functions.base + index, 0);
  }

  /** Sets a field of the table on top. */
  static add(L: State, name: string, index: u32): void {
    pushText(L, name);
    Functions.push(L, index);
    rawSet(L, -3);
  }
}

/** Raises a text as it is, without the place. */
export function raisePlain(L: State, text: string): i32 {
  pushText(L, text);
  return throwError(L);
}

/** Raises a text with the place where the script is. */
export function raise(L: State, text: string): i32 {
  pushWhere(L, 1);
  pushText(L, text);
  concat(L, 2);
  return throwError(L);
}

/** Raises the string on top with the place where the script is in front of it. */
export function raiseTop(L: State): i32 {
  pushWhere(L, 1);
  insert(L, -2);
  concat(L, 2);
  return throwError(L);
}

/** Sets a field of the table below the value that is on top, and takes that. */
export function setField(L: State, name: string): void {
  pushText(L, name);
  insert(L, -2);
  rawSet(L, -3);
}
