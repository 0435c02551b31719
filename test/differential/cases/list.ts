/** Scripts for the list commands. */
import type { Case } from '../script.ts'
import { FLOATS, INDEXES, INTEGERS, ONE_OF_EACH, each, lines } from '../values.ts'

/** Every command on the key `%`, which may be of any type or missing. */
const ON_KEY = lines(`
  LPUSH % x
  RPUSH % x y
  LPUSHX % x
  RPUSHX % x y
  LLEN %
  LINDEX % 0
  LINDEX % x
  LRANGE % 0 -1
  LPOS % a
  LPOS % a COUNT 0
  LSET % 0 x
  LSET % x x
  LINSERT % BEFORE a x
  LINSERT % MIDDLE a x
  LREM % 0 a
  LTRIM % 0 10
  LPOP %
  RPOP %
  LPOP % 2
  RPOP % 0
  LPOP % x
  RPOPLPUSH % other
  LMOVE % other LEFT RIGHT
  LMPOP 1 % LEFT
  LMPOP 2 % list RIGHT COUNT 2
  BLPOP % 0.001
  BRPOP % 0.001
  BLMOVE % other LEFT LEFT 0.001
  BRPOPLPUSH % other 0.001
  BLMPOP 0.001 1 % LEFT
  RPOPLPUSH list %
  BLMOVE list % LEFT LEFT 0
`)

/** The keys as they were before the last command. */
const RENEW = `DEL list other stream${ONE_OF_EACH}`

const LONG = 'x'.repeat(9000)
const MANY = Array.from({ length: 3000 }, (_, i) => `element-${i % 1000}`)

export const cases: readonly Case[] = [
  {
    name: 'pushing, and elements of every kind',
    commands: [
      'RPUSH k a b c',
      'LPUSH k c b a',
      'RPUSHX k z',
      'LPUSHX k 0',
      'LPUSHX none 0',
      'RPUSHX none 0',
      'LRANGE k 0 -1',
      'LLEN k',
      `RPUSH e "" 0 -1 007 127 128 4095 4096 -4096 -4097 32767 -32768 32768 8388607 8388608 -8388609`,
      `RPUSH e 2147483647 2147483648 -2147483649 9223372036854775807 9223372036854775808 -9223372036854775808`,
      `RPUSH e 1.5 " 1" "a\\x00b" "\\xff\\xfe" "line\\r\\nbreak"`,
      ['RPUSH', 'e', 'x'.repeat(63), 'x'.repeat(64), 'y'.repeat(4095), 'y'.repeat(4096)],
      'LRANGE e 0 -1',
      'OBJECT ENCODING k',
      'TYPE e',
      'EXISTS none',
    ],
  },
  {
    name: 'wrong numbers of arguments and wrong options',
    commands: `
      LPUSH
      LPUSH k
      RPUSHX k
      LPOP
      LPOP k 1 2
      RPOP k 1 2
      LLEN
      LLEN a b
      LINDEX k
      LRANGE k 0
      LRANGE k 0 1 2
      LSET k 0
      LINSERT k BEFORE a
      LREM k 0
      LTRIM k 0
      LPOS k
      LPOS k a COUNT
      LPOS k a FOO 1
      LPOS k a COUNT 1 RANK
      LMOVE a b LEFT
      LMOVE a b LEFT UP
      LMOVE a b UP LEFT
      LMOVE a b left RIGHT
      RPOPLPUSH a
      RPOPLPUSH a b c
      LMPOP 1 k
      LMPOP 1 k UP
      LMPOP 2 k LEFT
      LMPOP 1 k LEFT COUNT
      LMPOP 1 k LEFT COUNT 1 COUNT 1
      LMPOP 1 k LEFT FOO 1
      LMPOP 0 k LEFT
      LMPOP 1 k LEFT COUNT 0
      BLPOP k
      BRPOP 0
      BLMOVE a b LEFT RIGHT
      BLMOVE a b LEFT UP 0
      BLMOVE a b LEFT UP x
      BRPOPLPUSH a b
      BLMPOP 0 1 k
      BLMPOP x 0 k LEFT
      BLMPOP x 1 k UP
      BLMPOP x 1 k LEFT COUNT 0
      BLMPOP x 1 k LEFT
    `,
  },
  {
    name: 'every command on every type',
    commands: ['str', 'num', 'list', 'set', 'zset', 'hash', 'stream'].flatMap((key) =>
      ON_KEY.map((line) => `${RENEW}\n${line.replaceAll('%', key)}`).flatMap(lines),
    ),
  },
  {
    name: 'every command on a missing key',
    commands: [
      ...lines(ONE_OF_EACH),
      ...ON_KEY.filter((line) => !line.startsWith('B')).map((line) => line.replaceAll('%', 'none')),
    ],
  },
  {
    name: 'indexes and ranges',
    commands: `
      RPUSH k a b c d e f
      ${each('LINDEX k %', INDEXES)}
      ${INDEXES.map((start) => each(`LRANGE k ${start} %`, INDEXES)).join('\n')}
      ${INDEXES.map((start) => each(`DEL t\nRPUSH t a b c d e f\nLTRIM t ${start} %\nLRANGE t 0 -1`, INDEXES)).join('\n')}
      ${each('LSET k % new', INDEXES)}
      LRANGE k 0 -1
    `,
  },
  {
    name: 'counts of pops and removals',
    commands: `
      ${each('DEL k\nRPUSH k a b a 1 a 01 1\nLPOP k %\nLRANGE k 0 -1', INTEGERS)}
      ${each('DEL k\nRPUSH k a b a 1 a 01 1\nRPOP k %\nLRANGE k 0 -1', INTEGERS)}
      ${each('DEL k\nRPUSH k a b a 1 a 01 1\nLREM k % a\nLRANGE k 0 -1', INTEGERS)}
      ${each('DEL k\nRPUSH k a b a 1 a 01 1\nLREM k % 1\nLRANGE k 0 -1', ['0', '1', '-1', '2'])}
      ${each('LMPOP % k LEFT', INTEGERS)}
      ${each('DEL k\nRPUSH k a b c\nLMPOP 1 k RIGHT COUNT %\nLRANGE k 0 -1', INTEGERS)}
      ${each('LPOP none %', INTEGERS)}
    `,
  },
  {
    name: 'LPOS with all its options',
    commands: `
      RPUSH k a b c 1 2 3 c c
      LPOS k c
      LPOS k 1
      LPOS k 01
      LPOS k none
      LPOS k none COUNT 1
      LPOS none c
      LPOS none c COUNT 1
      ${each('LPOS k c RANK %', INTEGERS)}
      ${each('LPOS k c COUNT %', INTEGERS)}
      ${each('LPOS k c MAXLEN %', INTEGERS)}
      ${each('LPOS k c COUNT 0 RANK %', ['1', '2', '3', '4', '-1', '-2', '-3', '-4'])}
      ${each('LPOS k c COUNT 2 RANK %', ['1', '2', '3', '4', '-1', '-2', '-3', '-4'])}
      ${each('LPOS k c MAXLEN % RANK -1 COUNT 0', ['0', '1', '2', '3', '6', '8', '100'])}
      ${each('LPOS k c MAXLEN % COUNT 0', ['0', '1', '2', '3', '6', '8', '100'])}
      ${each('LPOS k c COUNT 2 RANK %', ['-9223372036854775807', '-9223372036854775808'])}
      lpos k c rank 1 count 1 maxlen 3 rank 2 count 0 maxlen 0
    `,
  },
  {
    name: 'LINSERT',
    commands: `
      RPUSH k a b 3 b
      LINSERT k BEFORE a first
      LINSERT k after b "after the first b"
      LINSERT k BEFORE 3 two
      LINSERT k AFTER 03 two
      LINSERT k AFTER none two
      LINSERT none AFTER a b
      LRANGE k 0 -1
    `,
  },
  {
    name: 'moving between lists, and within one',
    commands: `
      RPUSH a 1 2 3 4 5
      LMOVE a b LEFT RIGHT
      LMOVE a b LEFT LEFT
      LMOVE a b RIGHT RIGHT
      LMOVE a b RIGHT LEFT
      LMOVE a b RIGHT LEFT
      EXISTS a
      LMOVE a b RIGHT LEFT
      LRANGE b 0 -1
      RPOPLPUSH b b
      LMOVE b b LEFT LEFT
      LMOVE b b LEFT RIGHT
      LMOVE b b RIGHT RIGHT
      LRANGE b 0 -1
      RPUSH one x
      RPOPLPUSH one one
      LMOVE one one LEFT RIGHT
      LRANGE one 0 -1
      SET str s
      RPOPLPUSH b str
      RPOPLPUSH str b
      LRANGE b 0 -1
      EXPIRE b 1000
      RPOPLPUSH b c
      TTL c
      TTL b
    `,
  },
  {
    name: 'LMPOP takes from the first list there is',
    commands: `
      RPUSH b 1 2 3 4 5
      RPUSH c x y z
      LMPOP 3 a b c LEFT
      LMPOP 3 a b c RIGHT COUNT 2
      LMPOP 3 a b c LEFT COUNT 10
      LMPOP 3 a b c left count 2
      LMPOP 3 a b c LEFT COUNT 9223372036854775807
      LMPOP 3 a b c LEFT
      SET s x
      LMPOP 2 s c LEFT
      RPUSH c x
      LMPOP 2 c s LEFT
      LMPOP 2 c s LEFT
    `,
  },
  {
    name: 'a long list',
    commands: [
      ['RPUSH', 'k', ...MANY],
      ['LPUSH', 'k', ...MANY],
      'OBJECT ENCODING k',
      'LLEN k',
      ...[0, 1, 700, 2999, 3000, 4500, 5998, 5999, 6000, -1, -2, -3000, -6000, -6001].map(
        (index) => `LINDEX k ${index}`,
      ),
      'LRANGE k 2990 3010',
      'LRANGE k -20 -10',
      'LPOS k element-999 COUNT 0',
      'LPOS k element-500 COUNT 2 RANK -2',
      'LSET k 3333 changed',
      'LINSERT k AFTER changed inserted',
      'LINSERT k BEFORE changed "inserted before"',
      'LRANGE k 3330 3340',
      'LREM k 2 element-1',
      'LREM k -2 element-998',
      'LREM k 0 element-500',
      'LLEN k',
      'LTRIM k 10 -10',
      'LPOP k 100',
      'RPOP k 100',
      'LRANGE k 0 20',
      'LRANGE k -20 -1',
      'COPY k copy',
      'LTRIM k 100 200',
      'LRANGE k 0 -1',
      'LTRIM k 10 20',
      'RPOP k',
      'RENAME copy k2',
      'LRANGE k2 -5 -1',
      'DEL k2',
    ],
  },
  {
    name: 'elements larger than a node',
    commands: [
      ['RPUSH', 'k', 'a', LONG, 'b', 'c', LONG, LONG, 'd'],
      'LRANGE k 0 -1',
      'LINDEX k 1',
      ['LPOS', 'k', LONG, 'COUNT', '0'],
      ['LINSERT', 'k', 'BEFORE', 'c', `${LONG}2`],
      ['LINSERT', 'k', 'AFTER', LONG, 'small'],
      ['LSET', 'k', '0', `${LONG}0`],
      'LSET k 1 x',
      ['LREM', 'k', '0', LONG],
      'LRANGE k 0 -1',
      'RPOPLPUSH k other',
      'LMOVE k other LEFT LEFT',
      'LMOVE other other LEFT RIGHT',
      'LPOP k',
      'RPOP k 2',
      'LRANGE k 0 -1',
      'LRANGE other 0 -1',
    ],
  },
  {
    name: 'list-max-listpack-size decides where nodes end',
    commands: [
      'CONFIG SET list-max-listpack-size 3',
      'RPUSH k 1 2 3 4 5 6 7 8 9',
      'LINSERT k BEFORE 5 x',
      'LINSERT k AFTER 5 y',
      'LINSERT k AFTER 6 z',
      'LREM k 1 3',
      'LSET k 4 new',
      'LRANGE k 0 -1',
      'LPOP k 5',
      'LTRIM k 1 2',
      'LRANGE k 0 -1',
      'CONFIG SET list-max-listpack-size -1',
      ['RPUSH', 'k', 'x'.repeat(4000), 'y'.repeat(5000), 'z'],
      'LRANGE k 0 -1',
      'CONFIG SET list-max-listpack-size -2',
      'RPUSH k end',
      'LRANGE k 0 -1',
    ],
  },
  {
    name: 'time-outs',
    commands: [
      ...FLOATS.filter(
        (text) => text !== '0x1p3' && !(Number(text) >= 0 && Number(text) < 1e17),
      ).map((text) => `BLPOP none ${text}`),
      'BLPOP none 0.2',
      '~ a',
      'BRPOPLPUSH none other 0.2',
      '~ a',
      'BLMOVE none other LEFT RIGHT 2e-1',
      '~ a',
      'BLMPOP 0.2 2 none other LEFT',
      '~ a',
      'BRPOP a b c 0x1p-3',
      '~ a',
    ],
  },
  {
    name: 'a blocked client is served by a push',
    commands: `
      b> BLPOP k 0
      RPUSH k 1 2 3
      LRANGE k 0 -1
      b> BRPOP k 0
      LRANGE k 0 -1
      b> BRPOP none k2 k3 0
      LPUSH k3 x
      EXISTS k3
      b> BLMPOP 0 2 k4 k5 RIGHT COUNT 2
      RPUSH k5 a b c
      LRANGE k5 0 -1
      b> BLMOVE from to LEFT RIGHT 0
      RPUSH from a b
      LRANGE to 0 -1
      b> BRPOPLPUSH from2 to 0
      RPUSH from2 z
      LRANGE to 0 -1
      b> BLMOVE same same LEFT RIGHT 0
      RPUSH same 1
      LRANGE same 0 -1
    `,
  },
  {
    name: 'clients are served in order of arrival',
    commands: `
      b> BLPOP k 0
      c> BRPOP k2 k 0
      d> BLMPOP 0 1 k LEFT COUNT 5
      e> BLPOP k 0
      RPUSH k 1
      RPUSH k 2
      RPUSH k 3 4
      RPUSH k2 x
      RPUSH k 5 6 7
      LRANGE k 0 -1
      b> BLPOP k3 k4 0
      c> BLPOP k4 k3 0
      MULTI
      RPUSH k4 first
      RPUSH k3 second
      EXEC
      KEYS *
    `,
  },
  {
    name: 'a served client serves another',
    commands: `
      b> BLMOVE k1 k2 LEFT RIGHT 0
      c> BLMOVE k2 k3 LEFT RIGHT 0
      d> BLPOP k3 0
      LPUSH k1 x
      KEYS *
      b> BLMOVE k k2 LEFT LEFT 0
      SET k2 str
      LPUSH k x
      LRANGE k 0 -1
      b> BRPOPLPUSH k9 k9 0
      c> BLPOP k9 0
      RPUSH k9 y
      LRANGE k9 0 -1
    `,
  },
  {
    name: 'keys that are ready in other ways',
    commands: `
      RPUSH source a b c
      b> BLPOP k 0
      COPY source k
      b> BLPOP k2 0
      RENAME source k2
      b> BLPOP k3 0
      RPUSH other 1
      LMOVE other k3 LEFT RIGHT
      b> BLPOP k4 0
      SET k4 x
      DEL k4
      SADD k4 x
      DEL k4
      RPUSH k4 y
      b> BLPOP k5 0
      SET str x
      RENAME str k5
      DEL k5
      SELECT 1
      RPUSH k5 z
      SWAPDB 0 1
      SELECT 0
      b> BLPOP k6 0
      SELECT 1
      RPUSH k6 z
      MOVE k6 0
      KEYS *
    `,
  },
  {
    name: 'blocking commands in a transaction do not block',
    commands: `
      MULTI
      BLPOP none 0
      BRPOP none 0
      BLMOVE none other LEFT RIGHT 0
      BRPOPLPUSH none other 0
      BLMPOP 0 1 none LEFT
      RPUSH k a
      BLPOP k 0
      EXEC
      b> BLPOP k 0
      MULTI
      RPUSH k 1
      LPOP k
      EXEC
      MULTI
      RPUSH k 1
      DEL k
      SET k x
      EXEC
      DEL k
      MULTI
      LPUSH k 1
      LPUSH k 2
      EXEC
      LRANGE k 0 -1
    `,
  },
  {
    name: 'what a blocked client sends waits',
    commands: [
      { raw: 'BLPOP k 0\r\nPING\r\nBLPOP k 0\r\nECHO last\r\n', on: 'b' },
      'RPUSH k 1',
      'RPUSH k 2 3',
      'LRANGE k 0 -1',
      { raw: 'BLPOP k k 0\r\nBLPOP k2 0.01\r\nPING\r\n', on: 'b' },
      '~ 250',
      'LPUSH k2 x',
    ],
  },
  {
    name: 'CLIENT UNBLOCK',
    commands: `
      b> BLPOP k 0
      CLIENT UNBLOCK {id:b}
      CLIENT UNBLOCK {id:b}
      b> BLPOP k 0
      CLIENT UNBLOCK {id:b} TIMEOUT
      b> BLMOVE k other LEFT RIGHT 0
      CLIENT UNBLOCK {id:b} timeout
      b> BRPOPLPUSH k other 0
      CLIENT UNBLOCK {id:b} ERROR
      b> BLMPOP 0 1 k LEFT
      CLIENT UNBLOCK {id:b} error
      CLIENT UNBLOCK {id:b} FOO
      CLIENT UNBLOCK 999999
      CLIENT UNBLOCK x
      CLIENT UNBLOCK
      CLIENT UNBLOCK 1 TIMEOUT x
      b> PING
      RPUSH k a
      LRANGE k 0 -1
    `,
  },
  {
    name: 'a blocked client that is gone takes nothing',
    commands: `
      b> BLPOP k 0
      c> BLPOP k 0
      CLIENT KILL ID {id:b}
      RPUSH k 1 2
      LRANGE k 0 -1
    `,
  },
  {
    name: 'events and broken watches',
    commands: `
      CONFIG SET notify-keyspace-events EA
      e> PSUBSCRIBE __key*
      RPUSH k a b c
      LPUSH k x
      LSET k 0 y
      LINSERT k BEFORE a z
      LREM k 1 a
      LREM k 1 none
      LTRIM k 0 100
      LTRIM k 0 1
      LMOVE k k2 LEFT RIGHT
      RPOPLPUSH k k2
      LMPOP 2 k k2 LEFT COUNT 5
      RPUSH k 1 2 3
      LPOP k 2
      LPOP k 0
      RPOP k
      LTRIM none 0 1
      RPUSH k 1
      LTRIM k 5 6
      RPUSH k 1 1
      LREM k 0 1
      b> BLPOP k 0
      RPUSH k 1
      b> BLMOVE k k3 LEFT LEFT 0
      LPUSH k 1
      RPUSH k 1
      b> BLPOP k 0
      b> BLPOP none 0.001
      ~ b
      CONFIG SET notify-keyspace-events ""
      RPUSH w a b
      WATCH w
      c> LPOP w
      MULTI
      PING
      EXEC
      WATCH w2
      b> BLPOP w2 0
      c> RPUSH w2 x
      MULTI
      PING
      EXEC
    `,
  },
]
