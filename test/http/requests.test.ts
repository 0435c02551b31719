// The lines of the REST protocol that have nothing to do with commands, in every home.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Home, HOMES } from './upstash/homes.ts'

const json = async (response: Response): Promise<unknown> => response.json()

describe.each(HOMES)('on $name', ({ start, hasShards }) => {
  let home: Home
  beforeAll(async () => {
    home = await start()
  })
  afterAll(() => home.stop())

  const headers = () => ({ authorization: `Bearer ${home.token}` })

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(home.url + path, {
      ...init,
      headers: { ...headers(), ...(init.headers as Record<string, string>) },
    })

  const post = (path: string, body: string, more: Record<string, string> = {}) =>
    ask(path, { method: 'POST', body, headers: more })

  test.each<[string, string, string | undefined, unknown]>([
    ['GET', '/set/k/v', undefined, 'OK'],
    ['GET', '/SET/k/v/EX/100', undefined, 'OK'],
    ['GET', '/get/k', undefined, 'v'],
    ['GET', '/set/k%2F1/a%20%26b%3F?EX=100', undefined, 'OK'],
    ['GET', '/get/k%2F1', undefined, 'a &b?'],
    ['GET', '/ttl/k%2F1', undefined, 100],
    ['POST', '/set/posted?EX=100&NX', 'the body, "as it is"', 'OK'],
    ['GET', '/get/posted', undefined, 'the body, "as it is"'],
    ['PUT', '/append/posted', '!', 21],
    ['POST', '/incr/n', undefined, 1],
    ['POST', '/', '["SET", "typed", 1.50]', 'OK'],
    ['POST', '/', '["APPEND", "typed", true]', 8],
    ['POST', '/', '["GET", "typed"]', '1.50true'],
    ['POST', '/', '["ECHO", 12345678901234567890]', '12345678901234567890'],
    ['POST', '/', '["ECHO", 1e400]', '1e400'],
    ['POST', '/', '["ECHO", {"big": 12345678901234567890}]', '{"big":12345678901234567890}'],
    ['POST', '/', '["ECHO", null]', 'null'],
    ['POST', '/', '["ECHO", "\\u00e9\\ud83d\\ude00"]', 'é😀'],
    ['PUT', '/', '["ECHO", "put"]', 'put'],
    ['POST', '/', '["SET", "big", 9223372036854775806]', 'OK'],
  ])('%s %s with %s', async (method, path, body, result) => {
    const response = await ask(path, { method, ...(body !== undefined && { body }) })
    expect(await json(response)).toEqual({ result })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('upstash-sync-token')).not.toBe(null)
  })

  test('an integer of 64 bits is a number with all its digits', async () => {
    await post('/', '["SET", "big", 9223372036854775806]')
    expect(await (await post('/', '["INCR", "big"]')).text()).toBe('{"result":9223372036854775807}')
  })

  test('HEAD answers what GET would, without a body, and leaves no listener behind', async () => {
    const response = await ask('/set/head/v', { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(await json(await ask('/get/head'))).toEqual({ result: 'v' })
    expect((await ask('/nosuch', { method: 'HEAD' })).status).toBe(400)
    expect((await ask('/subscribe/silent', { method: 'HEAD' })).status).toBe(200)
    expect(await json(await ask('/pubsub/numsub/silent'))).toEqual({ result: ['silent', 0] })
  })

  test.each(['DELETE', 'PATCH', 'OPTIONS'])('%s is no method', async (method) => {
    const response = await ask('/get/k', { method })
    expect([response.status, response.headers.get('allow')]).toEqual([
      405,
      'GET, HEAD, POST, PUT, OPTIONS',
    ])
    expect(await json(response)).toEqual({ error: 'ERR method not allowed' })
  })

  test('strings are base64 at every depth, and the status OK alone is not', async () => {
    const encoded = async (path: string, body: unknown) =>
      json(await post(path, JSON.stringify(body), { 'Upstash-Encoding': 'base64' }))
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    expect(await encoded('/', ['SET', 'k', 'OK'])).toEqual({ result: 'OK' })
    expect(await encoded('/', ['GET', 'k'])).toEqual({ result: base64('OK') })
    expect(await encoded('/', ['PING'])).toEqual({ result: base64('PONG') })
    expect(await encoded('/', ['TYPE', 'none'])).toEqual({ result: base64('none') })
    const nested = "return {{ok = 'OK'}, 'x', 1, false, {redis.status_reply('OK'), {'é', 2}}}"
    const deep = [base64('OK'), base64('x'), 1, null, [base64('OK'), [base64('é'), 2]]]
    expect(await encoded('/', ['EVAL', nested, 0])).toEqual({ result: deep })
    expect(await encoded('/', ['EVAL', "return redis.error_reply('ERR é')", 0])).toEqual({
      error: 'ERR é',
    })
    const commands = [
      ['SET', 'k', 'v'],
      ['GET', 'k'],
      ['MGET', 'k', 'none'],
      ['LPUSH', 'k', 'x'],
    ]
    const items = [
      { result: 'OK' },
      { result: base64('v') },
      { result: [base64('v'), null] },
      { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
    ]
    expect(await encoded('/pipeline', commands)).toEqual(items)
  })

  test('bytes that are no UTF-8 come and go', async () => {
    const bytes = Buffer.from([0, 0xff, 0xfe, 0x80, 10, 13])
    await ask('/set/bytes', { method: 'POST', body: bytes })
    const got = await ask('/get/bytes', { headers: { 'upstash-encoding': 'base64' } })
    expect(await json(got)).toEqual({ result: bytes.toString('base64') })
  })

  test.each([
    ['/', '', 'ERR failed to parse request'],
    ['/', '{"a": 1}', 'ERR failed to parse command'],
    ['/', '[]', 'ERR empty command'],
    [
      '/',
      '["REPLCONF", "GETACK", "*"]',
      'ERR REPLCONF needs a connection: it is not for a request',
    ],
    ['/pipeline', '{}', 'ERR failed to parse pipeline request'],
    ['/pipeline', '[]', 'ERR empty pipeline request'],
    ['/pipeline', '["PING"]', 'ERR failed to parse command'],
    ['/multi-exec', '[]', 'ERR empty pipeline request'],
    ['/multi-exec', '[["NOSUCH"]]', 'EXECABORT Transaction discarded because of previous errors.'],
    ['/get/%ff', undefined, 'ERR the path is not percent-encoded UTF-8'],
    ['/subscribe', '[]', "ERR wrong number of arguments for 'subscribe' command"],
  ])('%s with %s answers 400', async (path, body, error) => {
    const response = body === undefined ? await ask(path) : await post(path, body)
    expect(await json(response)).toEqual({ error })
    expect(response.status).toBe(400)
    expect(response.headers.get('upstash-sync-token')).not.toBe(null)
  })

  test('a body that is not UTF-8 is no JSON', async () => {
    const body = Buffer.from('["SET", "k", "\xff"]', 'latin1')
    const response = await ask('/', { method: 'POST', body })
    expect(await json(response)).toEqual({ error: 'ERR failed to parse request' })
  })

  test.each(['/get/k', '/subscribe/c', '/blpop/k/0'])('401 for strangers at %s', async (path) => {
    for (const given of [{}, { authorization: 'Bearer wrong' }]) {
      const response = await fetch(home.url + path, { headers: given as Record<string, string> })
      expect(response.status).toBe(401)
      expect(await json(response)).toEqual({ error: 'Unauthorized' })
    }
    expect((await fetch(`${home.url}${path}?_token=wrong`)).status).toBe(401)
  })

  test('the token can come in the URL, but not from a page', async () => {
    const url = `${home.url}/set/by-url/v?EX=100&_token=${home.token}`
    expect(await json(await fetch(url))).toEqual({ result: 'OK' })
    expect(await json(await ask('/get/by-url?_token=another'))).toEqual({ result: 'v' })
    const own = { origin: home.url }
    expect((await fetch(url, { headers: own })).status).toBe(401)
    expect((await fetch(url, { headers: { 'sec-fetch-site': 'none' } })).status).toBe(401)
  })

  // Of several shards none sees them all.
  test.each(hasShards ? [] : ['/monitor'])('%s streams the commands of others', async (path) => {
    const { body } = await ask(path)
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe('data: OK\n\n')
    await ask('/get/watched')
    let heard = ''
    while (!heard.includes('watched')) heard += (await reader.read()).value ?? ''
    // On the HTTP port, the request logs in first.
    expect(heard).toMatch(/^data: \d+\.\d+ \[0 [^\]]+\] "get" "watched"\n\n$/m)
    await reader.cancel()
  })

  test('several channels are one stream, and no message brings another', async () => {
    const response = await post('/subscribe/one/two%20words', '[]', { accept: 'text/event-stream' })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    const hear = async (events: number): Promise<string> => {
      while (heard.split('\n\n').length <= events) heard += (await reader.read()).value ?? ''
      const all = heard
      heard = ''
      return all
    }
    expect(await hear(2)).toBe('data: subscribe,one,1\n\ndata: subscribe,two words,2\n\n')
    await post('/', JSON.stringify(['PUBLISH', 'two words', 'a,b']))
    expect(await hear(1)).toBe('data: message,two words,a,b\n\n')
    const forged = 'a\nmessage,other,b\r message,other,c\r\ndata: message,other,d'
    await post('/', JSON.stringify(['PUBLISH', 'one', forged]))
    expect(await hear(1)).toBe(
      'data: message,one,a\ndata:message,other,b\ndata:  message,other,c\ndata:data: message,other,d\n\n',
    )
    await reader.cancel()
  })
})
