/**
 * The accepted differences between Wadi, which follows Redis 7.2, and the redis-server 7.0 it is
 * compared with. Each says which commands it concerns and why it is right. Anything else is a bug.
 */
import type { Reply } from '../support/resp.ts'
import { words } from './values.ts'

export interface Difference {
  /** First word, or first two words, of the commands it concerns, in lower case. */
  readonly commands: readonly string[]
  readonly why: string
  accepts(expected: Reply, got: Reply): boolean
}

const texts =
  (...pairs: readonly (readonly [expected: string, got: string])[]) =>
  (expected: Reply, got: Reply) =>
    expected.type === got.type &&
    pairs.some(([from, to]) => expected.text === from && got.text === to)

/** The same structure, in which scalars that differ are two spellings of one double. */
function sameDoubles(expected: Reply, got: Reply): boolean {
  if (expected.bytes.equals(got.bytes)) return true
  if (expected.type !== got.type || expected.items.length !== got.items.length) return false
  if (expected.isAggregate) {
    return expected.items.every((item, i) => sameDoubles(item, got.items[i]!))
  }
  if (expected.type !== '$' && expected.type !== ',') return false
  if (expected.isNull || got.isNull || got.text.trim() === '') return false
  return Object.is(Number(expected.text), Number(got.text))
}

export const differences: readonly Difference[] = [
  {
    commands: ['object encoding'],
    why: '7.2 keeps a short list in one listpack; 7.0 always makes a quicklist',
    accepts: texts(['quicklist', 'listpack']),
  },
  {
    commands: ['object encoding'],
    why: '7.2 keeps a small set that is not of integers in a listpack; 7.0 makes a hash table',
    accepts: texts(['hashtable', 'listpack']),
  },
  {
    commands: words(`
  zscore zmscore zincrby zadd zrange zrevrange zrangebyscore zrevrangebyscore zpopmin
  zpopmax bzpopmin bzpopmax zmpop bzmpop zunion zinter zdiff zscan zrank zrevrank eval
`),
    why: '7.2 writes the shortest text that reads back as the same double; 7.0 writes 17 digits',
    accepts: sameDoubles,
  },
  {
    commands: ['zrank', 'zrevrank'],
    why: '7.2 takes WITHSCORE, so a fourth argument is no error of arity any more',
    accepts: (expected) =>
      expected.text === `ERR wrong number of arguments for 'zrank' command` ||
      expected.text === `ERR wrong number of arguments for 'zrevrank' command`,
  },
  {
    commands: words(`
  acl client cluster command config function latency memory module object pubsub script
  sentinel slowlog xgroup xinfo
`).map((name) => `${name} help`),
    why: 'the texts are ours, made from the table of commands',
    accepts: (expected, got) =>
      expected.type === got.type && expected.items[0]?.text === got.items[0]?.text,
  },
  {
    commands: ['xadd'],
    why: 'where no sequence is left for `ms-*`, 7.0 tells of whatever failed before',
    accepts: texts([
      'ERR Elements are too large to be stored',
      'ERR The ID specified in XADD is equal or smaller than the target stream top item',
    ]),
  },
  {
    commands: words('xgroup del unlink rename set flushall flushdb exec pexpire'),
    why: 'from 7.2 on the command of a waiting session runs again, and says itself what is wrong',
    accepts: (expected, got) =>
      /^(NOGROUP the consumer group this client was blocked on|UNBLOCKED the stream key) no longer exists$/.test(
        expected.text,
      ) && /^(NOGROUP No such key .* in XREADGROUP with GROUP option|WRONGTYPE .*)$/.test(got.text),
  },
  {
    commands: ['xgroup createconsumer'],
    why: 'from 7.2 on a consumer is there once it asked for something, even if it got nothing',
    accepts: texts(['1', '0']),
  },
  {
    commands: ['command getkeys', 'command getkeysandflags'],
    why: 'from 7.2 on the command alone is taken, and judged',
    accepts: (expected, got) =>
      /^ERR wrong number of arguments for 'command\|getkeys(andflags)?' command$/.test(
        expected.text,
      ) && /^ERR (Invalid|The command has no key arguments)/.test(got.text),
  },
  {
    commands: ['command list'],
    why: 'there are commands that are younger than 7.0',
    accepts: (expected, got) => {
      const names = new Set(got.items.map((item) => item.text))
      return expected.type === got.type && expected.items.every((item) => names.has(item.text))
    },
  },
  {
    commands: words('blpop brpop blmove brpoplpush blmpop bzpopmin bzpopmax bzmpop'),
    why: '7.2 says that a time-out beyond 2^63 ms is too large; in 7.0 it wraps around',
    accepts: texts(['ERR timeout is negative', 'ERR timeout is out of range']),
  },
  {
    commands: ['lpos'],
    why: '7.2 refuses the one rank whose opposite does not exist; in 7.0 counting from it wraps around',
    accepts: (_, got) => got.text.startsWith('ERR value is out of range, value must between -92'),
  },
  {
    commands: ['command info', 'command'],
    why: 'the facts are those of 7.2, and the notes to keys are ours',
    accepts: (expected, got) => {
      const steady = (reply: Reply) => reply.items.map(({ items }) => items.slice(0, 2).join())
      return expected.type === got.type && steady(expected).join() === steady(got).join()
    },
  },
  {
    commands: ['config get'],
    why: 'Redis forgets in this text, though not in what it does, that new keys are told',
    accepts: (expected, got) => expected.items[1]?.text === got.items[1]?.text.replace('An', 'A'),
  },
]

/** True when a reviewed entry covers these two replies. */
export function isAccepted(command: readonly string[], expected: Reply, got: Reply): boolean {
  const [first, second] = command
  const concerns = (name: string) => name === first || name === `${first} ${second}`
  return differences.some((entry) => entry.commands.some(concerns) && entry.accepts(expected, got))
}
