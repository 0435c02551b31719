// Tokens, keys and passwords are in no answer and in nothing that is printed, whatever goes wrong.

import { expect, test } from 'vitest'
import { EngineCrash } from '../../host/core/errors.ts'
import { signToken } from '../../host/core/token.ts'
import { RespSocket, textOf, World } from './support/world.ts'

const KEY = 'the-signing-key-of-at-least-32-bytes'
const SECRETS = {
  WADI_TOKEN: 'the-token-that-writes',
  WADI_READONLY_TOKEN: 'the-token-that-reads',
  WADI_TOKEN_KEY: KEY,
}

test.each(['1', '2'])('of %s shards', { timeout: 60_000 }, async (shards) => {
  let printed = ''
  const world = await World.start({
    bindings: { ...SECRETS, WADI_SHARDS: shards, LAB_LOUD: 'yes' },
    print: (text) => (printed += text),
  })
  let answered = ''
  try {
    const signed = await signToken(KEY, { acl: '+get ~mine:*', expiresIn: 60, name: 'guest' })
    const gone = await signToken(KEY, { user: 'nobody', expiresIn: 60 })
    const secrets = [...Object.values(SECRETS), signed, gone, 'pass-of-zoe', 'wrong-guess']
    const ask = async (token: string, path: string, body?: unknown): Promise<void> => {
      const response = await fetch(world.url + path, {
        headers: { authorization: `Bearer ${token}` },
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      })
      answered += JSON.stringify([...response.headers]) + (await response.text())
    }
    for (const token of secrets) {
      await ask(token, '/', ['SET', 'k', 'v'])
      await ask(token, '/', ['NOSUCH', 'x'])
      await ask(token, '/get/%ff')
      await ask(token, '/metrics')
      await ask(token, '/nowhere/at/all/', {})
    }
    const { WADI_TOKEN: token } = SECRETS
    await ask(token, '/', ['ACL', 'SETUSER', 'zoe', 'on', '>pass-of-zoe', '+get', '~*'])
    for (const command of [
      ['ACL', 'LIST'],
      ['ACL', 'GETUSER', 'default'],
      ['ACL', 'GETUSER', 'zoe'],
      ['ACL', 'LOG'],
      ['SLOWLOG', 'GET', '-1'],
      ['CLIENT', 'LIST'],
      ['INFO', 'everything'],
    ])
      await ask(token, '/', command)
    const url = `${world.url.replace('http', 'ws')}/ws`
    for (const secret of secrets) {
      const socket = new RespSocket(url, {})
      await socket.opened
      for (const command of [
        ['AUTH', secret],
        ['AUTH', 'zoe', secret],
        ['HELLO', '3', 'AUTH', 'zoe', secret],
        ['AUTH', secret, secret, secret],
        ['CLIENT', 'LIST'],
        ['ACL', 'LOG'],
      ])
        answered += textOf(await socket.ask(...command))
      socket.terminate()
    }
    // The object breaks while one logs in, and says why.
    await world.faults({ writesLeft: 0 })
    await ask(token, '/', ['SET', '{x}k', 'v'])
    await world.faults({})
    await ask(token, '/', ['PING'])
    for (const secret of secrets) {
      expect(answered).not.toContain(secret)
      expect(printed).not.toContain(secret)
    }
    expect(answered).toContain('"result":"PONG"')
  } finally {
    await world.stop()
  }
  expect(printed).toMatch(shards === '1' ? /wadi: the disk is full/ : /^/)
})

test('a setting that cannot be is named, not shown', { timeout: 30_000 }, async () => {
  let printed = ''
  const bindings = { ...SECRETS, WADI_TOKEN_KEY: 'short', WADI_TOKEN: 'the-token-that-writes' }
  const world = await World.start({ bindings, print: (text) => (printed += text) })
  const response = await world.post('/', ['PING'], {
    authorization: `Bearer ${bindings.WADI_TOKEN}`,
  })
  const text = await response.text()
  await world.stop()
  for (const secret of [bindings.WADI_TOKEN, SECRETS.WADI_READONLY_TOKEN])
    expect(text + printed).not.toContain(secret)
})

test('a crash is reported without the arguments of AUTH and its like', () => {
  const shown = (...command: string[]) => new EngineCrash('it broke', command, undefined)
  expect(shown('GET', 'k').message).toBe('it broke (while running GET k)')
  for (const command of [
    ['AUTH', 'zoe', 'secret'],
    ['hello', '3', 'AUTH', 'zoe', 'secret'],
    ['ACL', 'SETUSER', 'zoe', '>secret'],
    ['CONFIG', 'SET', 'requirepass', 'secret'],
    ['WADI.USERS', 'x', 'user zoe >secret'],
  ])
    expect(shown(...command).message + shown(...command).command.join()).not.toContain('secret')
})
