// The numbers of the RDB format, which files, snapshots and DUMP payloads share.
//
//   file     "REDIS" version(4 digits) │ aux … │ SELECTDB n │ [expiry] [idle] type key value │ … │ EOF crc64
//   payload  type value │ version u16 │ crc64
//
// A length has its form in the top two bits of its first byte:
//
//   00nnnnnn                  up to 63              10000000 + 4 bytes, big end first
//   01nnnnnn nnnnnnnn         up to 16383           10000001 + 8 bytes, big end first
//   11eeeeee                  not a length: a string that is an integer of 1, 2 or 4 bytes, or compressed

/** The version that a 7.0 server reads; and the one that has fields with an expiry, the newest we read. */
export const RDB_VERSION: u32 = 10;
export const RDB_VERSION_MAX: u32 = 12;

/** What stands in front of a key's value: how the value is written. */
export const enum RdbType {
  STRING = 0,
  LIST = 1,
  SET = 2,
  ZSET = 3,
  HASH = 4,
  ZSET_2 = 5,
  MODULE_PRE_GA = 6,
  MODULE_2 = 7,
  HASH_ZIPMAP = 9,
  LIST_ZIPLIST = 10,
  SET_INTSET = 11,
  ZSET_ZIPLIST = 12,
  HASH_ZIPLIST = 13,
  LIST_QUICKLIST = 14,
  STREAM_LISTPACKS = 15,
  HASH_LISTPACK = 16,
  ZSET_LISTPACK = 17,
  LIST_QUICKLIST_2 = 18,
  STREAM_LISTPACKS_2 = 19,
  SET_LISTPACK = 20,
  STREAM_LISTPACKS_3 = 21,
  HASH_METADATA_PRE_GA = 22,
  HASH_LISTPACK_EX_PRE_GA = 23,
  HASH_METADATA = 24,
  HASH_LISTPACK_EX = 25,
  COUNT = 26,
}

/** What else may stand where a key's type is expected. */
export const enum RdbOpcode {
  SLOT_INFO = 244,
  FUNCTION_2 = 245,
  FUNCTION_PRE_GA = 246,
  MODULE_AUX = 247,
  IDLE = 248,
  FREQ = 249,
  AUX = 250,
  RESIZE_DB = 251,
  EXPIRE_MS = 252,
  EXPIRE = 253,
  SELECT_DB = 254,
  EOF = 255,
}

/** What follows in the data of a module. */
export const enum ModuleOpcode {
  EOF = 0,
  SIGNED = 1,
  UNSIGNED = 2,
  FLOAT = 3,
  DOUBLE = 4,
  STRING = 5,
}

/** The forms of a string that is not stored as it is. */
export const enum RdbString {
  INT_8 = 0,
  INT_16 = 1,
  INT_32 = 2,
  LZF = 3,
}

/** The nodes of a LIST_QUICKLIST_2. */
export const enum RdbNode {
  PLAIN = 1,
  PACKED = 2,
}
