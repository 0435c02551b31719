/** Scripts for the string commands. */
import type { Case } from '../script.ts'
import { INDEXES, INTEGERS, ONE_OF_EACH, OTHER_TYPES, TIMES, each, lines } from '../values.ts'

const KEY_FIRST = lines(`
  GET
  STRLEN
  INCR
  DECR
  GETDEL
  GETEX
  APPEND % x
  GETSET % x
  SETNX % x
  SETRANGE % 0 x
  GETRANGE % 0 1
  SUBSTR % 0 1
  INCRBY % 1
  DECRBY % 1
  INCRBYFLOAT % 1
  SETEX % 100 x
  PSETEX % 100000 x
  LCS % str
  LCS str %
  SET % x GET
  SET % x NX
  SET % x XX
  SET % x KEEPTTL
  GETEX % PERSIST
  MGET % str
  SETRANGE % 5 ""
  SETRANGE % -1 x
  INCRBY % x
  APPEND % ""
  GETEX % EX 0
`).map((line) => (line.includes('%') ? line : `${line} %`))

export const cases: readonly Case[] = [
  {
    name: 'SET, GET and what SET does to an old value',
    commands: `
      SET k v
      GET k
      SET k "" 
      GET k
      STRLEN k
      SET "" empty-key
      GET ""
      SET "a\\x00b" "c\\x00\\xff\\r\\nd"
      GET "a\\x00b"
      GET a
      SET k 123
      OBJECT ENCODING k
      SET k 0123
      OBJECT ENCODING k
      SET k v EX 100
      SET k w
      TTL k
      RPUSH list a
      SET list x
      TYPE list
    `,
  },
  {
    name: 'wrong numbers of arguments',
    commands: `
      GET
      GET a b
      SET
      SET a
      STRLEN
      STRLEN a b
      APPEND a
      APPEND a b c
      INCR
      INCR a b
      DECR a b
      INCRBY a
      INCRBY a 1 2
      DECRBY a
      INCRBYFLOAT a
      INCRBYFLOAT a 1 2
      GETSET a
      GETDEL
      GETDEL a b
      GETEX
      SETNX a
      SETNX a b c
      SETEX a 1
      SETEX a 1 b c
      PSETEX a 1
      SETRANGE a 1
      SETRANGE a 1 b c
      GETRANGE a 1
      GETRANGE a 1 2 3
      SUBSTR a 1
      MGET
      MSET
      MSET a
      MSET a b c
      MSETNX
      MSETNX a
      MSETNX a b c
      LCS
      LCS a
      get
      gEt a b
      nosuchcommand
      nosuchcommand a b
      "no such\\r\\ncommand" x
      ""
      "" a
    `,
  },
  {
    name: 'every string command against every other type, and a missing key',
    commands: `${ONE_OF_EACH}
      ${OTHER_TYPES.map((key) => KEY_FIRST.map((line) => line.replaceAll('%', key)).join('\n')).join(`\n${ONE_OF_EACH}\n`)}
      ${KEY_FIRST.map((line) => `${line.replaceAll('%', 'none')}\nDEL none`).join('\n')}`,
  },
  {
    name: 'options of SET alone and together',
    commands: `
      SET k v NX
      SET k w NX
      GET k
      SET k w XX
      GET k
      SET none w XX
      GET none
      SET k x GET
      SET none2 x GET
      SET k y NX GET
      GET k
      SET none3 y NX GET
      GET none3
      SET k z XX GET
      SET none4 z XX GET
      EXISTS none4
      SET k v EX 100
      TTL k
      SET k w KEEPTTL
      TTL k
      SET k v PX 100000
      PTTL k
      SET k v EXAT 33177117420
      EXPIRETIME k
      SET k v PXAT 33177117420000
      PEXPIRETIME k
      SET k v ex 100 nx get
      SET k v nx EX 100 GeT
      set k v keepttl get xx
      TTL k
      SET n v NX EX 100
      TTL n
      SET k v EXAT 1
      EXISTS k
      SET k v PXAT 1
      EXISTS k
      SET k v PXAT 1 GET
      SET gone v PXAT 1 XX
      SET gone v EXAT 1 NX
      EXISTS gone
    `,
  },
  {
    name: 'options of SET that do not go together',
    commands: `
      SET k v NX XX
      SET k v XX NX
      SET k v NX NX
      SET k v XX XX
      SET k v GET GET
      SET k v EX 10 PX 10
      SET k v PX 10 EX 10
      SET k v EX 10 EX 10
      SET k v EX 10 KEEPTTL
      SET k v KEEPTTL EX 10
      SET k v KEEPTTL KEEPTTL
      SET k v EXAT 33177117420 EX 10
      SET k v PXAT 33177117420000 EXAT 33177117420
      SET k v PXAT 33177117420000 KEEPTTL
      SET k v EX
      SET k v EX NX
      SET k v NX EX
      SET k v PERSIST
      SET k v GET PERSIST
      SET k v foo
      SET k v ""
      SET k v EX 10 foo
      SET k v EX foo bar
      SET k v EX foo NX XX
      SET k v EX 0 XX NX
      SET k v NX GET EX
      SET k v E 10
      SET k v EXX 10
      SET k v 10 EX
      EXISTS k
      RPUSH list a
      SET list v NX GET
      SET list v GET
      SET list v XX GET
      SET list v EX x GET
      SET list v EX 0 GET
      SET list v NX XX GET
      SET list v NX
      TYPE list
    `,
  },
  {
    name: 'times of SET, SETEX, PSETEX and GETEX in and out of range',
    commands: `
      SET k v
      ${each('SET k v EX %\nTTL k', TIMES)}
      ${each('SET k v PX %\nPTTL k', TIMES)}
      ${each('SET k v EXAT %\nEXPIRETIME k', TIMES)}
      ${each('SET k v PXAT %\nPEXPIRETIME k', TIMES)}
      ${each('SETEX k % v\nTTL k', TIMES)}
      ${each('PSETEX k % v\nPTTL k', TIMES)}
      ${each('SET k v\nGETEX k EX %\nTTL k', TIMES)}
      ${each('SET k v\nGETEX k PX %\nTTL k', TIMES)}
      ${each('SET k v\nGETEX k EXAT %\nTTL k', TIMES)}
      ${each('SET k v\nGETEX k PXAT %\nTTL k', TIMES)}
      DEL k
      ${each('SETEX k % v', TIMES)}
      DEL k
      ${each('GETEX k EX %', TIMES)}
      RPUSH list a
      ${each('SETEX list % v\nTYPE list\nDEL list\nRPUSH list a', ['0', '-1', 'x', '100'])}
      ${each('GETEX list EX %', ['0', '-1', 'x', '100'])}
    `,
  },
  {
    name: 'GETEX',
    commands: `
      SET k v
      GETEX k
      TTL k
      GETEX k EX 100
      TTL k
      GETEX k
      TTL k
      GETEX k PERSIST
      TTL k
      GETEX k persist
      GETEX k PX 100000 
      GETEX k EX 10 PERSIST
      GETEX k PERSIST EX 10
      GETEX k PERSIST PERSIST
      GETEX k EX
      GETEX k KEEPTTL
      GETEX k NX
      GETEX k GET
      GETEX k EX 10 EX 10
      GETEX k foo
      GETEX k PXAT 1
      EXISTS k
      GETEX none EX 10
      GETEX none EX x
      GETEX none foo
      EXISTS none
    `,
  },
  {
    name: 'GETDEL, GETSET, SETNX, MSETNX',
    commands: `
      SET k v EX 100
      GETDEL k
      GETDEL k
      EXISTS k
      GETSET k a
      GETSET k b
      EXPIRE k 100
      GETSET k c
      TTL k
      SETNX k d
      SETNX n d
      TTL n
      MSET a 1 b 2 a 3
      MGET a b a none
      MSETNX a 9 z 9
      EXISTS z
      MSETNX y 1 z 2 y 3
      MGET y z
      RPUSH list x
      MSETNX list 1 w 1
      MSET list 1 EX 10
      MGET list EX
      MGET "" list
      EXPIRE a 100
      MSET a 1
      TTL a
    `,
  },
  {
    name: 'MGET of all types gives null for what is no string',
    commands: `${ONE_OF_EACH}
      MGET str num list set zset hash stream none
      MGET none none none
    `,
  },
  {
    name: 'APPEND, STRLEN and their encodings',
    commands: `
      APPEND k a
      OBJECT ENCODING k
      APPEND k ""
      STRLEN k
      APPEND new ""
      EXISTS new
      STRLEN new
      SET n 12
      APPEND n 34
      OBJECT ENCODING n
      GET n
      SET e aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      STRLEN e
      OBJECT ENCODING e
      SET e aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      STRLEN e
      OBJECT ENCODING e
      SET e -9223372036854775808
      OBJECT ENCODING e
      STRLEN e
      SET e 9223372036854775808
      OBJECT ENCODING e
      SET e 12 EX 100
      APPEND e x
      TTL e
      SET e 00
      OBJECT ENCODING e
      SET e -0
      OBJECT ENCODING e
      SET e "1 "
      OBJECT ENCODING e
      SET e 123456789012345678901
      OBJECT ENCODING e
      APPEND "" x
      STRLEN ""
    `,
  },
  {
    name: 'SETRANGE',
    commands: `
      SETRANGE k 0 ""
      EXISTS k
      SETRANGE k 5 ""
      EXISTS k
      SETRANGE k 5 hello
      GET k
      STRLEN k
      SETRANGE k 1 ab
      GET k
      SETRANGE k 10 !
      GET k
      SETRANGE k 3 ""
      OBJECT ENCODING k
      SET n 12345
      SETRANGE n 1 x
      GET n
      SET n 12345
      SETRANGE n 1 9
      OBJECT ENCODING n
      INCR n
      SET t v EX 100
      SETRANGE t 0 w
      TTL t
      SETRANGE k -1 x
      SETRANGE k 536870911 xx
      SETRANGE k 536870912 x
      SETRANGE k 536870912 ""
      SETRANGE k 9223372036854775807 x
      SETRANGE k 9223372036854775807 ""
      SETRANGE none 536870912 x
      SETRANGE none -1 ""
      EXISTS none
      ${each('SETRANGE k % ""', INTEGERS)}
      RPUSH list a
      SETRANGE list -1 x
      SETRANGE list 1 ""
      SETRANGE list x ""
    `,
  },
  {
    name: 'GETRANGE and SUBSTR with indexes from both ends',
    commands: `
      SET k hello!
      SET n 123456
      ${INDEXES.map((from) => each(`GETRANGE k ${from} %`, INDEXES)).join('\n')}
      ${each('GETRANGE n 1 %', INDEXES)}
      ${each('SUBSTR k % -2', INDEXES)}
      ${each('GETRANGE none % -1', INDEXES)}
      SET e ""
      GETRANGE e 0 -1
      GETRANGE e 0 0
      GETRANGE e -1 -1
      RPUSH list a
      GETRANGE list x 1
      GETRANGE list 0 1
    `,
  },
  {
    name: 'LCS',
    commands: `
      MSET a ohmytext b mynewtext
      LCS a b
      LCS a b LEN
      LCS a b IDX
      LCS a b IDX MINMATCHLEN 4
      LCS a b IDX WITHMATCHLEN
      LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN
      LCS a b minmatchlen 4 idx withmatchlen
      LCS a b IDX LEN
      LCS a b LEN IDX
      LCS a b LEN LEN
      LCS a b WITHMATCHLEN
      LCS a b MINMATCHLEN 4
      LCS a b IDX MINMATCHLEN -1
      LCS a b IDX MINMATCHLEN x
      LCS a b IDX MINMATCHLEN
      LCS a b IDX MINMATCHLEN 9223372036854775808
      LCS a b foo
      LCS a none
      LCS none a
      LCS none none
      LCS none none LEN
      LCS none none IDX
      LCS a none IDX
      LCS a a IDX WITHMATCHLEN
      MSET c "" d 12345 e 234
      LCS c a
      LCS c a IDX
      LCS d e
      LCS d e IDX WITHMATCHLEN
      RPUSH list x
      LCS list a
      LCS a list
      LCS list list LEN IDX
      MSET f abcabcabc g bcabca
      LCS f g
      LCS f g IDX WITHMATCHLEN
      LCS g f IDX WITHMATCHLEN
      LCS f g IDX MINMATCHLEN 0 MINMATCHLEN 3
    `,
  },
  {
    name: 'values that have expired',
    commands: `
      SET k v PX 1
      SET n 5 PX 1
      ~ 10
      GET k
      INCR n
      TTL n
      SET k v PX 1
      ~ 10
      SET k w XX
      SET k v PX 1
      ~ 10
      SET k w NX
      SET k v PX 1
      ~ 10
      SET k w GET
      SET k v PX 1
      ~ 10
      SET k w KEEPTTL
      TTL k
      SET k v PX 1
      ~ 10
      APPEND k x
      SET k v PX 1
      ~ 10
      SETRANGE k 2 x
      SET k v PX 1
      ~ 10
      GETSET k x
      SET k v PX 1
      ~ 10
      GETDEL k
      SET k v PX 1
      ~ 10
      GETEX k PERSIST
      SET k v PX 1
      ~ 10
      MSETNX k a l b
      MGET k l
      SET k v PX 1
      ~ 10
      STRLEN k
      LCS k l
      SETNX k q
    `,
  },
  {
    name: 'big values come back as they are',
    commands: [
      ['SET', 'k', Buffer.alloc(1 << 20, 'ab\r\n\0')],
      ['GET', 'k'],
      ['STRLEN', 'k'],
      ['GETRANGE', 'k', 1000000, 1000100],
      ['APPEND', 'k', Buffer.alloc(300_000, 'x')],
      ['SETRANGE', 'k', 2_000_000, 'end'],
      ['GETRANGE', 'k', 1999990, -1],
      ['SET', Buffer.alloc(70_000, 'k'), 'v'],
      ['GET', Buffer.alloc(70_000, 'k')],
      ['GET', Buffer.alloc(70_001, 'k')],
      [
        'MSET',
        'a',
        Buffer.alloc(65_536, 'a'),
        'b',
        Buffer.alloc(65_535, 'b'),
        'c',
        Buffer.alloc(65_537),
      ],
      ['MGET', 'a', 'b', 'c'],
    ],
  },
]
