// What a value type registers: one record of functions a type, called through the function table.
// Everything that must treat all types alike (freeing, memory, copying, saving) asks here, so a new
// type is a new registration and no change elsewhere.

import { Encoding, Entry, Type } from "./entry";

/** The functions of one type, as indexes into the function table. 0: the type has no need of it. */
@unmanaged
export class TypeInfo {
  /** `(value, encoding, budget) → budget left`: frees some of a collection; ≤ 0 means call again. */
  free: u32;
  /** `(value, encoding) → elements`: how much work freeing is. */
  length: u32;
  /** `(value, encoding) → u64 bytes`, the value's blocks. */
  size: u32;
  /** `(value, encoding) → value`: a copy. */
  copy: u32;
  /** `(digest, entry)`: mixes the value into a digest. */
  digest: u32;
  /** The type's name as TYPE gives it: a static string. */
  name: u32;
  /** `(value, encoding) → how RDB writes it`, and `(writer, value, encoding)`: writes it. */
  rdbType: u32;
  save: u32;
  /** `(writer, key, keyLen, value, encoding)`: writes the commands that make the value. */
  rewrite: u32;
  /** `(value, encoding) → whether a snapshot writes it bit by bit`; 0: always at once. */
  isLarge: u32;
  /** `(capture)`: writes what comes before the elements and says where they are. */
  capture: u32;
  /** `(capture, budget) → budget left`: writes some elements, and sets `done` at the end. */
  captureSome: u32;
  /** `(capture)`: nothing of the value is held any more. */
  captureEnd: u32;
}

/** The longest string that Redis keeps in one allocation with its object. */
const EMBEDDED_MAX: u32 = 44;

const records: usize = memory.data(16 * 64);

export class Types {

  @inline static info(type: u32): TypeInfo {
    return changetype<TypeInfo>(records + (type << 6));
  }

  static register(type: u32, name: string): TypeInfo {
    const info = Types.info(type);
    info.name = <u32>changetype<usize>(name);
    return info;
  }


  @inline static nameOf(type: u32): string {
    return changetype<string>(<usize>Types.info(type).name);
  }


  @inline static free(type: u32, value: usize, encoding: u32, budget: i32): i32 {
    return call_indirect<i32>(Types.info(type).free, value, encoding, budget);
  }


  @inline static length(type: u32, value: usize, encoding: u32): u32 {
    return call_indirect<u32>(Types.info(type).length, value, encoding);
  }


  @inline static size(type: u32, value: usize, encoding: u32): u64 {
    return call_indirect<u64>(Types.info(type).size, value, encoding);
  }


  @inline static copy(type: u32, value: usize, encoding: u32): usize {
    return call_indirect<usize>(Types.info(type).copy, value, encoding);
  }


  @inline static rdbType(type: u32, value: usize, encoding: u32): u32 {
    return call_indirect<u32>(Types.info(type).rdbType, value, encoding);
  }


  @inline static save(type: u32, writer: usize, value: usize, encoding: u32): void {
    call_indirect<void>(Types.info(type).save, writer, value, encoding);
  }

  /** Whether a value is so large that a snapshot writes it bit by bit. */
  @inline static isLarge(type: u32, value: usize, encoding: u32): bool {
    const decide = Types.info(type).isLarge;
    return decide != 0 && call_indirect<bool>(decide, value, encoding);
  }

  /** The name of a value's encoding, as OBJECT ENCODING gives it. */
  static encodingName(entry: Entry): string {
    switch (entry.encoding) {
      case Encoding.INT:
        return "int";
      case Encoding.INLINE:
        return entry.stringLen <= EMBEDDED_MAX ? "embstr" : "raw";
      case Encoding.LISTPACK:
        return "listpack";
      case Encoding.QUICKLIST:
        return "quicklist";
      case Encoding.INTSET:
        return "intset";
      case Encoding.HASHTABLE:
        return "hashtable";
      case Encoding.SKIPLIST:
        return "skiplist";
      case Encoding.STREAM:
        return "stream";
      case Encoding.LISTPACK_EX:
        return "listpackex";
      default:
        return "raw";
    }
  }

  /** Whether a value of this type lies in blocks of its own, behind one address. */
  @inline static isCollection(type: u32): bool {
    return type != Type.STRING;
  }
}
