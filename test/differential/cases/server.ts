/** Scripts for CONFIG, COMMAND, MEMORY, SLOWLOG, LATENCY, DEBUG and the flushes. */
import type { Case } from '../script.ts'
import { INTEGERS, ONE_OF_EACH, each, words } from '../values.ts'

/** Directives a client may set, with good and bad values; each is set back to its default. */
const DIRECTIVES: Record<string, readonly string[]> = {
  maxmemory: ['100mb', '1gb', '1k', '1kb', '1G', '-1', 'x', '1.5gb', '""', '100 mb', '0'],
  'maxmemory-policy': ['allkeys-lru', 'ALLKEYS-LFU', 'foo', '""', 'noeviction'],
  'maxmemory-samples': ['10', '0', '-1', 'x', '5'],
  'hash-max-listpack-entries': ['10', '-1', 'x', '128'],
  'hash-max-ziplist-entries': ['10', '128'],
  'list-max-listpack-size': ['-1', '-6', '10', '0', 'x', '-2'],
  'slowlog-log-slower-than': ['0', '-1', '-2', 'x', '10000'],
  'slowlog-max-len': ['0', '-1', '128'],
  timeout: ['10', '-1', 'x', '0'],
  'notify-keyspace-events': ['KEA', 'Elg', 'AKE', 'x', '""', 'gxE', 'mK', 'nKE', '""'],
  'lazyfree-lazy-user-del': ['yes', 'no', 'foo', 'YES', '1', 'no'],
  'proto-max-bulk-len': ['1mb', '1', 'x', '512mb'],
  'tcp-keepalive': ['60', '-1', '300'],
  'latency-monitor-threshold': ['100', '-1', '0'],
  'lfu-log-factor': ['5', '-1', '10'],
  'lfu-decay-time': ['5', '-1', '1'],
  'set-max-intset-entries': ['10', '-1', '512'],
  'zset-max-listpack-value': ['10', '18446744073709551615', '-1', '64'],
  hz: ['20', '0', '501', '-1', 'x', '10'],
  'client-output-buffer-limit': [
    '"normal 1 2 3"',
    '"pubsub 32mb 8mb 60"',
    'normal',
    '"foo 1 2 3"',
    '"normal x 2 3"',
    '"normal 0 0 0"',
  ],
  save: ['"900 1"', '"900 1 300 10"', 'x', '"900"', '"-1 1"', '""'],
  appendfsync: ['no', 'always', 'foo', 'everysec'],
  databases: ['32'],
  'appendonly-file': ['x'],
}

const READ = words(`
  maxmemory maxmemory-policy maxmemory-samples hash-max-listpack-entries
  hash-max-ziplist-entries hash-max-listpack-value list-max-listpack-size
  list-max-ziplist-size list-compress-depth set-max-intset-entries
  zset-max-listpack-entries zset-max-listpack-value hll-sparse-max-bytes
  stream-node-max-bytes stream-node-max-entries slowlog-log-slower-than slowlog-max-len
  timeout databases appendonly appendfsync lfu-log-factor lfu-decay-time proto-max-bulk-len
  maxclients hz tcp-keepalive requirepass notify-keyspace-events client-output-buffer-limit
  lua-time-limit rdbcompression rdbchecksum dbfilename appendfilename lazyfree-lazy-expire
  activedefrag tracking-table-max-keys latency-monitor-threshold acllog-max-len masterauth
`)

export const cases: readonly Case[] = [
  ...Object.entries(DIRECTIVES).map(([name, values]): Case => {
    const line = `CONFIG SET ${name} %\nCONFIG GET ${name}`
    return { name: `CONFIG SET ${name}`, commands: each(line, values) }
  }),
  {
    name: 'CONFIG GET of well-known directives',
    commands: each('CONFIG GET %', READ),
  },
  {
    name: 'CONFIG with bad arguments',
    commands: `
      CONFIG
      CONFIG FOO
      CONFIG FOO bar
      CONFIG GET
      CONFIG GET nosuch
      CONFIG GET ""
      CONFIG GET MAXMEMORY
      CONFIG GET maxmemor[y]
      CONFIG GET maxmemory maxmemory
      CONFIG GET maxmemory maxmemory-policy nosuch
      CONFIG GET slowlog*
      CONFIG GET *zset-max-*-entries
      CONFIG SET
      CONFIG SET maxmemory
      CONFIG SET nosuch 1
      CONFIG SET maxmemory 1 nosuch
      CONFIG SET maxmemory 1 nosuch 2
      CONFIG SET maxmemory 1 maxmemory 2
      CONFIG SET maxmemory 100mb maxmemory-policy foo
      CONFIG GET maxmemory
      CONFIG SET MAXMEMORY 0
      config set maxmemory-samples 7 slowlog-max-len 9
      CONFIG GET maxmemory-samples slowlog-max-len
      config set maxmemory-samples 5 slowlog-max-len 128
      CONFIG RESETSTAT x
      CONFIG RESETSTAT
      CONFIG REWRITE x
      CONFIG REWRITE
      CONFIG HELP
      CONFIG HELP x
    `,
  },
  {
    name: 'thresholds of encodings can be configured',
    commands: `
      CONFIG SET hash-max-listpack-entries 2 hash-max-listpack-value 4
      HSET h a 1 b 2
      OBJECT ENCODING h
      HSET h c 3
      OBJECT ENCODING h
      HSET h2 a 1234
      OBJECT ENCODING h2
      HSET h2 a 12345
      OBJECT ENCODING h2
      CONFIG SET hash-max-listpack-entries 128 hash-max-listpack-value 64
      CONFIG SET set-max-intset-entries 2
      SADD s 1 2
      OBJECT ENCODING s
      SADD s 3
      CONFIG SET set-max-intset-entries 512
      CONFIG SET zset-max-listpack-entries 2
      ZADD z 1 a 2 b
      OBJECT ENCODING z
      ZADD z 3 c
      OBJECT ENCODING z
      CONFIG SET zset-max-listpack-entries 128
    `,
  },
  {
    name: 'COMMAND with arguments that are alike in all versions',
    commands: `
      COMMAND FOO
      COMMAND COUNT x
      COMMAND INFO nosuch
      COMMAND INFO nosuch nosuch2
      COMMAND INFO ""
      COMMAND DOCS nosuch
      COMMAND GETKEYS
      COMMAND GETKEYS nosuch
      COMMAND GETKEYS GET
      COMMAND GETKEYS GET a b
      COMMAND GETKEYS GET a
      COMMAND GETKEYS MSET a 1 b 2
      COMMAND GETKEYS PING
      COMMAND GETKEYS SET k v EX 10
      COMMAND GETKEYS DEL a b c
      COMMAND GETKEYS BITOP AND d a b
      COMMAND GETKEYS OBJECT ENCODING k
      COMMAND GETKEYS CONFIG GET x
      COMMAND GETKEYS ZUNIONSTORE d 2 a b
      COMMAND GETKEYS ZUNIONSTORE d 3 a b
      COMMAND GETKEYS SORT k BY p* STORE d
      COMMAND GETKEYS XREAD STREAMS a b 0 0
      COMMAND GETKEYS XREADGROUP GROUP g c COUNT 1 STREAMS a b > >
      COMMAND GETKEYS LMPOP 2 a b LEFT
      COMMAND GETKEYS SINTERCARD 2 a b
      COMMAND GETKEYS GEORADIUS k 1 1 1 m STORE d
      COMMAND GETKEYS COPY a b
      COMMAND GETKEYSANDFLAGS
      COMMAND GETKEYSANDFLAGS GET a
      COMMAND GETKEYSANDFLAGS SET a b
      COMMAND GETKEYSANDFLAGS SET a b GET
      COMMAND GETKEYSANDFLAGS MSET a 1 b 2
      COMMAND GETKEYSANDFLAGS COPY a b
      COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0
      COMMAND GETKEYSANDFLAGS BITFIELD k SET u8 0 1
      COMMAND LIST FILTERBY
      COMMAND LIST FILTERBY FOO bar
      COMMAND LIST FILTERBY MODULE nosuch
      COMMAND LIST FILTERBY ACLCAT nosuch
      COMMAND LIST FILTERBY PATTERN get*
      COMMAND LIST FILTERBY PATTERN ?set
      COMMAND LIST FILTERBY ACLCAT transaction
      COMMAND LIST FILTERBY ACLCAT bitmap
      COMMAND LIST x
    `,
  },
  {
    name: 'COMMAND INFO of one command a family',
    commands: each(
      'COMMAND INFO %',
      words(`
  get SET del mset ping multi exec watch zadd xadd blpop subscribe publish bitop
  bitfield copy expire keys scan flushall dbsize select auth hello quit reset echo incr
  strlen getex lcs rename randomkey touch unlink type ttl
`),
    ),
  },
  {
    name: 'MEMORY',
    commands: `${ONE_OF_EACH}
      MEMORY
      MEMORY FOO
      MEMORY USAGE
      MEMORY USAGE none
      ${each('MEMORY USAGE %', ['str', 'num', 'list', 'set', 'zset', 'hash', 'stream'])}
      MEMORY USAGE list SAMPLES 0
      MEMORY USAGE list SAMPLES 5
      MEMORY USAGE list SAMPLES -1
      MEMORY USAGE list SAMPLES x
      MEMORY USAGE list SAMPLES
      MEMORY USAGE list FOO 1
      MEMORY USAGE none SAMPLES x
      MEMORY DOCTOR x
      MEMORY PURGE
      MEMORY PURGE x
      MEMORY STATS x
      MEMORY HELP
      MEMORY HELP x
    `,
  },
  {
    name: 'SLOWLOG',
    commands: `
      SLOWLOG
      SLOWLOG FOO
      SLOWLOG RESET
      SLOWLOG LEN
      SLOWLOG GET
      SLOWLOG GET 10
      SLOWLOG GET -1
      SLOWLOG GET -2
      SLOWLOG GET 0
      SLOWLOG GET x
      SLOWLOG GET 1 2
      SLOWLOG LEN x
      SLOWLOG RESET x
      SLOWLOG HELP
      CONFIG SET slowlog-log-slower-than 0
      SET k v
      SLOWLOG LEN
      CONFIG SET slowlog-log-slower-than 10000
      SLOWLOG LEN
      SLOWLOG RESET
      SLOWLOG LEN
    `,
  },
  {
    name: 'LATENCY',
    commands: `
      LATENCY
      LATENCY FOO
      LATENCY RESET
      LATENCY RESET nosuch
      LATENCY LATEST
      LATENCY LATEST x
      LATENCY HISTORY
      LATENCY HISTORY nosuch
      LATENCY GRAPH nosuch
      LATENCY HISTOGRAM nosuch
      LATENCY HELP
      LATENCY DOCTOR x
    `,
  },
  {
    name: 'DEBUG',
    commands: `
      DEBUG
      DEBUG FOO
      DEBUG OBJECT none
      DEBUG OBJECT
      SET k v
      DEBUG OBJECT k
      DEBUG SLEEP
      DEBUG SET-ACTIVE-EXPIRE 1
      DEBUG SET-ACTIVE-EXPIRE
      ${each('DEBUG PROTOCOL %', ['string', 'integer', 'double', 'null', 'array', 'set', 'map', 'attrib', 'push', 'verbatim', 'true', 'false', 'bignum', 'foo', 'STRING'])}
      DEBUG ERROR "MYERR text"
      DEBUG ERROR ""
      DEBUG QUICKLIST-PACKED-THRESHOLD 100b
      DEBUG QUICKLIST-PACKED-THRESHOLD 0
      DEBUG QUICKLIST-PACKED-THRESHOLD abc
      DEBUG QUICKLIST-PACKED-THRESHOLD 5gb
      DEBUG QUICKLIST-PACKED-THRESHOLD 1 2
      DEBUG SDSLEN none
      DEBUG SDSLEN k
      SET k 12
      DEBUG SDSLEN k
      DEBUG LISTPACK none
      DEBUG LISTPACK k
      DEBUG QUICKLIST none
      DEBUG QUICKLIST k
      DEBUG HTSTATS
      DEBUG HTSTATS x
      DEBUG HTSTATS 16
      DEBUG HTSTATS-KEY none
      DEBUG HTSTATS-KEY k
      DEBUG STRUCTSIZE x
      DEBUG CLIENT-EVICTION
      DEBUG LOG text
      DEBUG LOG
      DEBUG LEAK text
      DEBUG PAUSE-CRON 1
      DEBUG PAUSE-CRON 0
      DEBUG REPLYBUFFER RESIZING 0
      DEBUG REPLYBUFFER FOO 0
      DEBUG REPLYBUFFER PEAK-RESET-TIME x
      DEBUG REPLYBUFFER PEAK-RESET-TIME RESET
      DEBUG SET-SKIP-CHECKSUM-VALIDATION 1
      RESTORE unchecked 0 "\\x00\\xc0\\x01\\n\\x00abcdefgh"
      GET unchecked
      DEBUG SET-SKIP-CHECKSUM-VALIDATION 0
      RESTORE unchecked 0 "\\x00\\xc0\\x01\\n\\x00abcdefgh" REPLACE
      DEBUG AOF-FLUSH-SLEEP 0
      DEBUG CHANGE-REPL-ID
      DEBUG CHANGE-REPL-ID x
      DEBUG SLEEP 0
      MULTI
      DEBUG SLEEP 0
      EXEC
      DEBUG OBJECT k x
      DEBUG RELOAD NOSUCH
      DEBUG DIGEST-VALUE none
      DEBUG DIGEST
      FLUSHALL
      DEBUG DIGEST
    `,
  },
  {
    name: 'DEBUG POPULATE',
    commands: `
      DEBUG POPULATE 10
      DBSIZE
      GET key:5
      DEBUG POPULATE 3 pre
      GET pre:2
      DEBUG POPULATE 2 big 20
      STRLEN big:1
      DEBUG POPULATE 2 tiny 3
      GET tiny:1
      DEBUG POPULATE x
      DEBUG POPULATE -1
    `,
  },
  {
    name: 'DBSIZE, TIME, LASTSAVE, LOLWUT, ROLE, INFO',
    commands: `
      TIME
      TIME x
      INFO
      INFO server
      INFO nosuch
      INFO server clients
      INFO ""
      DBSIZE
      SET a 1
      DBSIZE
      LOLWUT
      LOLWUT VERSION x
      SWAPDB 0 0
      SHUTDOWN FOO
      SHUTDOWN SAVE NOSAVE
      SHUTDOWN ABORT
      DEBUG
    `,
  },
  {
    name: 'numbers of every form as SLOWLOG count, DEBUG SLEEP excluded',
    commands: each(
      'SLOWLOG GET %',
      INTEGERS.filter((text) => text.startsWith('-') || text === 'x'),
    ),
  },
]
