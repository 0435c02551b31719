/** Scripts for channels, patterns, shard channels and keyspace events. */
import type { Case } from '../script.ts'
import { ONE_OF_EACH, each } from '../values.ts'

export const cases: readonly Case[] = [
  {
    name: 'subscribing, publishing and leaving',
    commands: `
      b> SUBSCRIBE news sport
      b> SUBSCRIBE news
      PUBLISH news hello
      PUBLISH sport ""
      PUBLISH none x
      PUBLISH NEWS x
      PUBLISH "" x
      c> SUBSCRIBE ""
      PUBLISH "" x
      PUBLISH news "\\x00\\r\\n\\xff"
      b> UNSUBSCRIBE sport
      PUBLISH sport x
      b> UNSUBSCRIBE none
      b> UNSUBSCRIBE news
      PUBLISH news x
      b> UNSUBSCRIBE
      b> UNSUBSCRIBE a b
      b> GET k
      b> PING
    `,
  },
  {
    name: 'patterns',
    commands: `
      b> PSUBSCRIBE n?ws h[ae]llo
      b> PSUBSCRIBE n?ws
      d> PSUBSCRIBE *
      PUBLISH news x
      PUBLISH hallo x
      PUBLISH other x
      b> SUBSCRIBE news
      PUBLISH news both
      d> PUNSUBSCRIBE *
      PUBLISH other x
      b> PUNSUBSCRIBE n?ws h[ae]llo
      b> PUNSUBSCRIBE
      b> UNSUBSCRIBE news
      b> PUNSUBSCRIBE x
      PUBLISH news x
      c> PSUBSCRIBE "" "\\\\*"
      PUBLISH "" x
      PUBLISH * x
    `,
  },
  {
    name: 'shard channels',
    commands: `
      b> SSUBSCRIBE a b
      b> SSUBSCRIBE a
      b> SUBSCRIBE a
      SPUBLISH a x
      PUBLISH a y
      SPUBLISH none x
      PUBSUB SHARDCHANNELS
      PUBSUB SHARDCHANNELS a*
      PUBSUB SHARDNUMSUB a b c
      PUBSUB SHARDNUMSUB
      PUBSUB CHANNELS
      b> SUNSUBSCRIBE none
      b> SUNSUBSCRIBE a
      SPUBLISH a x
      b> SUNSUBSCRIBE
      b> SUNSUBSCRIBE
      b> UNSUBSCRIBE
      b> GET k
    `,
  },
  {
    name: 'PUBSUB',
    commands: `
      PUBSUB
      PUBSUB FOO
      PUBSUB CHANNELS
      PUBSUB CHANNELS a b
      PUBSUB NUMSUB
      PUBSUB NUMSUB a b
      PUBSUB NUMPAT
      PUBSUB NUMPAT x
      b> SUBSCRIBE a b ab
      c> SUBSCRIBE a
      c> PSUBSCRIBE x* y*
      d> PSUBSCRIBE x*
      PUBSUB CHANNELS
      PUBSUB CHANNELS a*
      PUBSUB CHANNELS [b]
      PUBSUB CHANNELS none
      PUBSUB NUMSUB a b ab none a
      PUBSUB NUMPAT
      c> PUNSUBSCRIBE x*
      PUBSUB NUMPAT
      b> QUIT
      PUBSUB CHANNELS
      CLIENT KILL TYPE pubsub
      PUBSUB CHANNELS
      PUBSUB NUMPAT
    `,
  },
  {
    name: 'wrong numbers of arguments',
    commands: `
      SUBSCRIBE
      PSUBSCRIBE
      SSUBSCRIBE
      PUBLISH
      PUBLISH a
      PUBLISH a b c
      SPUBLISH a
      PUBSUB NUMPAT a
    `,
  },
  {
    name: 'a subscriber hears itself in RESP3 only',
    commands: `
      SUBSCRIBE a
      PUBLISH a x
      PSUBSCRIBE *
      PUBLISH a y
      GET k
      SET k v
      MULTI
      EXEC
    `,
  },
  {
    name: 'publishing in a transaction, and subscribing there',
    commands: `
      b> SUBSCRIBE a
      MULTI
      PUBLISH a 1
      SET k v
      PUBLISH a 2
      EXEC
      c> MULTI
      c> SUBSCRIBE x
      c> PSUBSCRIBE y*
      c> SSUBSCRIBE s
      c> UNSUBSCRIBE x
      c> PUNSUBSCRIBE y*
      c> EXEC
      c> PING
    `,
  },
  {
    name: 'many messages keep their order',
    commands: `
      b> SUBSCRIBE a b
      c> PSUBSCRIBE *
      ${each(
        'PUBLISH a %\nPUBLISH b %',
        Array.from({ length: 20 }, (_, i) => i),
      )}
    `,
  },
  {
    name: 'flags of notify-keyspace-events',
    commands: [
      'b> PSUBSCRIBE __key*',
      ...['KEA', 'K$', 'Eg', 'Kx', 'Ex', 'E', 'A', 'KE', 'Kl', 'Kn', 'En$', 'Km', 'Ks', ''].flatMap(
        (flags) => [
          ['CONFIG', 'SET', 'notify-keyspace-events', flags],
          'CONFIG GET notify-keyspace-events',
          'SET k v',
          'GET none',
          'RPUSH l x',
          'SADD s x',
          'DEL k l s',
          'SET k v PXAT 1',
          'GET k',
        ],
      ),
    ],
  },
  {
    name: 'events of strings and keys',
    commands: `
      CONFIG SET notify-keyspace-events KEA
      b> PSUBSCRIBE __key*
      ${ONE_OF_EACH}
      SET k v
      SET k v EX 100
      SET k v GET
      SET k v NX
      SETNX k v
      SETEX k 100 v
      PSETEX k 100000 v
      GETSET k w
      GETEX k
      GETEX k EX 100
      GETEX k PERSIST
      GETEX k PERSIST
      GETEX k PXAT 1
      SET k 1
      GETDEL k
      GETDEL k
      MSET k 1 l 2
      MSETNX k 1 m 2
      MSETNX n 1 m 2
      INCR k
      DECRBY k 5
      INCRBYFLOAT k 1.5
      APPEND k x
      SETRANGE k 1 x
      SETRANGE k 1 ""
      SETBIT k 1 1
      BITOP NOT d k
      BITOP NOT d none
      BITOP AND d none none
      BITFIELD k SET u8 0 1
      BITFIELD k GET u8 0
      EXPIRE k 100
      EXPIRE k 100 NX
      PEXPIRE k 100000
      EXPIREAT k 33177117420
      EXPIRE k -1
      SET k v EX 100
      PERSIST k
      PERSIST k
      RENAME k o
      RENAME o o
      RENAMENX o list
      RENAME o str
      COPY str c
      COPY str c
      COPY str c REPLACE
      MOVE c 1
      MOVE c 1
      DEL str none
      UNLINK list none
      DEL none
      SELECT 1
      SET x y
      DEL c x
      SELECT 0
      TOUCH set
      FLUSHDB
      FLUSHALL
      SWAPDB 0 1
      CONFIG SET notify-keyspace-events ""
      SET k v
    `,
  },
  {
    name: 'events of keys that expire',
    commands: `
      CONFIG SET notify-keyspace-events KEA
      b> PSUBSCRIBE __key*
      DEBUG SET-ACTIVE-EXPIRE 0
      SET k v PX 1
      ~ 10
      GET k
      SET k v PXAT 1
      GET k
      SET k v PX 1
      ~ 10
      SET k w XX
      DEBUG SET-ACTIVE-EXPIRE 1
      CONFIG SET notify-keyspace-events ""
    `,
  },
]
