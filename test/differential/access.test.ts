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
/** What must not be said in earnest while two servers are compared, or what scripts make of a denial's text. */
const UNRUNNABLE =
  /^(eval|fcall|script|function|multi|exec|discard|watch|unwatch|subscribe|psubscribe|ssubscribe|unsubscribe|punsubscribe|sunsubscribe|bl|br|bz|wait|select|auth|hello|quit|reset|monitor|debug|swapdb|flush|config|client|shutdown|xread|copy|move)/i

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
    .replace('the HELLO AUTH <user>', 'the HELLO <proto> AUTH <user>')
    .replace(/ script: [0-9a-f]{40}.*/, '')
    .replace(
      /^(-ERR) The user executing the script can't (.*)$/,
      (_, code: string, what: string) => {
        if (what.startsWith('run'))
          return `${code} ACL failure in script: User ${user} has no permissions to run the 'set' command`
        const kind = what.startsWith('access') ? 'key' : 'channel'
        return `${code} ACL failure in script: No permissions to access a ${kind}`
      },
    )
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

/** What happens to connections: lines `who> command`, said one after the other. */
const STORIES: Record<string, string> = {
  'a channel is taken from who listens': `
    admin> ACL SETUSER u reset on nopass +@all &a &b
    x> AUTH u p
    x> SUBSCRIBE a
    y> AUTH u p
    y> SUBSCRIBE b
    admin> ACL SETUSER u resetchannels &a &c
    admin> PUBLISH a 1
    admin> PUBLISH b 1
  `,
  'a pattern that still matches is not the pattern that was given': `
    admin> ACL SETUSER u reset on nopass +@all &a*
    x> AUTH u p
    x> SUBSCRIBE ab
    y> AUTH u p
    y> PSUBSCRIBE a*
    admin> ACL SETUSER u resetchannels &ab
  `,
  'more channels close nobody': `
    admin> ACL SETUSER u reset on nopass +@all &a
    x> AUTH u p
    x> SUBSCRIBE a
    admin> ACL SETUSER u resetchannels &a &b
    admin> ACL SETUSER u allchannels
    admin> PUBLISH a 1
  `,
  'all channels are taken': `
    admin> ACL SETUSER u reset on nopass +@all allchannels
    x> AUTH u p
    x> PSUBSCRIBE a*
    y> AUTH u p
    y> SSUBSCRIBE s
    z> AUTH u p
    admin> ACL SETUSER u resetchannels &s
    z> GET k
  `,
  'a selector gives the channel back': `
    admin> ACL SETUSER u reset on nopass +@all &a
    x> AUTH u p
    x> SUBSCRIBE a
    admin> ACL SETUSER u resetchannels (+subscribe &a)
    admin> ACL SETUSER u clearselectors
  `,
  'who was removed is closed, whatever it does': `
    admin> ACL SETUSER u reset on nopass +@all ~* &*
    x> AUTH u p
    x> BLPOP list 0
    y> AUTH u p
    y> MULTI
    y> SET k 1
    z> AUTH u p
    z> SUBSCRIBE a
    admin> ACL DELUSER u nobody
    admin> RPUSH list 1
    admin> ACL DELUSER u
  `,
  'who removes itself has its reply': `
    admin> ACL SETUSER u reset on nopass +@all ~*
    x> AUTH u p
    x> ACL DELUSER u
  `,
  'who is turned off goes on': `
    admin> ACL SETUSER u reset on >p +@all ~*
    x> AUTH u p
    admin> ACL SETUSER u off
    x> SET k 1
    y> AUTH u p
    x> RESET
    x> ACL WHOAMI
    x> AUTH u p
  `,
  'a failed login changes nothing': `
    admin> ACL SETUSER u reset on >p +@all ~*
    x> AUTH u p
    x> AUTH u q
    x> ACL WHOAMI
    x> HELLO 3 AUTH u q
    x> ACL WHOAMI
    x> HELLO 2 AUTH u p SETNAME me
    x> CLIENT GETNAME
  `,
  'rules that change between MULTI and EXEC': `
    admin> ACL SETUSER u reset on nopass +@all ~* &*
    x> AUTH u p
    x> MULTI
    x> SET a 1
    x> PUBLISH c 1
    x> PING
    x> SORT a BY w_*
    admin> ACL SETUSER u -ping resetkeys ~a resetchannels
    x> EXEC
    x> MULTI
    x> GET b
    x> GET a
    x> EXEC
  `,
  'a login inside a transaction': `
    admin> ACL SETUSER u reset on nopass +get +acl|whoami ~a
    x> MULTI
    x> SET a 1
    x> AUTH u p
    x> SET a 2
    x> ACL WHOAMI
    x> EXEC
    x> GET a
  `,
  'the default user gets a password, and loses it': `
    x> PING
    admin> ACL SETUSER default >pw
    x> PING
    y> PING
    y> AUTH wrong
    y> HELLO 3
    y> HELLO 3 AUTH default pw
    y> PING
    x> RESET
    x> PING
    admin> CONFIG GET requirepass
    admin> CONFIG SET requirepass other
    z> AUTH pw
    z> AUTH other
    admin> ACL SETUSER default nopass
    z> AUTH other
  `,
  'the default user is restricted and turned off': `
    x> SET k 1
    admin> ACL SETUSER default -set
    x> SET k 2
    y> SET k 2
    admin> ACL SETUSER default +set off
    x> SET k 3
    z> SET k 3
    z> AUTH default p
    admin> ACL SETUSER default on
    z> SET k 3
  `,
  'subcommands and first arguments': `
    admin> ACL SETUSER u reset on nopass -@all +config|get +client|id +select|0 +object -object|freq ~*
    x> AUTH u p
    x> CONFIG GET maxmemory
    x> CONFIG SET maxmemory 0
    x> CONFIG nosuch
    x> SELECT 0
    x> SELECT 1
    x> OBJECT ENCODING none
    x> OBJECT FREQ none
    x> CLIENT GETNAME
    x> nosuch
    x> GET
  `,
  'denials are in the log': `
    admin> ACL LOG RESET
    admin> ACL SETUSER u reset on >p +@all -set -config|set ~a &c
    x> AUTH u p
    x> GET b
    x> GET c
    x> set a 1
    x> SET a 1
    x> MGET a x y
    x> CONFIG SET x y
    x> PUBLISH d 1
    x> PSUBSCRIBE c*
    x> MULTI
    x> GET b
    x> DISCARD
    x> MULTI
    x> GET a
    x> PUBLISH c 1
    admin> ACL SETUSER u resetkeys resetchannels
    x> EXEC
    x> AUTH u q
    x> auth u q
    x> AUTH nobody q
    x> HELLO 3 AUTH nobody q
    admin> ACL LOG 100
    admin> ACL LOG 2
    admin> ACL LOG -1
    admin> ACL LOG RESET
    admin> ACL LOG
  `,
  'a script is its caller': `
    admin> ACL LOG RESET
    admin> ACL SETUSER u reset on >p +@all -set ~a &c
    x> AUTH u p
    x> EVAL return(redis.call('get','b')) 0
    x> EVAL return(redis.call('set','a','1')) 0
    x> EVAL return(redis.call('publish','d','1')) 0
    x> EVAL return(redis.call('get',KEYS[1])) 1 b
    x> EVAL return(redis.acl_check_cmd('set','a','1')) 0
    x> EVAL return(redis.acl_check_cmd('get','a')) 0
    admin> ACL LOG
  `,
  'CLIENT KILL by user': `
    admin> ACL SETUSER u reset on nopass +@all
    x> AUTH u p
    y> AUTH u p
    y> CLIENT KILL USER u SKIPME yes
    y> CLIENT KILL USER u SKIPME no
    admin> CLIENT KILL USER nobody
    admin> CLIENT KILL USER default
  `,
}

describe.skipIf(missing)('connections of users', () => {
  let servers: TestServer[]
  beforeAll(async () => {
    servers = await Promise.all([startRedis(), startWadi()])
  })
  afterAll(() => Promise.all(servers.map((server) => server.stop())))

  /** The replies, and who was closed. */
  async function tell(server: TestServer, story: string): Promise<string[]> {
    const people = new Map<string, Connection>()
    const heard: string[] = []
    for (const line of story.trim().split('\n')) {
      const [who, said] = line.trim().split('> ', 2) as [string, string]
      if (!people.has(who)) people.set(who, await Connection.connect(server.port))
      const person = people.get(who)!
      const blocks = said.startsWith('BLPOP')
      if (blocks) person.write(Buffer.from(`${said}\r\n`))
      const replies = blocks ? [] : await person.exchange([said.split(' ')])
      heard.push(`${line.trim()} → ${replies.map((reply) => latest(reply)).join(' ')}`)
    }
    for (const [who, person] of people) {
      if (who === 'admin') continue
      await person.exchange([['PING', 'still there']], 2000).catch(() => [])
      heard.push(`${who} is ${person.closed ? 'closed' : 'open'}`)
      person.close()
    }
    const admin = people.get('admin')!
    await admin.exchange([
      ['CONFIG', 'SET', 'requirepass', ''],
      ['ACL', 'SETUSER', 'default', 'on', 'nopass', '~*', '&*', '+@all'],
      ['ACL', 'DELUSER', 'u'],
      ['FLUSHALL'],
    ])
    admin.close()
    return heard
  }

  /** A reply as 7.2 words it; what HELLO tells is not compared. */
  const latest = (reply: Reply): string => {
    if (reply.items[0]?.text === 'count') return reply.items.slice(0, 10).map(latest).join(' ')
    if (reply.type === '%' || reply.items.length === 14) return 'what HELLO tells'
    if (reply.isAggregate) return `[${reply.items.map(latest).join(', ')}]`
    return modern(reply.bytes.toString('latin1').trim(), 'u').replace(/^(-NOPERM User) \S+/, '$1 u')
  }

  it.for(Object.entries(STORIES))('%s', async ([, story]) => {
    const [expected, got] = await Promise.all(servers.map((server) => tell(server, story)))
    expect(got).toEqual(expected)
  })
})

/** A command that took other arguments in 7.0, or was not there. */
function isYounger(expected: string, got: string): boolean {
  return /^ERR (wrong number of arguments|Command )/.test(expected) && expected !== got
}
