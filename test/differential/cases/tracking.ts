/** Scripts for CLIENT TRACKING, in both protocols: what one connection caches and others change. */
import type { Case } from '../script.ts'
import { lines } from '../values.ts'

const INFO = 'CLIENT TRACKINGINFO'

/** The same commands in each mode, read by connection t. */
const CHANGES = lines(`
  t> GET k
  t> MGET k other missing
  t> HGET h f
  SET k 2
  SET k 3
  t> GET k
  t> SET k 4
  t> GET k
  APPEND k x
  HSET h f 2
  HDEL h none
  t> HGETALL h
  HDEL h f
  SET missing 1
  t> EXISTS other
  DEL other
  t> GET k
  RENAME k k2
  t> GET k2
  EXPIRE k2 1000
  t> GET k2
  PERSIST k2
  t> TTL k2
  SELECT 1
  SET k2 x
  SELECT 0
  t> GET k2
  FLUSHDB
  t> GET k2
  FLUSHALL
  FLUSHALL
  t> INCR n
  t> INCR n
  t> MULTI
  t> GET n
  t> INCR n
  t> GET n
  t> SET n 10
  t> EXEC
  SET n 11
  t> LPUSH l 1
  t> LRANGE l 0 -1
  t> LPOP l
  t> SORT l
  t> SORT_RO l BY w_* GET x_*
  LPUSH l 2
  t> OBJECT ENCODING l
  LPUSH l 3
  t> SCAN 0
  t> ZUNION 2 z1 z2
  ZADD z2 1 a
  t> XREAD STREAMS x y 0 0
  XADD y 1-1 f v
  t> SINTERCARD 2 s1 s2
  SADD s1 a
  t> DBSIZE
  t> TYPE s1
  t> CLIENT TRACKINGINFO
  t> CLIENT GETREDIR
  SREM s1 a
  t> CLIENT TRACKING off
  DEL l
  SET n 12
  t> CLIENT TRACKINGINFO
  t> CLIENT GETREDIR
`)

const START = lines(`
  MSET k 1 other 1
  HSET h f 1
`)

const MODES = [
  ['by reads', ''],
  ['without its own changes', 'NOLOOP'],
  ['by reads that are announced', 'OPTIN'],
  ['but for reads that are announced', 'OPTOUT'],
  ['of all keys', 'BCAST'],
  ['of prefixes', 'BCAST PREFIX k PREFIX s'],
  ['of prefixes without its own changes', 'BCAST NOLOOP PREFIX k PREFIX n'],
]

export const cases: readonly Case[] = [
  ...MODES.map(([name, mode]) => ({
    name: `tracking ${name}`,
    commands: [...START, `t> CLIENT TRACKING ON ${mode}`, `t> ${INFO}`, ...CHANGES],
  })),
  ...MODES.map(([name, mode]) => ({
    name: `tracking ${name}, told to another connection`,
    commands: [
      ...START,
      'r> SUBSCRIBE __redis__:invalidate',
      `t> CLIENT TRACKING ON REDIRECT {id:r} ${mode}`,
      `t> ${INFO}`,
      ...CHANGES,
    ],
  })),
  {
    name: 'tracking told to a connection that does not listen, or to itself',
    commands: [
      ...START,
      'r> PING',
      't> CLIENT TRACKING ON REDIRECT {id:r}',
      't> GET k',
      'SET k 1',
      't> GET k',
      'r> SUBSCRIBE elsewhere',
      'SET k 2',
      't> CLIENT TRACKING ON REDIRECT {id:t}',
      't> GET k',
      'SET k 3',
      't> CLIENT TRACKING ON',
      't> GET k',
      'SET k 4',
    ],
  },
  {
    name: 'a redirection breaks when its end goes',
    commands: [
      ...START,
      'r> SUBSCRIBE __redis__:invalidate',
      't> CLIENT TRACKING ON REDIRECT {id:r}',
      't> GET k',
      't> GET other',
      'r> UNSUBSCRIBE',
      'r> QUIT',
      `t> ${INFO}`,
      'SET k 1',
      `t> ${INFO}`,
      'SET other 1',
      't> GET k',
      'FLUSHALL',
      't> SET own 1',
      't> CLIENT TRACKING ON REDIRECT {id:t}',
      `t> ${INFO}`,
    ],
  },
  {
    name: 'CLIENT CACHING is for one command or one transaction',
    commands: lines(`
      MSET a 1 b 1 c 1 d 1
      t> CLIENT CACHING YES
      t> CLIENT TRACKING ON OPTIN
      t> CLIENT CACHING NO
      t> CLIENT CACHING maybe
      t> CLIENT CACHING
      t> GET a
      SET a 2
      t> CLIENT CACHING YES
      t> CLIENT TRACKINGINFO
      t> CLIENT GETNAME
      t> GET a
      t> CLIENT TRACKINGINFO
      t> GET b
      MSET a 3 b 3
      t> CLIENT CACHING YES
      t> PING
      t> GET a
      SET a 4
      t> CLIENT CACHING YES
      t> NOSUCHCOMMAND
      t> GET a
      SET a 4
      t> CLIENT CACHING YES
      t> GET
      t> GET a
      SET a 4
      t> CLIENT CACHING YES
      t> MULTI
      t> GET a
      t> SET x 1
      t> GET b
      t> EXEC
      t> GET c
      MSET a 5 b 5 c 5
      t> MULTI
      t> GET a
      t> CLIENT CACHING YES
      t> GET b
      t> GET d
      t> EXEC
      t> GET c
      MSET a 5 b 5 c 5 d 5
      t> CLIENT TRACKING OFF
      t> CLIENT TRACKING ON OPTOUT
      t> CLIENT CACHING YES
      t> CLIENT CACHING NO
      t> CLIENT TRACKINGINFO
      t> GET a
      t> GET b
      MSET a 6 b 6
      t> CLIENT TRACKING OFF
      t> CLIENT CACHING NO
    `),
  },
  {
    name: 'CLIENT TRACKING refuses',
    commands: lines(`
      CLIENT TRACKING
      CLIENT TRACKING maybe
      CLIENT TRACKING ON FOO
      CLIENT TRACKING OFF FOO
      CLIENT TRACKING ON REDIRECT
      CLIENT TRACKING ON REDIRECT x
      CLIENT TRACKING ON REDIRECT 99999999
      CLIENT TRACKING ON REDIRECT 0
      CLIENT TRACKING ON REDIRECT -1
      CLIENT TRACKING ON REDIRECT {id:a} REDIRECT {id:a}
      CLIENT TRACKING ON REDIRECT {id:a} REDIRECT x
      CLIENT TRACKING ON PREFIX
      CLIENT TRACKING ON PREFIX a
      CLIENT TRACKING OFF PREFIX a
      CLIENT TRACKING maybe PREFIX a
      CLIENT TRACKING ON OPTIN OPTOUT
      CLIENT TRACKING ON BCAST OPTIN
      CLIENT TRACKING ON BCAST OPTOUT OPTIN
      CLIENT TRACKING ON BCAST PREFIX a PREFIX ab
      CLIENT TRACKING ON BCAST PREFIX ab PREFIX b PREFIX a
      CLIENT TRACKING ON BCAST PREFIX a PREFIX a
      CLIENT TRACKING ON BCAST PREFIX "" PREFIX a
      CLIENT TRACKINGINFO
      CLIENT TRACKING ON BCAST PREFIX foo PREFIX bar
      CLIENT TRACKING ON BCAST PREFIX foobar
      CLIENT TRACKING ON BCAST PREFIX f
      CLIENT TRACKING ON BCAST PREFIX foo
      CLIENT TRACKING ON BCAST PREFIX "" PREFIX zoo
      CLIENT TRACKINGINFO
      CLIENT TRACKING ON BCAST PREFIX zap NOLOOP
      CLIENT TRACKINGINFO
      CLIENT TRACKING ON BCAST
      CLIENT TRACKINGINFO
      CLIENT TRACKING ON BCAST OPTIN
      CLIENT TRACKING ON
      CLIENT TRACKING ON OPTIN
      CLIENT TRACKING OFF
      CLIENT TRACKINGINFO
      CLIENT TRACKING ON OPTIN
      CLIENT TRACKING ON OPTOUT
      CLIENT TRACKING ON BCAST
      CLIENT TRACKING ON NOLOOP
      CLIENT TRACKINGINFO
      CLIENT TRACKING ON OPTOUT
      CLIENT TRACKING ON OPTIN
      CLIENT TRACKINGINFO FOO
      CLIENT GETREDIR FOO
      CLIENT TRACKING OFF
      CLIENT TRACKING OFF
      CLIENT TRACKING ON PREFIX redirect BCAST PREFIX prefix
      CLIENT TRACKINGINFO
      RESET
      CLIENT TRACKINGINFO
    `),
  },
  {
    name: 'prefixes hear once a batch, in order',
    commands: [
      't> CLIENT TRACKING ON BCAST PREFIX a PREFIX b',
      'u> CLIENT TRACKING ON BCAST PREFIX ab',
      'v> CLIENT TRACKING ON BCAST',
      {
        raw: 'SET b 1\r\nSET abc 1\r\nSET a 1\r\nSET b 2\r\nSET ab 1\r\nSET c 1\r\nINCR a\r\nGET a\r\n',
      },
      'MSET z 1 b 1 a 1',
      { raw: 'SET a 1\r\nGET a\r\nSET abd 2\r\n', on: 't' },
      't> CLIENT TRACKING ON BCAST NOLOOP PREFIX z',
      { raw: 'SET a 1\r\nSET z 1\r\nSET b 2\r\n', on: 't' },
      'SET z 1',
      { raw: 'MULTI\r\nSET a 1\r\nDEL a\r\nSET a 3\r\nEXEC\r\n' },
      'u> QUIT',
      'SET abe 1',
      'FLUSHALL',
    ],
  },
  {
    name: 'what expires is invalid',
    commands: lines(`
      # Time enough for all who read the key to have read it before it expires.
      PSETEX k 1000 v
      b> CLIENT TRACKING ON BCAST
      n> CLIENT TRACKING ON BCAST NOLOOP
      t> CLIENT TRACKING ON
      t> GET k
      u> CLIENT TRACKING ON NOLOOP
      u> GET k
      ~ t
      EXISTS k
    `),
    protocol: 3,
  },
  {
    name: 'a message that a session causes itself comes after its reply',
    commands: [
      't> CLIENT TRACKING ON',
      {
        raw: 'GET k\r\nSET k 1\r\nGET k\r\nINCR k\r\nGET k\r\nMULTI\r\nINCR k\r\nGET k\r\nDEL k\r\nEXEC\r\nPING\r\n',
        on: 't',
      },
      { raw: 'GET k\r\nFLUSHALL\r\nPING\r\nMULTI\r\nFLUSHALL\r\nPING\r\nEXEC\r\n', on: 't' },
      't> CLIENT TRACKING ON REDIRECT {id:t}',
      't> SUBSCRIBE x',
      { raw: 'GET k\r\nSET k 1\r\nPING\r\n', on: 't' },
    ],
  },
  {
    name: 'many sessions read a key',
    commands: [
      'SET k 1',
      ...'cdefghijklmnop'
        .split('')
        .flatMap((name) => [`${name}> CLIENT TRACKING ON`, `${name}> GET k`, `${name}> GET k`]),
      'SET k 2',
      'd> GET k',
      'f> GET k',
      'd> QUIT',
      'f> CLIENT TRACKING OFF',
      'g> GET k',
      'f> CLIENT TRACKING ON',
      'SET k 3',
    ],
  },
  {
    name: 'blocked sessions and tracking',
    commands: lines(`
      t> CLIENT TRACKING ON
      t> LRANGE l 0 -1
      b> BLPOP l 0
      RPUSH l 1
      t> XREAD BLOCK 0 STREAMS x $
      XADD x 1-1 f v
      t> GET k
      t> BLPOP k 0
      RPUSH k 1 2
      t> LLEN k
      t> CLIENT REPLY OFF
      t> LLEN k
      RPUSH k 3
      t> LLEN k
      t> RPUSH k 4
      t> CLIENT REPLY ON
      RPUSH k 5
    `),
  },
]
