/** Scripts for MULTI, EXEC, DISCARD, WATCH and UNWATCH. */
import type { Case } from '../script.ts'
import { ONE_OF_EACH, each, lines } from '../values.ts'

/** What another client does to key k, and whether EXEC must fail then: redis-server decides. */
const TOUCHES = lines(`
  SET k new
  SET k old
  DEL k
  UNLINK k
  EXPIRE k 100
  PERSIST k
  APPEND k x
  APPEND k ""
  SETRANGE k 0 ""
  SETRANGE k 0 old
  GETDEL k
  GETEX k
  GETEX k EX 100
  GETEX k PERSIST
  GET k
  INCR k
  RENAME k k2
  RENAME other k
  RENAMENX other k
  COPY k k2
  COPY other k REPLACE
  MOVE k 1
  FLUSHDB
  FLUSHALL
  SWAPDB 0 1
  SWAPDB 2 3
  EXPIREAT k 1
  SETNX k v
  MSETNX k v
  SETBIT k 0 0
  GETSET k v
  TOUCH k
  SET k v XX
  SET k v NX
  SORT none STORE k
  BITOP NOT k other
  BITOP NOT k none
  DEL other
  RPUSH k x
  LPUSHX k x
  SPOP k
  SADD k x
  RESTORE k 0 x
`)

export const cases: readonly Case[] = [
  {
    name: 'MULTI, EXEC and DISCARD out of place',
    commands: `
      EXEC
      DISCARD
      MULTI
      MULTI
      EXEC
      MULTI
      DISCARD
      EXEC
      MULTI x
      EXEC x
      DISCARD x
      WATCH
      UNWATCH x
      UNWATCH
      UNWATCH
      MULTI
      UNWATCH
      EXEC
      multi
      exec
    `,
  },
  {
    name: 'a transaction gives all replies at once, errors among them',
    commands: `
      MULTI
      SET a 1
      INCR a
      GET a
      LPUSH a x
      RPUSH l 1 2 3
      LRANGE l 0 -1
      HGETALL none
      MGET a none
      PING
      PING hi
      ECHO x
      SELECT 1
      GET a
      SET a db1
      SELECT 0
      EXISTS a
      EXEC
      GET a
      MULTI
      EXEC
      MULTI
      SELECT 1
      EXEC
      GET a
    `,
  },
  {
    name: 'an error while queueing discards the transaction',
    commands: `
      MULTI
      SET a
      SET b 1
      EXEC
      EXISTS b
      MULTI
      NOSUCH x
      EXEC
      MULTI
      SET a 1
      WATCH a
      EXEC
      GET a
      MULTI
      SET a 2
      MULTI
      EXEC
      GET a
      MULTI
      SET a
      DISCARD
      EXEC
      MULTI
      CONFIG
      EXEC
      MULTI
      CONFIG FOO
      EXEC
      MULTI
      OBJECT FOO k
      EXEC
      MULTI
      EXEC a
      EXEC
      MULTI
      DISCARD a
      SET q 1
      EXEC
      MULTI
      QUIT x
      SET a 1
      EXEC
    `,
  },
  {
    name: 'an error while executing does not stop the others',
    commands: `${ONE_OF_EACH}
      MULTI
      INCR str
      INCR list
      SET k EX
      SET k v EX x
      EXPIRE k x
      GET set
      SELECT 99
      SWAPDB 0 99
      OBJECT ENCODING none
      SET done 1
      EXEC
      GET done
    `,
  },
  {
    name: 'commands that are not allowed in a transaction',
    commands: `
      MULTI
      SUBSCRIBE x
      DISCARD
      UNSUBSCRIBE
      MULTI
      MONITOR
      EXEC
      MULTI
      EXEC
      MULTI
      EXEC
      MULTI
      SHUTDOWN FOO
      EXEC
      MULTI
      RESET
      EXEC
      PING
    `,
    protocol: 2,
  },
  ...TOUCHES.flatMap((touch): Case[] => [
    {
      name: `WATCH of an existing key and ${touch} by another client`,
      commands: `
        SET k old
        SET other o
        WATCH k
        b> ${touch}
        MULTI
        SET done 1
        EXEC
        EXISTS done
      `,
    },
    {
      name: `WATCH of a missing key and ${touch} by another client`,
      commands: `
        SET other o
        WATCH k
        b> ${touch}
        MULTI
        SET done 1
        EXEC
        EXISTS done
      `,
    },
  ]),
  {
    name: 'WATCH sees own changes, and forgets with UNWATCH, EXEC and DISCARD',
    commands: `
      SET k 1
      WATCH k
      SET k 2
      MULTI
      SET k 3
      EXEC
      GET k
      WATCH k
      b> SET k 4
      UNWATCH
      MULTI
      PING
      EXEC
      WATCH k
      MULTI
      DISCARD
      b> SET k 5
      MULTI
      PING
      EXEC
      WATCH k
      MULTI
      EXEC
      b> SET k 6
      MULTI
      PING
      EXEC
      WATCH k
      b> SET k 7
      MULTI
      DISCARD
      MULTI
      PING
      EXEC
      WATCH k
      b> SET k 8
      RESET
      MULTI
      PING
      EXEC
    `,
    protocol: 2,
  },
  {
    name: 'WATCH of several keys, twice, and in two databases',
    commands: `
      MSET a 1 b 2 c 3
      WATCH a b a
      WATCH c c
      b> SET c 4
      MULTI
      PING
      EXEC
      WATCH a
      SELECT 1
      b> SET a 9
      MULTI
      PING
      EXEC
      WATCH a
      SELECT 0
      b> SET a 10
      MULTI
      PING
      EXEC
      WATCH a
      MULTI
      b> SET a 11
      GET a
      EXEC
      MULTI
      GET a
      b> SET a 12
      EXEC
      WATCH none
      b> SET none2 1
      MULTI
      PING
      EXEC
      WATCH none
      b> SET none 1
      b> DEL none
      MULTI
      PING
      EXEC
    `,
  },
  {
    // SET and WATCH arrive together, with much more time than the two take: the key is there when it is watched.
    name: 'WATCH and keys that expire',
    commands: [
      ...lines(`
        SET k v PX 1
        ~ 10
        WATCH k
        MULTI
        PING
        EXEC
      `),
      { raw: 'SET k v PX 200\r\nWATCH k\r\n' },
      ...lines(`
        ~ 210
        MULTI
        PING
        EXEC
      `),
      { raw: 'SET k v PX 200\r\nWATCH k\r\n' },
      ...lines(`
        ~ 210
        b> GET k
        MULTI
        PING
        EXEC
        SET k v
        WATCH k
        b> PEXPIRE k 1
        ~ 10
        MULTI
        PING
        EXEC
      `),
    ],
  },
  {
    name: 'EXEC inside a transaction that was aborted by WATCH does nothing',
    commands: `
      SET k 1
      WATCH k
      MULTI
      INCR k
      b> INCR k
      INCR k
      EXEC
      GET k
      EXEC
    `,
  },
  {
    name: 'blocking commands do not block in a transaction',
    commands: `
      MULTI
      BLPOP none 0
      BRPOP none 0
      BLMOVE none none2 LEFT RIGHT 0
      BRPOPLPUSH none none2 0
      BZPOPMIN none 0
      BLMPOP 0 1 none LEFT
      BZMPOP 0 1 none MIN
      XREAD BLOCK 0 STREAMS none $
      EXEC
    `,
  },
  {
    name: 'a transaction that writes serves a blocked client only after EXEC',
    commands: `
      b> BLPOP l 0
      MULTI
      RPUSH l 1
      RPUSH l 2
      LPOP l
      EXEC
      LRANGE l 0 -1
      b> BLPOP m 0
      MULTI
      RPUSH m 1
      DEL m
      EXEC
      RPUSH m 2
    `,
  },
  {
    name: 'lower case, empty and binary arguments survive queueing',
    commands: `
      MULTI
      set "" ""
      get ""
      set "a\\x00\\r\\n" "\\xff"
      get "a\\x00\\r\\n"
      ${each('append k %', ['a', '""', '"\\x00"', 'bc'])}
      get k
      exec
    `,
  },
  {
    name: 'a long transaction',
    commands: `
      MULTI
      ${each(
        'INCRBY n %',
        Array.from({ length: 300 }, (_, i) => i),
      )}
      EXEC
    `,
  },
]
