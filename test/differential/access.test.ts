/**
 * Random users with random rules, the same in redis-server and in Wadi: what they are, what they may do, and
 * what is said to them.
 *
 * The rules of commands are shown as 7.2 does, in the order they were given; 7.0 finds others with the same
 * meaning. So what Wadi shows is given back to redis-server, which must find the same for both.
 *
 * `SEED=…` repeats a run, `WADI_RANDOM=5000000` makes it longer.
 */
import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest'
import { formatLine } from '../support/command-line.ts'
import type { TestServer } from '../support/process.ts'
import { Random, seed } from '../support/random.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { Connection, type Argument, type Command, type Reply } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'
import { families, randomStream } from './random/generator.ts'

const missing = redisMissing()
const users = Math.ceil(Number(process.env['WADI_RANDOM'] ?? 120_000) / 1000)

/** Where 7.2 gives another category than 7.0. */
const MOVED = new Set(['wait'])
/** What must not be said in earnest while two servers are compared. */
const UNRUNNABLE =
  /^(multi|exec|discard|watch|unwatch|subscribe|psubscribe|ssubscribe|unsubscribe|punsubscribe|sunsubscribe|bl|br|bz|wait|select|auth|hello|quit|reset|monitor|debug|swapdb|flush|config|client|shutdown|xread|copy|move)/i

interface Side {
  server: TestServer
  /** Acts as the default user, and as the user who is tried. */
  admin: Connection
  user: Connection
}

/** How often users were allowed something, and denied. */
const verdicts = { allowed: 0, denied: 0 }

let redis: Side
let wadi: Side
/** Names of commands and subcommands that both have, with the same categories. */
let vocabulary: string[]
let categories: string[]

async function begin(server: TestServer): Promise<Side> {
  const [admin, user] = await Promise.all([
    Connection.connect(server.port),
    Connection.connect(server.port),
  ])
  return { server, admin, user }
}

const both = async (command: Command): Promise<[Reply, Reply]> =>
  Promise.all([redis.admin.call(...command), wadi.admin.call(...command)])

const listOf = (reply: Reply): string[] => reply.items.map((item) => item.text)

/** The texts of 7.0 as those of 7.2. */
function modern(text: string, user: string): string {
  return text
    .replace(/^(-NOPERM |ERR NOPERM |NOPERM )this user has/, `$1User ${user} has`)
    .replace(/^This user has/, `User ${user} has`)
    .replace(
      /User \S+ has no permissions to access one of the (key|channel)s used as arguments/,
      'No permissions to access a $1',
    )
}

/** What ACL GETUSER tells; the word that 7.0 does not always show is left out. */
function shown(reply: Reply) {
  const pairs = new Map<string, Reply>()
  for (let i = 0; i < reply.items.length; i += 2)
    pairs.set(reply.items[i]!.text, reply.items[i + 1]!)
  const permissions = (of: Map<string, Reply>) => ({
    keys: of.get('keys')!.text,
    channels: of.get('channels')!.text,
  })
  const selectors = pairs.get('selectors')!.items.map((one) => {
    const parts = new Map<string, Reply>()
    for (let i = 0; i < one.items.length; i += 2) parts.set(one.items[i]!.text, one.items[i + 1]!)
    return parts
  })
  return {
    flags: listOf(pairs.get('flags')!)
      .filter((flag) => flag !== 'sanitize-payload')
      .sort(),
    passwords: listOf(pairs.get('passwords')!),
    ...permissions(pairs),
    selectors: selectors.map(permissions),
    commands: [pairs, ...selectors].map((of) => of.get('commands')!.text),
  }
}

const PATTERNS = ['*', 'a*', 'k?', 'key:*', '[a-m]*', 's*', '*1', 'str', 'l*', '', 'x\\*', 'h*h']

function pattern(random: Random): string {
  return random.once(3) ? `${random.pick(keys)}*` : random.pick(PATTERNS)
}

/** The first letters of the keys of the random commands. */
const keys = ['s', 'l', 'h', 'z', 'x', 'k', 'b', 'st', 'g']

function commandRule(random: Random): string {
  const name = random.pick(vocabulary)
  switch (random.below(12)) {
    case 0:
      return random.pick(['allcommands', 'nocommands', '+@all', '-@all', '+@ALL'])
    case 1:
    case 2:
    case 3:
      return `${random.pick(['+', '-'])}@${random.pick(categories)}`
    case 4:
      return `+${name}|${random.pick(['a', '0', 'k1', 'get', ''])}`
    case 5:
      return `${random.pick(['+', '-'])}${random.pick(['nosuch', '@nosuch', 'config|nosuch', 'get|a|b', '', '|', 'config|get|x'])}`
    default:
      return `${random.pick(['+', '+', '-'])}${random.once(4) ? name.toUpperCase() : name}`
  }
}

function selectorRule(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return random.pick(['allkeys', 'resetkeys', 'allchannels', 'resetchannels', '~*', '&*'])
    case 1:
    case 2:
      return `~${pattern(random)}`
    case 3:
      return `%${random.pick(['R', 'W', 'RW', 'wr', 'r', 'RR', 'X', ''])}~${pattern(random)}`
    case 4:
      return `&${pattern(random)}`
    default:
      return commandRule(random)
  }
}

const HASH = '2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90'

function rule(random: Random): string[] {
  switch (random.below(16)) {
    case 0:
      return [random.pick(['on', 'off', 'ON', 'nopass', 'resetpass', 'clearselectors', 'reset'])]
    case 1:
      return [`${random.pick(['>', '<'])}${random.pick(['a', 'b', 'secret', ''])}`]
    case 2:
      return [`${random.pick(['#', '!'])}${random.pick([HASH, HASH.toUpperCase(), 'abc', ''])}`]
    case 3:
      return [random.pick(['skip-sanitize-payload', 'nonsense', '', '%', '(', ')', '@', '~a b'])]
    case 4:
    case 5: {
      const rules = Array.from({ length: random.between(0, 4) }, () => selectorRule(random))
      const text = `(${rules.join(' ')})`
      return random.once(2) ? [text] : text.split(' ')
    }
    default:
      return [selectorRule(random)]
  }
}

/** Rules that make a user who can be tried; what is wrong is refused by both. */
function setUser(random: Random, name: string): Command {
  const rules = Array.from({ length: random.between(1, 5) }, () => rule(random)).flat()
  return ['ACL', 'SETUSER', name, ...rules]
}

describe.skipIf(missing)(`users and rules${missing ? `: ${missing}` : ''}, seed ${seed}`, () => {
  beforeAll(async () => {
    const [first, second] = await Promise.all([startRedis(), startWadi()])
    redis = await begin(first)
    wadi = await begin(second)
    categories = listOf(await redis.admin.call('ACL', 'CAT'))
    const has: [Set<string>, Set<string>] = [new Set(), new Set()]
    for (const category of categories) {
      const lists = await both(['ACL', 'CAT', category])
      lists.forEach((list, i) => listOf(list).forEach((name) => has[i]!.add(name)))
    }
    vocabulary = [...has[0]].filter((name) => has[1].has(name) && !MOVED.has(name)).sort()
  })
  afterAll(async () => {
    for (const side of [redis, wadi]) {
      side.admin.close()
      side.user.close()
      await side.server.stop()
    }
  })

  /** Sets rules on both sides; the replies are the same. */
  async function set(command: Command): Promise<boolean> {
    const [expected, got] = await both(command)
    assert(
      expected.bytes.equals(got.bytes),
      `${formatLine(command)}\n  redis: ${expected.text}\n  wadi:  ${got.text}`,
    )
    return !expected.isError
  }

  /** What both show of a user is the same, and means the same. */
  async function compareShown(name: string, history: Command[]): Promise<void> {
    const [first, second] = await both(['ACL', 'GETUSER', name])
    const expected = shown(first)
    const got = shown(second)
    const story = history.map((command) => formatLine(command)).join('\n')
    assert.deepEqual({ ...got, commands: [] }, { ...expected, commands: [] }, story)
    const rules = got.commands.slice(1).map((text) => `(${text})`)
    const twin = await redis.admin.call(
      'ACL',
      'SETUSER',
      'twin',
      'reset',
      ...got.commands[0]!.split(' '),
      ...rules,
    )
    assert.equal(twin.text, 'OK', `${story}\n${got.commands.join('\n')}`)
    const found = shown(await redis.admin.call('ACL', 'GETUSER', 'twin'))
    assert.deepEqual(found.commands, expected.commands, `${story}\n${got.commands.join('\n')}`)
  }

  /** The verdicts on commands, and what is said, are the same. */
  async function compareVerdicts(random: Random, name: string, story: string): Promise<void> {
    const stream = randomStream(random, random.pick(families), 30).map(({ command }) => command)
    const channels: Command[] = ['PUBLISH', 'SUBSCRIBE', 'PSUBSCRIBE', 'SPUBLISH'].map((word) => [
      word,
      `${random.pick(keys)}1`,
      random.pick(PATTERNS),
    ])
    const others: Command[] = Array.from({ length: 6 }, () => [
      ...random.pick(vocabulary).split('|'),
      random.pick(['a', '0', 'k1', 'get']),
    ])
    const commands = [...stream, ...channels, ...others]
    const dry = commands.map((command): Argument[] => ['ACL', 'DRYRUN', name, ...command])
    const [expected, got] = await Promise.all([redis.admin.exchange(dry), wadi.admin.exchange(dry)])
    commands.forEach((command, i) => {
      if (MOVED.has(String(command[0]).toLowerCase())) return
      const right = modern(expected[i]!.text, name)
      verdicts[right === 'OK' ? 'allowed' : 'denied']++
      assert(
        right === got[i]!.text || isYounger(right, got[i]!.text),
        `${story}\n${formatLine(command)}\n  redis: ${right}\n  wadi:  ${got[i]!.text}`,
      )
    })
  }

  /** What the user says in earnest is denied by both or by none. */
  async function compareDenials(random: Random, name: string, story: string): Promise<void> {
    const isIn = await Promise.all(
      [redis, wadi].map(({ user }) => user.call('AUTH', name, 'secret')),
    )
    assert.equal(isIn[1]!.text, isIn[0]!.text, story)
    if (isIn[0]!.isError) return
    const commands = randomStream(random, random.pick(families), 40)
      .map(({ command }) => command)
      .filter(([word]) => !UNRUNNABLE.test(String(word)))
    const [expected, got] = await Promise.all([
      redis.user.exchange(commands),
      wadi.user.exchange(commands),
    ])
    const denial = (reply: Reply) =>
      reply.text.startsWith('NOPERM') || reply.text.includes('ACL') ? modern(reply.text, name) : ''
    commands.forEach((command, i) => {
      assert(
        denial(expected[i]!) === denial(got[i]!),
        `${story}\n${formatLine(command)}\n  redis: ${expected[i]!.text}\n  wadi:  ${got[i]!.text}`,
      )
    })
  }

  it(`${users} users`, { timeout: 0 }, async () => {
    for (let i = 0; i < users; i++) {
      const random = new Random(seed + i)
      const name = `u${i}`
      const history: Command[] = [
        ['ACL', 'SETUSER', name, 'on', '>secret', random.pick(['+@all', '-@all', '+@read'])],
      ]
      await set(history[0]!)
      for (let step = random.between(1, 6); step; step--) {
        const command = setUser(random, name)
        if (await set(command)) history.push(command)
      }
      await compareShown(name, history)
      const story = history.map((command) => formatLine(command)).join('\n')
      await compareVerdicts(random, name, story)
      await compareDenials(random, name, story)
      await both(['ACL', 'DELUSER', name])
      await renew()
    }
    expect(Math.min(verdicts.allowed, verdicts.denied)).toBeGreaterThan(users)
  })

  /** The connections of a user who was removed are closed. */
  async function renew(): Promise<void> {
    for (const side of [redis, wadi]) {
      side.user.close()
      side.user = await Connection.connect(side.server.port)
    }
  }
})

/** A command that took other arguments in 7.0, or was not there. */
function isYounger(expected: string, got: string): boolean {
  return /^ERR (wrong number of arguments|Command )/.test(expected) && expected !== got
}
