/** Scripts for the commands that work on keys of any type. */
import type { Case } from '../script.ts'
import { ONE_OF_EACH, each } from '../values.ts'

export const ALL = ['str', 'num', 'list', 'set', 'zset', 'hash', 'stream', 'none']

export const cases: readonly Case[] = [
  {
    name: 'wrong numbers of arguments',
    commands: `
      DEL
      UNLINK
      EXISTS
      TOUCH
      TYPE
      TYPE a b
      RENAME a
      RENAME a b c
      RENAMENX a
      COPY a
      MOVE a
      MOVE a 1 2
      EXPIRE a
      PEXPIRE a
      EXPIREAT a
      PEXPIREAT a
      TTL
      TTL a b
      PTTL
      EXPIRETIME
      PEXPIRETIME a b
      PERSIST
      PERSIST a b
      KEYS
      KEYS a b
      SCAN
      RANDOMKEY a
      DBSIZE a
      OBJECT
      OBJECT ENCODING
      OBJECT ENCODING a b
      OBJECT REFCOUNT
      OBJECT IDLETIME
      OBJECT FREQ
      OBJECT FOO
      OBJECT FOO bar
      OBJECT HELP
      OBJECT HELP x
      object encoding
      SWAPDB
      SWAPDB 0
      SWAPDB 0 1 2
      SELECT
      SELECT 0 1
      SORT
      SORT_RO
      DUMP
      RESTORE a
      RESTORE a 0
    `,
  },
  {
    name: 'TYPE, EXISTS, TOUCH, DEL and UNLINK',
    commands: `${ONE_OF_EACH}
      ${each('TYPE %', ALL)}
      EXISTS str list none set
      EXISTS str str str
      EXISTS none
      TOUCH str none list list
      TOUCH none
      DEL none
      DEL str str none
      UNLINK list set none list
      EXISTS str list set zset
      SET "" x
      EXISTS ""
      TYPE ""
      DEL ""
      DBSIZE
      del zset hash stream num
      DBSIZE
    `,
  },
  {
    name: 'OBJECT ENCODING and REFCOUNT of each type',
    commands: `${ONE_OF_EACH}
      ${each('OBJECT ENCODING %', ALL)}
      ${each(
        'OBJECT IDLETIME %',
        // Redis shares small integers among keys, and their access times with them.
        ALL.filter((key) => key !== 'num'),
      )}
      ${each('OBJECT FREQ %', ALL)}
      OBJECT REFCOUNT str
      OBJECT REFCOUNT list
      OBJECT REFCOUNT none
      SADD ints 1 2 3
      OBJECT ENCODING ints
      SADD ints x
      OBJECT ENCODING ints
      HSET hash big ${'x'.repeat(65)}
      OBJECT ENCODING hash
      ZADD zset 1 ${'x'.repeat(65)}
      OBJECT ENCODING zset
      SADD set2 ${'x'.repeat(65)}
      OBJECT ENCODING set2
      RPUSH list2 ${'x'.repeat(9000)}
      OBJECT ENCODING list2
    `,
  },
  {
    name: 'RENAME and RENAMENX',
    commands: `${ONE_OF_EACH}
      RENAME none x
      RENAME none none
      RENAMENX none x
      RENAME str str
      RENAMENX str str
      RENAME str str2
      GET str2
      EXISTS str
      RENAMENX str2 list
      RENAMENX str2 new
      RENAME new list
      TYPE list
      EXPIRE list 100
      RENAME list t
      TTL t
      SET u v
      EXPIRE u 1000
      RENAME t u
      TTL u
      SET w x
      RENAME w u
      TTL u
      RENAME u ""
      GET ""
      RENAME set zset
      TYPE zset
      SMEMBERS zset
      RENAME hash h2
      HGETALL h2
      RENAME stream s2
      XLEN s2
    `,
  },
  {
    name: 'COPY',
    commands: `${ONE_OF_EACH}
      ${each('COPY % copy\nTYPE copy\nOBJECT ENCODING copy\nCOPY % copy\nCOPY % copy REPLACE\nDEL copy', ALL)}
      SMEMBERS set
      COPY str str
      COPY str str REPLACE
      COPY str str DB 0
      COPY str str DB 1
      COPY str str DB 1
      COPY str str DB 1 REPLACE
      COPY str str REPLACE DB 1
      COPY str c2 DB 2
      COPY str c2 DB 15
      COPY str c2 DB 16
      COPY str c2 DB -1
      COPY str c2 DB x
      COPY str c2 DB
      COPY str c2 foo
      COPY str c2 REPLACE foo
      COPY str c2 DB 1 DB 2
      COPY str c2 DB 9223372036854775808
      COPY none c2 DB x
      COPY none c2 foo
      COPY none none
      EXPIRE str 100
      COPY str c3
      TTL c3
      SET c3 x
      COPY str c3 REPLACE
      TTL c3
      PERSIST str
      COPY str c3 replace db 0
      TTL c3
      COPY list l2
      RPUSH l2 d
      LRANGE list 0 -1
      COPY set s2
      SADD s2 d
      SCARD set
      COPY zset z2
      ZADD z2 9 a
      ZSCORE zset a
      COPY hash h2
      HSET h2 f changed
      HGET hash f
      COPY stream x2
      XADD x2 2-1 a b
      XLEN stream
      SELECT 1
      GET str
      SELECT 15
      GET c2
      DEL c2
      SELECT 2
      DEL c2
    `,
  },
  {
    name: 'MOVE',
    commands: `${ONE_OF_EACH}
      MOVE str 1
      EXISTS str
      MOVE str 1
      MOVE list 0
      MOVE none 0
      MOVE none 1
      MOVE list 16
      MOVE list -1
      MOVE list x
      MOVE list 9223372036854775808
      MOVE none x
      MOVE none 16
      EXPIRE list 100
      MOVE list 1
      SELECT 1
      TTL list
      GET str
      SET num 5
      MOVE num 0
      GET num
      ${each('MOVE % 0', ALL)}
      SELECT 0
      KEYS *
    `,
  },
  {
    name: 'SELECT, SWAPDB, DBSIZE, FLUSHDB',
    commands: `
      SELECT 16
      SELECT -1
      SELECT x
      SELECT ""
      SELECT 9223372036854775807
      SELECT 9223372036854775808
      SELECT 1.0
      SELECT 01
      SELECT 1
      SET a 1
      DBSIZE
      SELECT 0
      DBSIZE
      GET a
      SWAPDB 0 1
      GET a
      SWAPDB 0 0
      GET a
      SWAPDB 0 16
      SWAPDB 16 0
      SWAPDB -1 0
      SWAPDB 0 -1
      SWAPDB x 0
      SWAPDB 0 x
      SWAPDB x y
      SWAPDB 0 99999999999999999999
      SWAPDB 99999999999999999999 0
      SWAPDB 1 0
      GET a
      SELECT 1
      GET a
      FLUSHDB
      DBSIZE
      FLUSHDB ASYNC
      FLUSHDB SYNC
      FLUSHDB foo
      FLUSHDB ASYNC SYNC
      FLUSHALL foo
      FLUSHALL ASYNC foo
      FLUSHALL async
      FLUSHALL Sync
      FLUSHALL ""
      SELECT 0
      b> SELECT 1
      b> SET k one
      SET k zero
      SWAPDB 0 1
      GET k
      b> GET k
      b> DBSIZE
      FLUSHDB
      b> GET k
    `,
  },
  {
    name: 'KEYS patterns',
    commands: `
      MSET hello 1 hallo 2 hxllo 3 hllo 4 heeeello 5 "h*llo" 6 "h?llo" 7 "h[llo" 8 "h\\\\llo" 9 "" 10 a^b 11 a-b 12 "\\x00\\xff" 13 "]" 14
      KEYS *
      KEYS h?llo
      KEYS h*llo
      KEYS h[ae]llo
      KEYS h[^e]llo
      KEYS h[a-b]llo
      KEYS h[b-a]llo
      KEYS "h\\\\*llo"
      KEYS "h\\\\?llo"
      KEYS "h[[]llo"
      KEYS "h\\\\[llo"
      KEYS "h\\\\\\\\llo"
      KEYS h[a
      KEYS h[
      KEYS [
      KEYS [^
      KEYS "\\\\"
      KEYS "hello\\\\"
      KEYS ""
      KEYS ?
      KEYS ??
      KEYS **
      KEYS *l*l*
      KEYS h**o
      KEYS [a-z]*
      KEYS [^a-z]*
      KEYS a[\\^x]b
      KEYS "a[\\\\-x]b"
      KEYS a[-x]b
      KEYS a[x-]b
      KEYS a[^-]b
      KEYS "[\\x00]*"
      KEYS "[]]"
      KEYS "[\\\\]]"
      KEYS hello*
      KEYS hello?
      KEYS HELLO
      KEYS H?llo
      KEYS *************************hello
    `,
  },
  {
    name: 'SCAN',
    commands: `${ONE_OF_EACH}
      SCAN 0
      SCAN 0 COUNT 100
      SCAN 0 MATCH *s* COUNT 100
      SCAN 0 COUNT 100 MATCH none*
      ${each('SCAN 0 COUNT 100 TYPE %', ['string', 'list', 'set', 'zset', 'hash', 'stream', 'STRING', 'foo', '""'])}
      SCAN 0 TYPE string MATCH n* COUNT 50
      scan 0 type string match * count 50
      SCAN 0 COUNT 0
      SCAN 0 COUNT -1
      SCAN 0 COUNT x
      SCAN 0 COUNT 9223372036854775807
      SCAN 0 COUNT 9223372036854775808
      SCAN 0 COUNT
      SCAN 0 MATCH
      SCAN 0 TYPE
      SCAN 0 FOO
      SCAN 0 FOO bar
      SCAN 0 COUNT 10 COUNT 100
      SCAN 0 MATCH a* MATCH *
      SCAN x
      SCAN ""
      SCAN " 0"
      SCAN "0 "
      SCAN 0x
      SCAN 1.5
      SCAN 18446744073709551616
      SCAN x FOO
      SCAN 0 COUNT x FOO
      SELECT 1
      SCAN 0
      SCAN 0 MATCH
    `,
  },
  {
    name: 'SCAN of an empty database, and of expired keys',
    commands: `
      SCAN 0
      SCAN 0 TYPE string COUNT 5
      SET a 1 PX 1
      SET b 1
      ~ 10
      SCAN 0
      SCAN 0
      KEYS *
    `,
  },
  {
    name: 'RANDOMKEY',
    commands: `
      RANDOMKEY
      SET k v
      RANDOMKEY
      DEL k
      RANDOMKEY
      SET k v PXAT 1
      RANDOMKEY
    `,
  },
  {
    name: 'DUMP and RESTORE arguments',
    commands: `
      DUMP none
      SET k v
      RESTORE k 0 x
      RESTORE k 0 ""
      RESTORE new -1 x
      RESTORE new x x
      RESTORE new 0 x FOO
      RESTORE new 0 x REPLACE IDLETIME
      RESTORE new 0 x IDLETIME -1
      RESTORE new 0 x IDLETIME x
      RESTORE new 0 x FREQ 256
      RESTORE new 0 x FREQ -1
      RESTORE new 0 x IDLETIME 1 FREQ 1
      RESTORE new 0 xxxxxxxxxxxxxxxxxxxxxx
      RESTORE k 0 "\\x00\\x01v\\x0b\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
      RESTORE new 0 "\\x00\\x01v\\xff\\xff\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
    `,
  },
  {
    name: 'OBJECT FREQ under an LFU policy',
    commands: `
      SET k v
      OBJECT FREQ k
      OBJECT FREQ none
      CONFIG SET maxmemory-policy allkeys-lfu
      SET k2 v
      OBJECT FREQ k2
      OBJECT IDLETIME k2
      OBJECT FREQ none
      CONFIG SET maxmemory-policy noeviction
      OBJECT FREQ k2
    `,
  },
]
