/** Scripts for the commands that work on keys of any type. */
import type { Case } from '../script.ts'
import { INTEGERS, ONE_OF_EACH, TIMES, each } from '../values.ts'

const ALL = ['str', 'num', 'list', 'set', 'zset', 'hash', 'stream', 'none']
const EXPIRES = ['EXPIRE', 'PEXPIRE', 'EXPIREAT', 'PEXPIREAT']

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
    name: 'EXPIRE and its kin: past, future, out of range',
    commands: EXPIRES.map(
      (command) => `
      ${each(`SET k v\n${command} k %\nTTL k\nPEXPIRETIME k`, TIMES)}
      ${each(`DEL k\n${command} k %`, TIMES)}
      ${each(`SET k v\n${command} k %`, INTEGERS)}
    `,
    ).join('\n'),
  },
  {
    name: 'conditions of EXPIRE',
    commands: `
      SET k v
      EXPIREAT k 33177117420 XX
      TTL k
      EXPIREAT k 33177117420 GT
      TTL k
      EXPIREAT k 33177117420 LT
      EXPIRETIME k
      EXPIREAT k 33177117420 LT
      EXPIREAT k 33177117420 GT
      EXPIREAT k 33177117421 GT
      EXPIRETIME k
      EXPIREAT k 33177117422 LT
      EXPIRETIME k
      EXPIREAT k 33177117420 LT
      EXPIRETIME k
      EXPIREAT k 33177117430 NX
      EXPIRETIME k
      EXPIREAT k 33177117430 XX
      EXPIRETIME k
      PERSIST k
      PERSIST k
      EXPIREAT k 33177117420 NX
      EXPIRETIME k
      EXPIREAT k 33177117400 xx gt
      EXPIREAT k 33177117400 XX LT
      EXPIRETIME k
      EXPIREAT k 33177117500 XX GT XX
      EXPIRETIME k
      EXPIREAT k 1 GT
      EXISTS k
      EXPIREAT k 1 NX
      EXISTS k
      EXPIREAT k 1 LT
      EXISTS k
      EXPIREAT k 1 LT
      SET k v
      EXPIRE k 100 NX XX
      EXPIRE k 100 XX NX
      EXPIRE k 100 NX GT
      EXPIRE k 100 NX LT
      EXPIRE k 100 LT NX
      EXPIRE k 100 GT LT
      EXPIRE k 100 LT GT
      EXPIRE k 100 GT LT NX
      EXPIRE k 100 foo
      EXPIRE k 100 ""
      EXPIRE k 100 NX foo
      EXPIRE k 100 foo NX XX
      EXPIRE k 100 NX NX
      TTL k
      EXPIRE k x foo
      EXPIRE k x NX XX
      EXPIRE k 9223372036854775807 NX XX
      EXPIRE none 100 NX
      EXPIRE none 100 NX XX
      EXPIRE none x
      EXPIRE none 100 foo
      EXPIRE k -1 XX
      EXPIRE k -1 NX
      EXISTS k
    `,
  },
  {
    name: 'TTL readings',
    commands: `${ONE_OF_EACH}
      ${ALL.map((key) => each(`% ${key}`, ['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME', 'PERSIST'])).join('\n')}
      ${each('EXPIRE % 100\nTTL %\nPERSIST %\nTTL %', ALL)}
      PEXPIRE str 1499
      TTL str
      PEXPIREAT str 33177117420499
      EXPIRETIME str
      PEXPIREAT str 33177117420500
      EXPIRETIME str
      PEXPIREAT str 33177117420999
      EXPIRETIME str
      PEXPIRETIME str
    `,
  },
  {
    name: 'keys that have expired are not there for any command',
    commands: `${ONE_OF_EACH}
      ${each('PEXPIRE % 1', ALL)}
      ~ 10
      ${ALL.map((key) => each(`% ${key}`, ['TYPE', 'EXISTS', 'TTL', 'PTTL', 'EXPIRETIME', 'TOUCH', 'OBJECT ENCODING', 'PERSIST', 'DEL'])).join('\n')}
      ${ONE_OF_EACH}
      ${each('PEXPIREAT % 1', ALL)}
      DBSIZE
      KEYS *
      RANDOMKEY
      SCAN 0
      ${ONE_OF_EACH}
      ${each('PEXPIRE % 1', ALL)}
      ~ 10
      RENAME str x
      RENAMENX list x
      COPY set x
      MOVE zset 1
      UNLINK hash
      EXPIRE stream 100
      SET a 1 PX 1
      SET b 2
      ~ 10
      RENAMENX b a
      SET c 1 PX 1
      ~ 10
      COPY a c
      SELECT 1
      SET d 1 PX 1
      SELECT 0
      SET d 2
      ~ 10
      MOVE d 1
      KEYS *
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
    name: 'SORT of numbers and words',
    commands: `
      RPUSH l 3 1 2 10 -5 0.5
      SORT l
      SORT l DESC
      SORT l ASC
      SORT l ALPHA
      SORT l ALPHA DESC
      SORT l LIMIT 0 2
      SORT l LIMIT 1 2 DESC
      SORT l LIMIT -1 2
      SORT l LIMIT 2 -1
      SORT l LIMIT 10 2
      SORT l LIMIT 0 0
      SORT l LIMIT 0
      SORT l LIMIT x 1
      SORT l LIMIT 0 x
      SORT l STORE out
      LRANGE out 0 -1
      SORT l FOO
      SORT l BY
      SORT l GET
      SORT l STORE
      SORT l BY nosort
      SORT l BY nosort DESC
      SORT l BY nosort LIMIT 1 2
      SORT l BY nosort GET #
      SORT none
      SORT none STORE out
      EXISTS out
      RPUSH words b a c
      SORT words
      SORT words ALPHA
      SORT words BY w_*
      MSET w_a 3 w_b 2 w_c 1 d_a A d_b B
      SORT words BY w_*
      SORT words BY w_* GET d_*
      SORT words BY w_* GET # GET d_* GET none_*
      SORT words BY w_* GET d_* STORE out
      LRANGE out 0 -1
      HSET h_a f 1 g x
      HSET h_b f 0 g y
      SORT words BY h_*->f GET h_*->g ALPHA
      SORT words BY h_*->f GET h_*->none
      SORT words BY w_*->f
      SORT words ALPHA GET h_*->
      SORT words BY nosort GET w_*
      SORT_RO words ALPHA
      SORT_RO words ALPHA STORE out
      SADD s 3 1 2
      SORT s
      SORT s BY nosort STORE out
      ZADD z 1 c 2 b 3 a
      SORT z ALPHA
      SORT z BY nosort
      SORT z BY nosort DESC
      SORT z BY nosort LIMIT 0 2
      SORT z BY nosort DESC LIMIT 1 1
      SORT z BY nosort STORE out
      LRANGE out 0 -1
      DEL z
      SET str x
      SORT str
      HSET hash f v
      SORT hash
      SORT str FOO
      RPUSH bad 1 x
      SORT bad
      SORT bad STORE out
      LRANGE out 0 -1
      RPUSH infs inf -inf 5
      SORT infs
      RPUSH nans nan 5
      SORT nans
      SORT l BY w_* DESC ASC ALPHA
      SORT l STORE l
      LRANGE l 0 -1
      SORT words BY x
      SORT words BY *
      SORT words BY w_\\*
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
