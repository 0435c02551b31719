/** Random talks of several connections: transactions, calls that wait, messages, invalidations. */
import { type Form, generate, parseForms, type Term } from '../../differential/random/grammar.ts'
import { oneOf } from '../../differential/random/terms.ts'
import { actionsOf } from '../../differential/steps.ts'
import { formatLine } from '../../support/command-line.ts'
import type { Random } from '../../support/random.ts'
import { Course } from './cluster-course.ts'
import { TAGS } from './cluster-streams.ts'

const STEPS = 30

/** Keys and shard channels have the tag of their talk; now and then another one. */
const key =
  (...names: readonly string[]): Term =>
  ({ random, keys }) =>
    `{${random.once(25) ? random.pick(TAGS) : random.pick(keys)}}${random.pick(names)}`

const TERMS: Record<string, Term> = {
  list: key('l1', 'l2'),
  zset: key('z1', 'z2'),
  stream: key('x1'),
  string: key('s1', 's2'),
  any: key('l1', 'l2', 'z1', 'x1', 's1', 's2'),
  shardchannel: key('c1', 'c2'),
  channel: oneOf('news', 'sport', 'weather', 'x'),
  // No two of them have the same channels: a message for several patterns comes in the order of a table.
  pattern: oneOf('n*', '[sw]*', '__key*__:*', 'x'),
  value: oneOf('1', 'b', 'c', 'longer than that'),
  member: oneOf('a', 'b', 'c'),
  score: oneOf('1', '2', '3.5'),
  side: oneOf('LEFT', 'RIGHT'),
  field: oneOf('f', 'g'),
  id: ({ random }) => `${random.between(1, 60)}-1`,
  pushes: oneOf(`return redis.call('RPUSH', KEYS[1], ARGV[1])`),
  publishes: oneOf(
    `redis.call('PUBLISH', ARGV[1], ARGV[2]) return redis.call('SET', KEYS[1], ARGV[2])`,
  ),
}

/** What serves, and what watches, whoever talks. */
const WORK = `
  4* RPUSH list (value)+
  2* LPUSH list (value)+
  2* ZADD zset score member
  3* XADD stream id field value
  2* SET string value
  INCR string
  GET string
  MGET string string
  APPEND any value
  DEL any
  RENAME any any
  LMOVE list list side side
  RPOPLPUSH list list
  SORT list ALPHA STORE list
  LLEN list
  EVAL pushes 1 list value
  EVAL publishes 1 string channel value
  3* PUBLISH channel value
  2* SPUBLISH shardchannel value
  EXISTS any any
  NOSUCH any
  GET
  PING
`

/** Not for whoever may wait: a reply that comes late is not judged by its own command. */
const LOOKING = `
  PUBSUB CHANNELS
  PUBSUB SHARDCHANNELS
  PUBSUB NUMSUB channel channel
  PUBSUB SHARDNUMSUB shardchannel shardchannel
  PUBSUB NUMPAT
  KEYS pattern
  DBSIZE
`

const TRANSACTIONS = `
  3* WATCH (string)+
  WATCH any
  4* MULTI
  5* EXEC
  DISCARD
  UNWATCH
`

const WAITS = `
  3* BLPOP list [list] 0
  BRPOP list [list] 0
  BLMOVE list list side side 0
  BRPOPLPUSH list list 0
  BLMPOP 0 2 list list side [COUNT 2]
  2* BZPOPMIN zset [zset] 0
  BZPOPMAX zset 0
  BZMPOP 0 1 zset MIN
  2* XREAD BLOCK 0 STREAMS stream $
  XREAD BLOCK 0 COUNT 1 STREAMS stream 0
`

const LISTENING = `
  3* SUBSCRIBE (channel)+
  2* PSUBSCRIBE (pattern)+
  3* SSUBSCRIBE (shardchannel)+
  UNSUBSCRIBE [channel]
  PUNSUBSCRIBE [pattern]
  SUNSUBSCRIBE [shardchannel]
  PING [value]
`

const TRACKING = `
  CLIENT TRACKING ON [NOLOOP]
  CLIENT TRACKING ON OPTIN
  CLIENT TRACKING OFF
  CLIENT CACHING YES
  4* GET string
  2* MGET string string
`

/** Each as often as it weighs. */
const forms = (text: string): Form[] =>
  parseForms(text, TERMS).flatMap((form) =>
    Array.from({ length: form.weight }, () => ({ ...form, garbled: false })),
  )

const worker = forms(WORK + LOOKING)
const trader = forms(WORK + LOOKING + TRANSACTIONS + TRANSACTIONS)
const tracked = forms('2* CLIENT TRACKING ON NOLOOP\nCLIENT TRACKING OFF')
const waiter = forms(WORK + WAITS + WAITS)
const listener = forms(LISTENING)
const cacher = forms(TRACKING + TRACKING + WORK)

export function clusterTalk(random: Random, protocol: 2 | 3): string[] {
  const keys = [random.pick(TAGS), random.pick(TAGS)]
  const course = new Course()
  const roles: Record<string, readonly Form[]> = {
    a: worker,
    b: protocol === 3 ? [...trader, ...tracked] : trader,
    c: waiter,
    d: forms(WAITS),
    e: listener,
    f: protocol === 3 ? cacher : listener,
  }
  const talk = [`a> CONFIG SET notify-keyspace-events "${random.once(3) ? 'KEA' : ''}"`]
  while (talk.length < STEPS) {
    const on = random.pick([...Object.keys(roles), 'b', 'b'])
    const command = generate(random.pick(roles[on]!), { random, keys, allKeys: keys })
    // Of two whose waits end at once, it is open whose next command comes first: only c has some behind.
    const name = on === 'd' ? `d${talk.length}` : on
    if (course.takes(name, command)) talk.push(`${name}> ${formatLine(command)}`)
  }
  return talk
}

/** Whether what is left of a talk is still a fair one. */
export function isFairTalk(talk: readonly string[]): boolean {
  const course = new Course()
  return actionsOf(talk).every(
    (step) =>
      step.kind !== 'command' ||
      step.line.includes('CONFIG') ||
      course.takes(step.on, step.command.map(String)),
  )
}
