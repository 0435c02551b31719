/** Users as Redis 7.2 has them, where no older server can say what is right. */
import { assert, describe, expect, test } from 'vitest'
import { Answered, Flag, Kind } from '../../../host/core/abi.ts'
import { Lab, type Talk } from '../../support/lab.ts'
import { Random, seed } from '../../support/random.ts'

const HASH = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b' // of "secret"

function start(...users: string[]): { lab: Lab; admin: Talk } {
  const lab = new Lab()
  const admin = lab.open()
  for (const user of users) expect(admin.say(`ACL SETUSER ${user}`)).toBe('+OK\r\n')
  return { lab, admin }
}

/** A session that is logged in, with `nopass` or the password `secret`. */
function enter(lab: Lab, user: string): Talk {
  const talk = lab.open()
  expect(talk.say(`AUTH ${user} secret`)).toBe('+OK\r\n')
  return talk
}

const bulks = (reply: string): string[] =>
  reply.split('\r\n').filter((line) => line && !/^[*$%~]\d+$/.test(line))

describe('a description', () => {
  const cases: [rules: string, line: string][] = [
    ['', 'off sanitize-payload resetchannels -@all'],
    ['on >secret ~a* &c +get', `on sanitize-payload #${HASH} ~a* resetchannels &c -@all +get`],
    ['nopass allkeys allchannels +@all', 'off nopass sanitize-payload ~* &* +@all'],
    ['skip-sanitize-payload', 'off skip-sanitize-payload resetchannels -@all'],
    ['+get +@read -get +set', 'off sanitize-payload resetchannels -@all +@read -get +set'],
    ['+config|get +config|set -config', 'off sanitize-payload resetchannels -@all -config'],
    ['-config +CONFIG|GET', 'off sanitize-payload resetchannels -@all -config +config|get'],
    ['+@all -@dangerous +keys', 'off sanitize-payload resetchannels +@all -@dangerous +keys'],
    [
      '+select|0 +select|1 +select|0',
      'off sanitize-payload resetchannels -@all +select|1 +select|0',
    ],
    ['%R~a %W~b %RW~c %R~b', 'off sanitize-payload %R~a ~b ~c resetchannels -@all'],
    [
      '(~k +get) (+set &x)',
      'off sanitize-payload resetchannels -@all (~k resetchannels -@all +get) (resetchannels &x -@all +set)',
    ],
  ]
  test.each(cases)('of %j is %j', (rules, line) => {
    const { admin } = start(rules ? `u ${rules}` : 'u')
    expect(bulks(admin.say('ACL LIST'))).toEqual([
      'user default on nopass sanitize-payload ~* &* +@all',
      `user u ${line}`,
    ])
    // What is shown makes the same user again.
    expect(admin.say(`ACL SETUSER v ${line}`)).toBe('+OK\r\n')
    expect(bulks(admin.say('ACL LIST'))[2]).toBe(`user v ${line}`)
  })

  test('has flags, passwords, permissions and selectors in ACL GETUSER', () => {
    const { admin } = start('u on >secret ~a %R~b &c +get (~d +set)')
    expect(bulks(admin.say('ACL GETUSER u'))).toEqual([
      'flags',
      'on',
      'sanitize-payload',
      'passwords',
      HASH,
      'commands',
      '-@all +get',
      'keys',
      '~a %R~b',
      'channels',
      '&c',
      'selectors',
      'commands',
      '-@all +set',
      'keys',
      '~d',
      'channels',
    ])
    expect(admin.say('ACL GETUSER nobody')).toBe('$-1\r\n')
  })

  test('says for new users what acl-pubsub-default gives', () => {
    const { admin } = start()
    admin.say('CONFIG SET acl-pubsub-default allchannels')
    admin.say('ACL SETUSER u')
    expect(bulks(admin.say('ACL LIST'))[1]).toBe('user u off sanitize-payload &* -@all')
  })
})

describe('a denial', () => {
  test('says what is denied', () => {
    const { lab } = start('u on nopass ~a* &a* +@all -flushall -config|set')
    const user = enter(lab, 'u')
    expect(user.say('FLUSHALL')).toBe(
      "-NOPERM User u has no permissions to run the 'flushall' command\r\n",
    )
    expect(user.say('CONFIG SET x y')).toBe(
      "-NOPERM User u has no permissions to run the 'config|set' command\r\n",
    )
    expect(user.say('MSET a 1 b 2')).toBe('-NOPERM No permissions to access a key\r\n')
    expect(user.say('PUBLISH b x')).toBe('-NOPERM No permissions to access a channel\r\n')
    expect(user.say('PSUBSCRIBE ab*')).toBe('-NOPERM No permissions to access a channel\r\n')
    expect(user.say('MGET a ab')).toBe('*2\r\n$-1\r\n$-1\r\n')
  })

  test('is told without the words before a dry run', () => {
    const { admin } = start('u ~a* %R~r &c +get +set +publish')
    const dry = (command: string) => bulks(admin.say(`ACL DRYRUN u ${command}`))
    expect(dry('get x')).toEqual(["User u has no permissions to access the 'x' key"])
    expect(dry('set r 1')).toEqual(["User u has no permissions to access the 'r' key"])
    expect(dry('get r')).toEqual(['+OK'])
    expect(dry('publish d x')).toEqual(["User u has no permissions to access the 'd' channel"])
    expect(dry('del a')).toEqual(["User u has no permissions to run the 'del' command"])
  })

  test('is told again at EXEC when the rules have changed meanwhile', () => {
    const { lab, admin } = start('u on nopass ~* &* +@all')
    const user = enter(lab, 'u')
    user.say('MULTI')
    for (const command of ['SET a 1', 'SET b 1', 'PUBLISH c x', 'PING']) user.say(command)
    admin.say('ACL SETUSER u -ping resetkeys ~a resetchannels')
    const changed =
      'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. ' +
      'This command is no longer allowed for the following reason: '
    expect(user.say('EXEC')).toBe(
      `*4\r\n+OK\r\n-${changed}no permission to touch the specified keys\r\n` +
        `-${changed}no permission to access one of the channels used as arguments\r\n` +
        `-${changed}no permission to execute the command or subcommand\r\n`,
    )
  })

  test('ends a transaction that is being queued, and EXEC itself can be denied', () => {
    const { lab } = start('u on nopass ~a +multi +exec +get', 'v on nopass ~a +multi +get')
    const user = enter(lab, 'u')
    user.say('MULTI')
    expect(user.say('GET b')).toMatch(/^-NOPERM/)
    expect(user.say('EXEC')).toMatch(/^-EXECABORT/)
    const other = enter(lab, 'v')
    other.say('MULTI')
    expect(other.say('GET a')).toBe('+QUEUED\r\n')
    expect(other.say('EXEC')).toBe(
      "-EXECABORT Transaction discarded because of: NOPERM User v has no permissions to run the 'exec' command\r\n",
    )
    expect(other.say('GET a')).toBe('$-1\r\n')
  })

  test('comes to a call that waited, once it would go on', () => {
    const { lab, admin } = start('u on nopass allkeys +@all')
    const user = enter(lab, 'u')
    user.say('BLPOP list 0')
    admin.say('ACL SETUSER u resetkeys')
    expect(admin.say('LPUSH list x')).toBe(':1\r\n')
    expect(user.hear()).toBe('-NOPERM No permissions to access a key\r\n')
    expect(admin.say('LLEN list')).toBe(':1\r\n')
    expect(user.say('PING')).toBe('+PONG\r\n')
    expect(admin.say('INFO commandstats')).toMatch(/cmdstat_blpop:.*rejected_calls=1/)
  })

  test('of a key is decided by what happens to it', () => {
    const { admin } = start('u %R~r* %W~w* ~a* +@all')
    const may = (command: string) => admin.say(`ACL DRYRUN u ${command}`) === '+OK\r\n'
    expect(may('COPY r1 w1')).toBe(true)
    expect(may('COPY w1 r1')).toBe(false)
    expect(may('SET w1 x')).toBe(true)
    expect(may('SET w1 x GET')).toBe(false)
    expect(may('GET w1')).toBe(false)
    expect(may('BITFIELD r1 GET u8 0')).toBe(true)
    expect(may('BITFIELD r1 SET u8 0 1')).toBe(false)
    expect(may('SORT r1 STORE w1')).toBe(true)
    expect(may('SORT r1 STORE r2')).toBe(false)
    expect(may('GEORADIUS r1 0 0 1 m STORE w1')).toBe(true)
    expect(may('MIGRATE host 1 a1 0 10')).toBe(true)
    expect(may('MIGRATE host 1 r1 0 10')).toBe(false)
    expect(may('ZUNIONSTORE w1 2 r1 r2')).toBe(true)
    expect(may('ZUNIONSTORE w1 2 r1 w2')).toBe(false)
    expect(may('XREAD STREAMS r1 w1 0 0')).toBe(false)
  })
})

describe('ACL LOG', () => {
  const entries = (talk: Talk, command = 'ACL LOG') => {
    const words = bulks(talk.say(command))
    const list: Record<string, string>[] = []
    for (let i = 0; i < words.length; i += 20) {
      const pairs = words.slice(i, i + 20)
      list.push(
        Object.fromEntries(pairs.flatMap((word, at) => (at % 2 ? [] : [[word, pairs[at + 1]!]]))),
      )
    }
    return list
  }

  test('tells reason, context, object, user and times', () => {
    const { lab, admin } = start('u on nopass ~a +get +multi +publish')
    const user = enter(lab, 'u')
    user.say('GET secret-key')
    user.say('MULTI')
    user.say('SET a b')
    user.say('PUBLISH c x')
    lab.pass(1500)
    user.say('AUTH u')
    lab.open().say('AUTH nobody x')
    const list = entries(admin)
    expect(
      list.map(({ reason, context, object, username }) => [reason, context, object, username]),
    ).toEqual([
      ['auth', 'toplevel', 'AUTH', 'nobody'],
      ['channel', 'multi', 'c', 'u'],
      ['command', 'multi', 'set', 'u'],
      ['key', 'toplevel', 'secret-key', 'u'],
    ])
    expect(list[1]).toMatchObject({
      count: ':1',
      'age-seconds': '1.5',
      'entry-id': ':2',
      'timestamp-created': ':1800000000000',
      'timestamp-last-updated': ':1800000000000',
    })
    expect(list[1]!['client-info']).toMatch(/^id=2 addr=127\.0\.0\.1:5000 .* cmd=publish user=u /)
    expect(admin.say('INFO stats')).toMatch(
      /acl_access_denied_auth:1\r\nacl_access_denied_cmd:1\r\nacl_access_denied_key:1\r\nacl_access_denied_channel:1/,
    )
  })

  test('counts the same denial within a minute once, and puts it first', () => {
    const { lab, admin } = start('u on nopass +ping')
    const user = enter(lab, 'u')
    user.say('GET a')
    user.say('SET a b')
    lab.pass(59_000)
    user.say('GET a')
    expect(entries(admin)).toMatchObject([
      {
        object: 'get',
        count: ':2',
        'entry-id': ':0',
        'timestamp-created': ':1800000000000',
        'timestamp-last-updated': ':1800000059000',
      },
      { object: 'set', count: ':1' },
    ])
    lab.pass(60_001)
    user.say('GET a')
    expect(entries(admin).map(({ count }) => count)).toEqual([':1', ':2', ':1'])
  })

  test('keeps as many as acllog-max-len says, and is emptied', () => {
    const { lab, admin } = start('u on nopass +ping')
    const user = enter(lab, 'u')
    for (const name of ['GET', 'SET', 'DEL', 'INCR', 'TYPE']) user.say(`${name} a b`)
    expect(entries(admin)).toHaveLength(2) // three of them had a wrong number of arguments
    for (const name of ['GET', 'DEL', 'INCR', 'TYPE']) user.say(`${name} a`)
    expect(entries(admin).map(({ object }) => object)).toEqual([
      'type',
      'incr',
      'del',
      'get',
      'set',
    ])
    expect(entries(admin, 'ACL LOG 2').map(({ object }) => object)).toEqual(['type', 'incr'])
    admin.say('CONFIG SET acllog-max-len 1')
    expect(entries(admin).map(({ object }) => object)).toEqual(['type'])
    expect(admin.say('ACL LOG RESET')).toBe('+OK\r\n')
    expect(admin.say('ACL LOG')).toBe('*0\r\n')
    admin.say('CONFIG SET acllog-max-len 0')
    user.say('GET a')
    expect(admin.say('ACL LOG')).toBe('*0\r\n')
  })
})

describe('a session', () => {
  const isClosed = (talk: Talk) => (talk.flags & (Flag.closeNow | Flag.closeAfter)) !== 0

  test('that listens to what its user may not hear any more is closed', () => {
    const { lab, admin } = start('u on nopass +@all &a &b* &c')
    const talks = ['SUBSCRIBE a', 'SUBSCRIBE b1', 'PSUBSCRIBE b*', 'SSUBSCRIBE c'].map(
      (command) => {
        const talk = enter(lab, 'u')
        talk.say(command)
        return talk
      },
    )
    admin.say('ACL SETUSER u resetchannels &a &b* &c &d')
    expect(talks.map(isClosed)).toEqual([false, false, false, false])
    admin.say('ACL SETUSER u resetchannels &a &b1')
    expect(talks.map(isClosed)).toEqual([false, false, true, true])
    admin.say('ACL SETUSER u allchannels')
    admin.say('ACL SETUSER u resetchannels')
    expect(talks.map(isClosed)).toEqual([true, true, true, true])
  })

  test('of a user who is removed is closed; the one that did it has its reply first', () => {
    const { lab, admin } = start('u on nopass ~* +@all')
    const other = enter(lab, 'u')
    const self = enter(lab, 'u')
    expect(self.say('ACL DELUSER u nobody')).toBe(':1\r\n')
    expect([isClosed(other), isClosed(self)]).toEqual([true, true])
    expect(self.flags & Flag.closeNow).toBe(0)
    expect(admin.say('ACL USERS')).toBe('*1\r\n$7\r\ndefault\r\n')
    expect(isClosed(admin)).toBe(false)
  })

  test('goes on when its user is turned off, but nobody else comes in', () => {
    const { lab, admin } = start('u on nopass ~* +@all')
    const user = enter(lab, 'u')
    admin.say('ACL SETUSER u off')
    expect(user.say('PING')).toBe('+PONG\r\n')
    expect(lab.open().say('AUTH u x')).toMatch(/^-WRONGPASS/)
  })

  test('is found by its user in CLIENT LIST and CLIENT KILL', () => {
    const { lab, admin } = start('u on nopass +ping')
    const user = enter(lab, 'u')
    expect(admin.say('CLIENT LIST')).toMatch(/ user=u /)
    expect(admin.say('CLIENT KILL USER nobody')).toBe("-ERR No such user 'nobody'\r\n")
    expect(admin.say('CLIENT KILL USER u')).toBe(':1\r\n')
    expect([isClosed(user), isClosed(admin)]).toEqual([true, false])
  })

  test('is the default user again after RESET', () => {
    const { lab, admin } = start('u on nopass +acl|whoami +reset')
    const user = enter(lab, 'u')
    expect(user.say('RESET')).toBe('+RESET\r\n')
    expect(user.say('ACL WHOAMI')).toBe('$7\r\ndefault\r\n')
    admin.say('ACL SETUSER default >secret')
    expect(user.say('PING')).toBe('+PONG\r\n')
    expect(lab.open().say('PING')).toBe('-NOAUTH Authentication required.\r\n')
    user.say('RESET')
    expect(user.say('PING')).toBe('-NOAUTH Authentication required.\r\n')
    expect(user.say('AUTH wrong')).toMatch(/^-WRONGPASS/)
    expect(user.say('AUTH secret')).toBe('+OK\r\n')
  })

  test('needs a login when the default user is off', () => {
    const { lab, admin } = start()
    admin.say('ACL SETUSER default off')
    expect(lab.open().say('PING')).toBe('-NOAUTH Authentication required.\r\n')
    expect(lab.open().say('AUTH default x')).toMatch(/^-WRONGPASS/)
  })

  test('is checked as soon as the default user is restricted', () => {
    const { lab, admin } = start()
    const user = lab.open()
    expect(user.say('SET a 1')).toBe('+OK\r\n')
    admin.say('ACL SETUSER default -set')
    expect(user.say('SET a 2')).toMatch(/^-NOPERM/)
    admin.say('ACL SETUSER default +set')
    expect(user.say('SET a 2')).toMatch(/^\+OK/)
  })

  test('of requirepass is one of a default user with that password', () => {
    const { lab, admin } = start()
    admin.say('CONFIG SET requirepass secret')
    expect(bulks(admin.say('ACL LIST'))).toEqual([
      `user default on sanitize-payload #${HASH} ~* &* +@all`,
    ])
    expect(lab.open().say('HELLO 3')).toMatch(/^-NOAUTH HELLO must be called/)
    expect(lab.open().say('HELLO 2 AUTH default secret')).toMatch(/^\*14/)
    admin.say(['CONFIG', 'SET', 'requirepass', ''])
    expect(bulks(admin.say('ACL LIST'))).toEqual([
      'user default on nopass sanitize-payload ~* &* +@all',
    ])
  })
})

describe('a parked session', () => {
  test('is the user of that name again, with the rules of then', () => {
    const { lab, admin } = start('u on nopass ~a +@all')
    const user = enter(lab, 'u')
    const back = user.sleep()
    expect(back.say('GET a')).toBe('$-1\r\n')
    expect(back.say('GET b')).toMatch(/^-NOPERM/)
    admin.say('ACL SETUSER u ~b')
    expect(back.sleep().say('GET b')).toBe('$-1\r\n')
  })

  test('does not come back when its user is gone', () => {
    const { lab, admin } = start('u on nopass ~a +@all')
    const parked = lab.engine.park(enter(lab, 'u').session)
    admin.say('ACL DELUSER u')
    expect(lab.engine.unpark(parked)).toBe(0)
  })

  test('that had to log in still has to', () => {
    const { lab, admin } = start()
    admin.say('CONFIG SET requirepass secret')
    expect(lab.open().sleep().say('PING')).toBe('-NOAUTH Authentication required.\r\n')
  })

  test('keeps the rules and the end of a token', () => {
    const lab = new Lab({ host: { command: () => Answered.later } })
    const internal = lab.open(Kind.internal)
    internal.say('WADI.DIRECTIVE token-key 0123456789abcdef0123456789abcdef')
    const guest = lab.open()
    guest.say('AUTH eyJhbGciOiJIUzI1NiJ9.e30.x')
    expect(guest.hear()).toBe('')
    const ends = lab.nowMs + 10_000
    const rules = 'RULES guest ~a* &n +get +subscribe +acl|whoami (~b +set)'
    expect(internal.say(`WADI.VERDICT 2 YES 0 - 3 ${ends} ${rules}`)).toBe('+OK\r\n')
    expect(guest.hear()).toBe('+OK\r\n')
    const back = guest.sleep()
    expect(back.say('ACL WHOAMI')).toBe('$5\r\nguest\r\n')
    expect(back.say('GET a1')).toBe('$-1\r\n')
    expect(back.say('SET b 1')).toBe('+OK\r\n')
    expect(back.say('SET a1 1')).toMatch(/^-NOPERM/)
    lab.pass(9_000)
    expect(back.say('GET a1')).toBe('$-1\r\n')
    const again = back.sleep()
    lab.nowMs += 1_000
    // Even before the engine was given time to look.
    expect(again.say('GET a1')).toBe('-NOAUTH Authentication required.\r\n')
    expect(isOver(again)).toBe(true)
  })

  test('whose token is over meanwhile is closed', () => {
    const lab = new Lab({ host: { command: () => Answered.later } })
    const internal = lab.open(Kind.internal)
    internal.say('WADI.DIRECTIVE token-key 0123456789abcdef0123456789abcdef')
    const guest = lab.open()
    guest.say('AUTH eyJhbGciOiJIUzI1NiJ9.e30.x')
    internal.say(`WADI.VERDICT 2 YES 0 - 0 ${lab.nowMs + 10_000} RULES guest +@all ~*`)
    guest.hear()
    const parked = lab.engine.park(guest.session)
    lab.engine.close(guest.session)
    lab.nowMs += 20_000
    const session = lab.engine.unpark(parked)
    lab.pass(0)
    expect(lab.engine.status(session) & (Flag.closeAfter | Flag.closeNow)).not.toBe(0)
  })

  const isOver = (talk: Talk) => (talk.flags & (Flag.closeAfter | Flag.closeNow)) !== 0
})

test('ACL GENPASS cannot be guessed by who knows the seed', () => {
  const passwords = [1, 2].flatMap(() => {
    const { admin } = start()
    return ['ACL GENPASS', 'ACL GENPASS', 'ACL GENPASS 1000'].map(
      (call) => bulks(admin.say(call))[0]!,
    )
  })
  expect(passwords.map((word) => word.length)).toEqual([64, 64, 250, 64, 64, 250])
  expect(new Set(passwords.map((word) => word.slice(0, 64))).size).toBe(6)
  for (const word of passwords) expect(word).toMatch(/^[0-9a-f]+$/)
})

describe('what only the host may say', () => {
  test.each([
    'WADI.VERDICT 1 YES',
    'WADI.LOGIN 1 0 default',
    'WADI.USER u on',
    'WADI.USERS f t',
    'WADI.TOKEN 1 t 0 n',
  ])('%s is unknown to clients, and no rule can allow it', (command) => {
    const { admin } = start()
    expect(admin.say(command)).toMatch(/^-ERR unknown command/)
    const [name] = command.split(' ')
    expect(admin.say(`ACL SETUSER u +${name}`)).toMatch(/Unknown command/)
    expect(admin.say(`ACL DRYRUN default ${command}`)).toMatch(/not found/)
    expect(admin.say('ACL CAT admin')).not.toContain('wadi')
  })
})

describe(`rules of any bytes, seed ${seed}`, () => {
  const PIECES = [
    '~',
    '%R~',
    '%W~',
    '&',
    '+',
    '-',
    '+@',
    '-@',
    '(',
    ')',
    '"',
    "'",
    '\\',
    '|',
    ' ',
    '*',
  ]
  const WORDS = [
    'a',
    'get',
    'set',
    'read',
    'all',
    'config|get',
    'select|0',
    '\xff\x00',
    '\t',
    '[',
    'x*y',
  ]

  test('make no user whose description does not make the same user again', () => {
    const { admin } = start()
    let taken = 0
    for (let i = 0; i < 4000; i++) {
      const random = new Random(seed + i)
      const rules = Array.from({ length: random.between(1, 5) }, () =>
        Array.from({ length: random.between(1, 6) }, () =>
          random.pick(random.once(2) ? PIECES : WORDS),
        ).join(''),
      )
      const first = random.pick(['', '(', '~', '&', '+', '-'])
      rules[0] = `${first}${rules[0]}${first === '(' ? ')' : ''}`
      const bytes = rules.map((rule) => Buffer.from(rule, 'latin1'))
      if (admin.say(['ACL', 'SETUSER', 'u', 'reset', ...bytes]) !== '+OK\r\n') continue
      taken++
      const [, line] = lines(admin)
      const words = line!.split(' ').slice(2)
      assert.equal(admin.say(['ACL', 'SETUSER', 'v', 'reset', ...latin1(words)]), '+OK\r\n', line)
      assert.equal(
        lines(admin)[2],
        line!.replace('user u', 'user v'),
        `${JSON.stringify(rules)}
${line}`,
      )
    }
    expect(taken).toBeGreaterThan(200)
  })

  const latin1 = (words: string[]) => words.map((word) => Buffer.from(word, 'latin1'))

  /** The replies of ACL LIST, whatever bytes are in them. */
  function lines(admin: Talk): string[] {
    const reply = admin.say('ACL LIST')
    const list: string[] = []
    for (let at = reply.indexOf('\r\n') + 2; at < reply.length;) {
      const end = reply.indexOf('\r\n', at)
      const size = Number(reply.slice(at + 1, end))
      list.push(reply.slice(end + 2, end + 2 + size))
      at = end + 4 + size
    }
    return list
  }
})
