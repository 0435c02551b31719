/** Users in the configuration file and in ACL files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Connection } from '../support/resp.ts'
import { startServer } from '../support/server.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'wadi-users-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** An ACL file with these lines. */
function aclFile(...lines: string[]): string {
  const path = join(folder(), 'users.acl')
  writeFileSync(path, lines.join('\n'))
  return path
}

async function start(config: Record<string, string | string[][]>) {
  const log: string[] = []
  const { port } = await startServer({ config, log: (line) => log.push(line) })
  const open = async () => {
    const client = await Connection.connect(port)
    onTestFinished(() => client.close())
    return client
  }
  const client = await open()
  return {
    log,
    open,
    client,
    say: async (...command: string[]) => {
      const reply = await client.call(...command)
      return reply.isAggregate ? reply.items.map((item) => item.text) : reply.text
    },
  }
}

describe('user lines', () => {
  test('make users, after all other directives and with the last word on the default one', async () => {
    const { say } = await start({
      user: [
        ['bob', 'on', '>x', '~b*', '+get'],
        ['default', 'on', 'nopass', '~*', '+@all', '(+get', '~x)'],
      ],
      'acl-pubsub-default': 'allchannels',
      requirepass: 'pw',
    })
    const [bob, all] = (await say('ACL', 'LIST')) as string[]
    expect(bob).toMatch(/^user bob on sanitize-payload #[0-9a-f]{64} ~b\* &\* -@all \+get$/)
    expect(all).toBe('user default on nopass sanitize-payload ~* &* +@all (~x &* -@all +get)')
  })

  test.for([
    [
      ['bob', '+nosuch'],
      `Error in user declaration '+nosuch': Unknown command or category name in ACL`,
    ],
    [['bob', 'nonsense'], `Error in user declaration 'nonsense': Syntax error`],
    [['a b'], 'Spaces not allowed in ACL usernames'],
    [['bob', '(+get'], `Unmatched parenthesis in acl selector starting at '(+get'.`],
    [[], 'Bad directive or wrong number of arguments'],
  ] as const)('that are wrong stop the start: %j', async ([line, reason]) => {
    await expect(start({ user: [[...line]] })).rejects.toThrow(reason)
  })

  test('tell of each user once', async () => {
    await expect(start({ user: [['bob', 'on'], ['bob']] })).rejects.toThrow(
      `Error in user declaration 'bob': Duplicate user found. A user can only be defined once in config files`,
    )
  })

  test('without on are reported', async () => {
    const { log } = await start({ user: [['bob', '+get']] })
    expect(log.join('\n')).toContain("The user 'bob' is disabled (there is no 'on' modifier")
  })

  test('may name commands that this server has not', async () => {
    const { say } = await start({ user: [['bob', 'on', '+failover', '-cluster|slots', '+@read']] })
    expect((await say('ACL', 'LIST'))[0]).toMatch(/-@all \+failover -cluster\|slots \+@read$/)
  })
})

describe('an ACL file', () => {
  test('takes the place of all users, at the start and with ACL LOAD', async () => {
    const aclfile = aclFile(
      '# who may come in',
      '',
      'user bob on nopass ~b*  +@all   (+get ~x)',
      'user default on nopass ~* &* +@all -flushall',
    )
    const { open, say } = await start({ aclfile })
    expect(await say('ACL', 'USERS')).toEqual(['bob', 'default'])
    expect(await say('FLUSHALL')).toMatch(/^NOPERM/)
    const bob = await open()
    await bob.call('AUTH', 'bob', 'x')
    writeFileSync(aclfile, 'user bob on nopass ~c* +@all\nuser eve off')
    expect(await say('ACL', 'LOAD')).toBe('OK')
    expect(await say('ACL', 'USERS')).toEqual(['bob', 'default', 'eve'])
    // Connections go on as the user of their name, and the default user may do all when the file is silent.
    expect((await bob.call('GET', 'b')).text).toBe('NOPERM No permissions to access a key')
    expect((await bob.call('GET', 'c')).isNull).toBe(true)
    expect(await say('FLUSHALL')).toBe('OK')
    writeFileSync(aclfile, '')
    expect(await say('ACL', 'LOAD')).toBe('OK')
    expect(await bob.closing()).toBe(true)
  })

  test('is written whole by ACL SAVE, and read again', async () => {
    const aclfile = aclFile('user default on nopass ~* &* +@all')
    const { say } = await start({ aclfile })
    await say('ACL', 'SETUSER', 'bob', 'on', '>x', '%R~r', '&c', '+get', '(+set ~w)')
    expect(await say('ACL', 'SAVE')).toBe('OK')
    const text = readFileSync(aclfile, 'latin1')
    expect(text).toBe(((await say('ACL', 'LIST')) as string[]).map((line) => `${line}\n`).join(''))
    await say('ACL', 'DELUSER', 'bob')
    expect(await say('ACL', 'LOAD')).toBe('OK')
    expect(await say('ACL', 'LIST')).toEqual(text.trimEnd().split('\n'))
  })

  test('that is wrong changes nothing, and every line is told', async () => {
    const aclfile = aclFile('user bob on nopass +@all ~*')
    const { say } = await start({ aclfile })
    writeFileSync(
      aclfile,
      [
        'user bob +nosuch +@none what ~* ~b',
        'usr eve on',
        'user',
        'user eve on',
        'user eve on',
        'user carl (+get',
        'user dora #123',
      ].join('\n'),
    )
    expect(await say('ACL', 'LOAD')).toBe(
      `ERR ${aclfile}:1: Error in applying operation '+nosuch': Unknown command or category name in ACL. ` +
        `${aclfile}:1: Error in applying operation '+@none': Unknown command or category name in ACL. ` +
        `${aclfile}:1: Syntax error. ` +
        `${aclfile}:2 should start with user keyword followed by the username. ` +
        `${aclfile}:3 should start with user keyword followed by the username. ` +
        `WARNING: Duplicate user 'eve' found on line 5. ` +
        `${aclfile}:6: Unmatched parenthesis in selector definition.` +
        `${aclfile}:7: The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters. ` +
        'WARNING: ACL errors detected, no change to the previously active ACL rules was performed',
    )
    expect(await say('ACL', 'USERS')).toEqual(['bob', 'default'])
  })

  test('that is gone is told, and none is configured', async () => {
    const aclfile = aclFile('user bob on')
    const { say } = await start({ aclfile })
    rmSync(aclfile)
    expect(await say('ACL', 'LOAD')).toBe(
      `ERR Error loading ACLs, opening file '${aclfile}': No such file or directory`,
    )
    const other = await start({})
    const none = /^ERR This Redis instance is not configured to use an ACL file\./
    expect(await other.say('ACL', 'LOAD')).toMatch(none)
    expect(await other.say('ACL', 'SAVE')).toMatch(none)
  })

  test('that is not there, or is wrong, or stands beside user lines, stops the start', async () => {
    await expect(start({ aclfile: join(folder(), 'none') })).rejects.toThrow(
      'the users cannot be had',
    )
    await expect(start({ aclfile: aclFile('user bob what') })).rejects.toThrow(
      'the users cannot be had',
    )
    await expect(start({ aclfile: aclFile(), user: [['bob']] })).rejects.toThrow(
      'the users cannot be had',
    )
  })

  test('keeps connections that hear what they may not any more from hearing it', async () => {
    const aclfile = aclFile('user bob on nopass &a &b +@all', 'user eve on nopass &a &b +@all')
    const { open, say } = await start({ aclfile })
    const [bob, eve] = await Promise.all([open(), open()])
    await bob.call('AUTH', 'bob', 'x')
    await eve.call('AUTH', 'eve', 'x')
    await bob.call('SUBSCRIBE', 'a')
    await eve.call('SUBSCRIBE', 'a')
    writeFileSync(aclfile, 'user bob on nopass &b +@all\nuser eve on nopass &a +@all\n')
    expect(await say('ACL', 'LOAD')).toBe('OK')
    expect(await bob.closing()).toBe(true)
    expect(eve.closed).toBe(false)
  })
})

describe('a script', () => {
  test('may do what its caller may, and what it is denied is in the log', async () => {
    const { client, say } = await start({
      user: [['bob', 'on', 'nopass', '~k*', '%R~r*', '+@all', '-flushall']],
    })
    await say('AUTH', 'bob', 'x')
    const run = async (script: string, ...keys: string[]) =>
      ((await say('EVAL', `return ${script}`, String(keys.length), ...keys)) as string).replace(
        / script: [0-9a-f]{40}.*/,
        '',
      )
    expect(await run(`redis.call('SET', KEYS[1], 'v')`, 'k')).toBe('OK')
    expect(await run(`redis.call('SET', KEYS[1], 'v')`, 'x')).toBe(
      'NOPERM No permissions to access a key',
    )
    expect(await run(`redis.call('SET', 'x', 'v')`)).toBe(
      'ERR ACL failure in script: No permissions to access a key',
    )
    expect(await run(`redis.call('SET', 'r', 'v')`)).toMatch(/^ERR ACL failure in script: No perm/)
    expect(await run(`tostring(redis.call('GET', 'r'))`)).toBe('false')
    expect(await run(`redis.pcall('FLUSHALL').err`)).toBe(
      "ERR ACL failure in script: User bob has no permissions to run the 'flushall' command",
    )
    expect(await run(`redis.call('PUBLISH', 'c', 'x')`)).toBe(
      'ERR ACL failure in script: No permissions to access a channel',
    )
    expect(await run(`tostring(redis.acl_check_cmd('set', 'x', 'v'))`)).toBe('false')
    expect(await run(`tostring(redis.acl_check_cmd('set', 'k', 'v'))`)).toBe('true')
    const [log] = await client.exchange([['ACL', 'LOG', '2']])
    const entries = log!.items.map((entry) => entry.items.map((item) => item.text).slice(2, 10))
    expect(entries).toEqual([
      ['reason', 'channel', 'context', 'lua', 'object', 'c', 'username', 'bob'],
      ['reason', 'command', 'context', 'lua', 'object', 'flushall', 'username', 'bob'],
    ])
    expect(log!.items[0]!.items[13]!.text).toMatch(/ cmd=eval user=bob /)
  })
})

describe('secrets', () => {
  test('are shown neither to MONITOR nor in the slow log', async () => {
    const { open, client, say } = await start({})
    await say('CONFIG', 'SET', 'slowlog-log-slower-than', '0')
    const watcher = await open()
    await watcher.call('MONITOR')
    await say('ACL', 'SETUSER', 'bob', 'on', '>hidden-1', '+@all')
    await say('AUTH', 'bob', 'hidden-2')
    await say('HELLO', '2', 'AUTH', 'bob', 'hidden-3')
    await say('ACL', 'GETUSER', 'bob')
    await say('ACL', 'DELUSER', 'bob-of-old')
    await say('CONFIG', 'SET', 'requirepass', 'hidden-4')
    await say('AUTH', 'hidden-5')
    await say('SET', 'k', 'v')
    await say('MIGRATE', '127.0.0.1', '1', 'k', '0', '10', 'AUTH2', 'bob', 'hidden-6')
    await say('MIGRATE', '127.0.0.1', '1', 'k', '0', '10', 'COPY', 'AUTH', 'hidden-7')
    await say('PING', 'seen')
    const lines: string[] = []
    for (let last = ''; !last.includes('"seen"'); lines.push(last)) {
      await watcher.arrival(1, 2000)
      last = watcher
        .take()
        .map((line) => line.text)
        .join('\n')
    }
    const [slow] = await client.exchange([['SLOWLOG', 'GET', '-1']])
    for (const text of [lines.join('\n'), slow!.bytes.toString('latin1')]) {
      expect(text).not.toContain('hidden')
      expect(text).not.toMatch(/"?bob/)
    }
    expect(slow!.bytes.toString('latin1')).toContain('(redacted)')
  })

  test('are kept apart from who only resembles them', async () => {
    const { say } = await start({
      user: [
        ['bob', 'on', '>secret', '+@all'],
        ['eve', 'on', '+@all'],
        ['off', 'off', 'nopass', '+@all'],
      ],
    })
    const wrong = 'WRONGPASS invalid username-password pair or user is disabled.'
    const attempts = [
      ...['', 'secre', 'secret ', 'Secret', 'secret\0', 'x'.repeat(10_000)].map((word) => [
        'bob',
        word,
      ]),
      ['Bob', 'secret'],
      ['bob\0', 'secret'],
      ['', 'secret'],
      ['eve', ''],
      ['off', ''],
      ['bob', '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b'],
      ['x'.repeat(10_000), ''],
    ] as [string, string][]
    for (const [name, word] of attempts) {
      expect(await say('AUTH', name, word)).toBe(wrong)
      expect(await say('HELLO', '3', 'AUTH', name, word)).toBe(wrong)
    }
    expect(await say('ACL', 'WHOAMI')).toBe('default')
    expect(await say('INFO', 'stats')).toContain(`acl_access_denied_auth:${attempts.length * 2}`)
  })
})
