/** A connection given to a stranger: tokens that log in, those that must not, and what happens when one is over. */
import { createHmac } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { signToken, TokenError, verifyToken } from '../../host/core/token.ts'
import { Connection } from '../support/resp.ts'
import { startServer } from '../support/server.ts'

const OLD_KEY = 'the-key-before-of-at-least-32-bytes'
const KEYS = ['the-key-of-now-of-at-least-32-bytes', OLD_KEY]
const REFUSED = '-WRONGPASS invalid or expired token\r\n'

async function start(config: Record<string, string | string[][]> = {}) {
  const { port } = await startServer({
    config: {
      'token-key': KEYS.join(' '),
      user: [
        ['bob', 'on', '>secret', '~b*', '+@all'],
        ['idle', 'off', '~*', '+@all'],
      ],
      ...config,
    },
  })
  const client = await Connection.connect(port)
  onTestFinished(() => client.close())
  const say = async (...command: (string | number)[]) =>
    (await client.call(...command)).bytes.toString('latin1')
  return { port, client, say }
}

const sign = (grant: Parameters<typeof signToken>[1], key = KEYS[0]!) =>
  signToken(key, { expiresIn: 60, ...grant })

const seconds = () => Math.floor(Date.now() / 1000)

describe('a token', () => {
  test('logs in as its user', async () => {
    const { say } = await start()
    expect(await say('AUTH', await sign({ user: 'bob', db: 3 }))).toBe('+OK\r\n')
    expect(await say('ACL', 'WHOAMI')).toBe('$3\r\nbob\r\n')
    expect(await say('CLIENT', 'INFO')).toMatch(/ db=3 .* user=bob /)
    expect(await say('SET', 'a', 1)).toBe('-NOPERM No permissions to access a key\r\n')
    expect(await say('SET', 'b', 1)).toBe('+OK\r\n')
  })

  test('gives rules of its own to a user who is in no list', async () => {
    const { port, say } = await start()
    const token = await sign({ acl: '~cart:7:* +@read +acl|whoami (~out +rpush)', name: 'guest-7' })
    expect(await say('AUTH', token)).toBe('+OK\r\n')
    expect(await say('ACL', 'WHOAMI')).toBe('$7\r\nguest-7\r\n')
    expect(await say('GET', 'cart:7:x')).toBe('$-1\r\n')
    expect(await say('GET', 'cart:8:x')).toBe('-NOPERM No permissions to access a key\r\n')
    expect(await say('RPUSH', 'out', 'x')).toBe(':1\r\n')
    expect(await say('ACL', 'LIST')).toMatch(/^-NOPERM User guest-7 has no permissions/)
    const admin = await Connection.connect(port)
    onTestFinished(() => admin.close())
    expect((await admin.call('ACL', 'USERS')).items.map((name) => name.text)).toEqual([
      'bob',
      'default',
      'idle',
    ])
    expect((await admin.call('CLIENT', 'LIST')).text).toContain(' user=guest-7 ')
  })

  test('logs in with HELLO, which says what it says then', async () => {
    const { client, say } = await start({ requirepass: 'pw' })
    const token = await sign({ user: 'bob' })
    client.write(Buffer.from(`HELLO 3 AUTH default ${token} SETNAME me\r\nCLIENT GETNAME\r\n`))
    const [hello, name] = await client.replies(2)
    expect(hello!.type).toBe('%')
    expect(name!.text).toBe('me')
    expect(await say('GET', 'b')).toBe('_\r\n')
    expect(await say('AUTH', 'default', token)).toBe('+OK\r\n')
  })

  test('is taken again after another login, and a password after a token', async () => {
    const { say } = await start({ requirepass: 'pw' })
    expect(await say('AUTH', await sign({ acl: '+acl|whoami', name: 'x' }))).toBe('+OK\r\n')
    expect(await say('AUTH', 'pw')).toBe('+OK\r\n')
    expect(await say('ACL', 'WHOAMI')).toBe('$7\r\ndefault\r\n')
    expect(await say('AUTH', await sign({ acl: ['+acl|whoami'], name: 'y' }))).toBe('+OK\r\n')
    expect(await say('ACL', 'WHOAMI')).toBe('$1\r\ny\r\n')
    expect(await say('RESET')).toBe('+RESET\r\n')
    expect(await say('GET', 'b')).toBe('-NOAUTH Authentication required.\r\n')
  })

  test('of an old key is taken while that is one of the keys', async () => {
    const { say } = await start()
    const token = await sign({ user: 'bob' }, OLD_KEY)
    expect(await say('AUTH', token)).toBe('+OK\r\n')
    expect(await say('AUTH', 'bob', 'secret')).toBe('+OK\r\n')
    expect(await say('CONFIG', 'SET', 'token-key', KEYS[0]!)).toBe('+OK\r\n')
    expect(await say('AUTH', token)).toBe(REFUSED)
  })

  test('that others sent meanwhile keep their order behind it', async () => {
    const { client } = await start()
    const token = await sign({ user: 'bob' })
    client.write(Buffer.from(`AUTH ${token}\r\nSET b 1\r\nSET a 1\r\nACL WHOAMI\r\n`))
    const replies = await client.replies(4)
    expect(replies.map((reply) => reply.text)).toEqual([
      'OK',
      'OK',
      'NOPERM No permissions to access a key',
      'bob',
    ])
  })

  test('is no word for the log of slow commands', async () => {
    const { say } = await start()
    await say('CONFIG', 'SET', 'slowlog-log-slower-than', 0)
    const token = await sign({ user: 'bob' })
    await say('AUTH', token)
    expect(await say('SLOWLOG', 'GET')).not.toContain(token)
  })
})

describe('a token is refused', () => {
  const other = 'a-key-that-the-server-has-never-heard-of'

  /** The token of a claim set with one part changed. */
  const forged = (token: string, part: 0 | 1 | 2, text: string) =>
    token
      .split('.')
      .map((old, i) => (i === part ? text : old))
      .join('.')
  const encode = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')
  const hs256 = (header: object, claims: object, key: string, algorithm = 'sha256') => {
    const signed = `${encode(header)}.${encode(claims)}`
    return `${signed}.${createHmac(algorithm, key).update(signed).digest('base64url')}`
  }

  const cases: [why: string, () => string | Promise<string>][] = [
    ['it is over', () => signToken(KEYS[0]!, { user: 'bob', expiresAt: seconds() - 1 })],
    ['it was signed with another key', () => sign({ user: 'bob' }, other)],
    [
      'its claims were changed',
      async () =>
        forged(await sign({ user: 'bob' }), 1, encode({ user: 'default', exp: seconds() + 60 })),
    ],
    ['its signature was cut off', async () => forged(await sign({ user: 'bob' }), 2, '')],
    [
      'its signature is another',
      async () => forged(await sign({ user: 'bob' }), 2, 'A'.repeat(43)),
    ],
    [
      'it is not signed at all (alg none)',
      () => new UnsecuredJWT({ user: 'bob' }).setExpirationTime('1m').encode(),
    ],
    [
      'it says alg none and has a signature',
      () => hs256({ alg: 'none' }, { user: 'bob', exp: seconds() + 60 }, KEYS[0]!),
    ],
    [
      'it is signed with another algorithm',
      () =>
        new SignJWT({ user: 'bob' })
          .setProtectedHeader({ alg: 'HS512' })
          .setExpirationTime('1m')
          .sign(new TextEncoder().encode(`${KEYS[0]!}${'-'.repeat(64)}`)),
    ],
    [
      'it names another algorithm than it has',
      () => hs256({ alg: 'HS512' }, { user: 'bob', exp: seconds() + 60 }, KEYS[0]!),
    ],
    ['it has no end', () => hs256({ alg: 'HS256' }, { user: 'bob' }, KEYS[0]!)],
    [
      'its end is no number',
      () => hs256({ alg: 'HS256' }, { user: 'bob', exp: '9999999999' }, KEYS[0]!),
    ],
    [
      'its end is beyond all numbers',
      () => hs256({ alg: 'HS256' }, { user: 'bob', exp: 1e300 }, KEYS[0]!),
    ],
    [
      'it does not hold yet',
      () =>
        hs256(
          { alg: 'HS256' },
          { user: 'bob', nbf: seconds() + 60, exp: seconds() + 120 },
          KEYS[0]!,
        ),
    ],
    [
      'it has a critical header that nobody knows',
      () =>
        hs256({ alg: 'HS256', crit: ['x'], x: 1 }, { user: 'bob', exp: seconds() + 60 }, KEYS[0]!),
    ],
    ['there is no such user', () => sign({ user: 'nobody' })],
    ['the user is off', () => sign({ user: 'idle' })],
    ['there is no such database', () => sign({ user: 'bob', db: 16 })],
    ['the database is negative', () => sign({ user: 'bob', db: -1 })],
    ['a rule is wrong', () => sign({ acl: '+nosuch' })],
    ['a selector does not end', () => sign({ acl: '(+get ~a' })],
    ['the name has a blank', () => sign({ acl: '+get', name: 'a b user=default' })],
    [
      'it grants neither user nor rules',
      () => hs256({ alg: 'HS256' }, { exp: seconds() + 60 }, KEYS[0]!),
    ],
    [
      'it grants both',
      () => hs256({ alg: 'HS256' }, { user: 'bob', acl: '+@all', exp: seconds() + 60 }, KEYS[0]!),
    ],
    [
      'its rules are no text',
      () => hs256({ alg: 'HS256' }, { acl: { on: 1 }, exp: seconds() + 60 }, KEYS[0]!),
    ],
    ['its claims are no object', () => hs256({ alg: 'HS256' }, [1, 2], KEYS[0]!)],
    ['its parts are no base64', () => 'eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyIjoiYm9iIn0.-_-'],
  ]
  test.for(cases)('when %s', async ([, make]) => {
    const { say } = await start()
    const token = await make()
    expect(await say('AUTH', token)).toBe(REFUSED)
    expect(await say('ACL', 'WHOAMI')).toBe('$7\r\ndefault\r\n')
    expect(await say('ACL', 'LOG')).toContain('auth')
    expect(await say('INFO', 'stats')).toContain('acl_access_denied_auth:1')
  })

  test('where no key is set, as any other word', async () => {
    const { say } = await start({ 'token-key': '', requirepass: 'pw' })
    expect(await say('AUTH', await sign({ user: 'bob' }))).toMatch(
      /^-WRONGPASS invalid username-password pair/,
    )
  })

  test('inside a transaction', async () => {
    const { say } = await start()
    await say('MULTI')
    expect(await say('AUTH', await sign({ user: 'bob' }))).toBe('+QUEUED\r\n')
    expect(await say('EXEC')).toBe('*1\r\n-ERR Command not allowed inside a transaction\r\n')
    expect(await say('ACL', 'WHOAMI')).toBe('$7\r\ndefault\r\n')
  })

  test('when a short key is set, which is refused itself', async () => {
    const { say } = await start()
    expect(await say('CONFIG', 'SET', 'token-key', 'short')).toMatch(/at least 32 bytes/)
    await expect(start({ 'token-key': 'short' })).rejects.toThrow(/at least 32 bytes/)
  })
})

describe('a login that ends', () => {
  test.for(['SUBSCRIBE news', 'BLPOP list 0', 'PING'])(
    'closes its connection, whatever that does: %s',
    async (command) => {
      const { client, say } = await start()
      const token = await signToken(KEYS[0]!, { acl: '+@all ~* &*', expiresAt: seconds() + 1 })
      expect(await say('AUTH', token)).toBe('+OK\r\n')
      client.write(Buffer.from(`${command}\r\n`))
      expect(await client.closing(5000)).toBe(true)
    },
  )

  test('leaves nothing behind', async () => {
    const { port, client, say } = await start()
    const token = await signToken(KEYS[0]!, { acl: '+subscribe &*', expiresAt: seconds() + 1 })
    expect(await say('AUTH', token)).toBe('+OK\r\n')
    await say('SUBSCRIBE', 'news')
    expect(await client.closing(5000)).toBe(true)
    const admin = await Connection.connect(port)
    onTestFinished(() => admin.close())
    expect((await admin.call('PUBSUB', 'NUMSUB', 'news')).items[1]!.text).toBe('0')
  })
})

describe('the functions', () => {
  test('give back what was signed', async () => {
    const token = await signToken(
      KEYS[0]!,
      { acl: ['~a', '+get'], db: 2, name: 'n', expiresIn: 9 },
      5000,
    )
    expect(await verifyToken(KEYS, token, 6000)).toEqual({
      acl: '~a +get',
      db: 2,
      name: 'n',
      endsMs: 14_000,
    })
    await expect(verifyToken(KEYS, token, 14_000)).rejects.toThrow(TokenError)
    await expect(verifyToken([], token, 6000)).rejects.toThrow('there is no key')
  })

  test('sign nothing that would not be taken', async () => {
    await expect(signToken('short', { user: 'a', expiresIn: 1 })).rejects.toThrow(TokenError)
    await expect(signToken(KEYS[0]!, { user: 'a' })).rejects.toThrow('needs an end')
    await expect(signToken(KEYS[0]!, { expiresIn: 1 })).rejects.toThrow('user or rules')
    await expect(signToken(KEYS[0]!, { user: 'a', acl: '+get', expiresIn: 1 })).rejects.toThrow(
      'not both',
    )
  })
})
