/**
 * When two replies to the same command count as equal. The rule is: byte for byte. What stands here
 * is only what no two servers can answer alike: times, random picks, orders that a hash decides.
 */
import { type Command, type Reply } from '../support/resp.ts'
import { isAccepted } from './differences.ts'
import { sameStreamInfo } from './streams.ts'

/** Lower-case words of the command; the first one names it. */
export type Words = readonly string[]

export type Rule = (expected: Reply, got: Reply, words: Words) => boolean

/** Whether two replies that differ are both right. */
export type Accepts = (words: Words, expected: Reply, got: Reply) => boolean

/** Clocks of two servers, and the pause between two sends, may be so far apart. */
const TOLERANCE_MS = 5000

const sameBytes = (expected: Reply, got: Reply) => expected.bytes.equals(got.bytes)

function groups(items: readonly Reply[], size: number): string[] {
  const texts: string[] = []
  for (let i = 0; i < items.length; i += size) {
    texts.push(
      items
        .slice(i, i + size)
        .map((item) => item.bytes.toString('latin1'))
        .join(''),
    )
  }
  return texts.sort()
}

function sameSet(expected: Reply, got: Reply, size: number): boolean {
  if (expected.type !== got.type || expected.items.length !== got.items.length) return false
  const left = groups(expected.items, size)
  const right = groups(got.items, size)
  return left.every((text, i) => text === right[i])
}

/** The same elements in any order. */
const unordered: Rule = (expected, got) => sameSet(expected, got, 1)

/** The same pairs of neighbours in any order. */
const unorderedPairs: Rule = (expected, got) => sameSet(expected, got, 2)

/** Numbers that are near each other; negative ones (no key, no TTL) are exact. */
function near(tolerance: number): Rule {
  return (expected, got) => {
    if (expected.type !== ':' || got.type !== ':') return false
    const left = Number(expected.text)
    const right = Number(got.text)
    return left >= 0 && right >= 0 && Math.abs(left - right) <= tolerance
  }
}

/** The same types and lengths, whatever is in them. */
const sameShape = (expected: Reply, got: Reply): boolean =>
  expected.type === got.type &&
  expected.isNull === got.isNull &&
  expected.items.length === got.items.length &&
  expected.items.every((item, i) => sameShape(item, got.items[i]!))

/** The same type of reply. */
const sameType: Rule = (expected, got) =>
  expected.type === got.type && expected.isNull === got.isNull

/** A cursor that is zero in both or in neither, and the same elements or pairs. */
function scan(size: (words: Words) => number): Rule {
  return (expected, got, words) => {
    const [cursor, items] = expected.items
    const [otherCursor, otherItems] = got.items
    if (!cursor || !items || !otherCursor || !otherItems) return false
    return (
      (cursor.text === '0') === (otherCursor.text === '0') &&
      sameSet(items, otherItems, size(words))
    )
  }
}

/** Texts of `field=value` words: the same fields with the same values for the steady ones. */
function sameFields(steady: readonly string[]): Rule {
  const read = (reply: Reply) =>
    reply.text
      .trim()
      .split('\n')
      .map((line) => {
        const fields = new Map(
          line.split(' ').map((word) => word.split('=', 2) as [string, string]),
        )
        return steady.map((name) => `${name}=${fields.get(name)}`).join(' ')
      })
      .sort()
      .join('\n')
  return (expected, got) => expected.type === got.type && read(expected) === read(got)
}

/**
 * Without sorting, which one BY without a star is enough for, the elements of a set come in any order, each
 * with what GET finds for it.
 */
function sorted(expected: Reply, got: Reply, words: Words): boolean {
  const isPlain = (word: string, i: number) => word === 'by' && !words[i + 1]?.includes('*')
  if (!words.some(isPlain)) return false
  const gets = words.filter((word) => word === 'get').length
  return sameSet(expected, got, Math.max(1, gets))
}

/** What HELLO tells, but for the version and the id of the client. */
function sameGreeting(expected: Reply, got: Reply): boolean {
  const steady = (reply: Reply) =>
    reply.items.map((item, i, all) =>
      ['version', 'id'].includes(all[i - 1]?.text ?? '') ? item.type : String(item),
    )
  return expected.type === got.type && steady(expected).join() === steady(got).join()
}

/** Entries of id, consumer, idle time and deliveries; the idle time does not count. */
function pendingEntries(expected: Reply, got: Reply): boolean {
  const steady = (reply: Reply) =>
    reply.items.map(({ items }) =>
      items.map((item, i) => (i === 2 && item.type === ':' ? '' : String(item))).join(),
    )
  return expected.type === got.type && steady(expected).join() === steady(got).join()
}

/** A line of MONITOR; when and from where do not count. */
const MONITOR_LINE = /^\d+\.\d+ (\[\d+ )(lua|unix:|[\d.]+:)/

function sameMonitorLine(expected: Reply, got: Reply): boolean {
  if (expected.type !== '+' || got.type !== '+') return false
  const [left, right] = [expected, got].map(({ text }) =>
    text.replace(MONITOR_LINE, '$1$2').replace(/:\d+\]/, ':]'),
  )
  return MONITOR_LINE.test(expected.text) && left === right
}

/** An id of a client behind the word that tells what it is of. */
const REDIRECTION = /(\$\d+\r\n(?:redirect|tracking-redir-broken)\r\n:)[1-9]\d*/

function sameButForRedirection(expected: Reply, got: Reply): boolean {
  const [left, right] = [expected, got].map(({ bytes }) =>
    bytes.toString('latin1').replace(REDIRECTION, '$1id'),
  )
  return REDIRECTION.test(expected.bytes.toString('latin1')) && left === right
}

/** Both an id of a client, or the same number. */
function sameId(expected: Reply, got: Reply): boolean {
  return (
    expected.type === ':' && got.type === ':' && Number(expected.text) > 0 && Number(got.text) > 0
  )
}

/** Command names, or name and subcommand, with the rule for their replies. */
const RULES: Record<string, Rule> = {
  keys: unordered,
  smembers: unordered,
  sinter: unordered,
  sunion: unordered,
  sdiff: unordered,
  hkeys: unordered,
  hvals: unordered,
  hgetall: unorderedPairs,
  scan: scan(() => 1),
  sscan: scan(() => 1),
  hscan: scan((words) => (words.includes('novalues') ? 1 : 2)),
  zscan: scan(() => 2),
  sort: sorted,
  sort_ro: sorted,
  'config get': unorderedPairs,
  'pubsub channels': unordered,
  'pubsub shardchannels': unordered,
  'command list': unordered,

  ttl: near(TOLERANCE_MS / 1000),
  pttl: near(TOLERANCE_MS),
  expiretime: near(TOLERANCE_MS / 1000),
  pexpiretime: near(TOLERANCE_MS),
  'object idletime': near(TOLERANCE_MS / 1000),
  'object freq': near(1),
  hello: sameGreeting,
  lastsave: sameType,
  time: sameShape,

  'xinfo stream': sameStreamInfo,
  'xinfo consumers': sameStreamInfo,

  randomkey: sameType,
  spop: sameShape,
  srandmember: sameShape,
  hrandfield: sameShape,
  zrandmember: sameShape,

  xpending: pendingEntries,

  info: sameType,
  'client id': sameType,
  'client getredir': sameId,
  'client list': sameFields(['name', 'db', 'sub', 'psub', 'multi', 'user', 'flags', 'cmd']),
  'client info': sameFields(['name', 'db', 'sub', 'psub', 'multi', 'user', 'flags', 'cmd']),
  'debug object': sameType,
  'debug sdslen': sameType,
  'slowlog get': sameType,
  'slowlog len': sameType,
  'memory usage': sameType,
  'memory stats': sameType,
  'memory doctor': sameType,
  'memory malloc-stats': sameType,
  'latency doctor': sameType,
  'acl genpass': sameShape,
  lolwut: sameType,
}

export function wordsOf(command: Command): string[] {
  return command.map((argument, i) => {
    const text = Buffer.isBuffer(argument) ? argument.toString('latin1') : String(argument)
    return i < 2 || text.length < 32 ? text.toLowerCase() : text
  })
}

function ruleFor(words: Words): Rule | undefined {
  return RULES[`${words[0]} ${words[1]}`] ?? RULES[words[0] ?? '']
}

/**
 * The replies of one connection in order, with what they answer. It remembers what a transaction
 * has queued, so that each element of the reply to EXEC is judged by its own command.
 */
export class Judge {
  readonly #accepts: Accepts
  #queued: Words[] = []

  /** @param accepts what is right here, beside what is everywhere */
  constructor(accepts: Accepts = () => false) {
    this.#accepts = accepts
  }

  /** True when the two replies to this command count as equal. */
  equal(command: Command, expected: Reply, got: Reply): boolean {
    if (sameMonitorLine(expected, got) || sameButForRedirection(expected, got)) return true
    const words = wordsOf(command)
    if (words[0] === 'exec') {
      const queued = this.#queued
      this.#queued = []
      return this.#equalAll(queued, expected, got)
    }
    const begins = words[0] === 'multi' || words[0] === 'discard' || words[0] === 'reset'
    if (begins && expected.type === '+') this.#queued = []
    if (expected.text === 'QUEUED') this.#queued.push(words)
    return this.#equalOne(words, expected, got)
  }

  #equalAll(queued: readonly Words[], expected: Reply, got: Reply): boolean {
    if (sameBytes(expected, got)) return true
    if (!expected.isAggregate || !got.isAggregate) return this.#equalOne(['exec'], expected, got)
    return (
      expected.items.length === got.items.length &&
      expected.items.every((item, i) => this.#equalOne(queued[i] ?? [], item, got.items[i]!))
    )
  }

  #equalOne(words: Words, expected: Reply, got: Reply): boolean {
    if (sameBytes(expected, got)) return true
    const rule = ruleFor(words)
    return (
      rule?.(expected, got, words) === true ||
      isAccepted(words, expected, got) ||
      this.#accepts(words, expected, got)
    )
  }
}
