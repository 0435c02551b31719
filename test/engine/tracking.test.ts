/** What tracking does that two servers cannot be compared in: its limit, its counters, and sleep. */
import { expect, test } from 'vitest'
import { Lab, type Talk } from '../support/lab.ts'

const INVALID = (key: string) => `>2\r\n$10\r\ninvalidate\r\n*1\r\n$${key.length}\r\n${key}\r\n`
const ALL_INVALID = '>2\r\n$10\r\ninvalidate\r\n_\r\n'

function tracker(lab: Lab, options = ''): Talk {
  const talk = lab.open()
  talk.say('HELLO 3')
  expect(talk.say(`CLIENT TRACKING ON ${options}`.trim())).toBe('+OK\r\n')
  return talk
}

const counter = (talk: Talk, name: string) =>
  Number(new RegExp(`${name}:(\\d+)`).exec(talk.say('INFO'))?.[1])

test('the table of tracked keys keeps to its limit, and what it forgets is invalid', () => {
  const lab = new Lab({ seed: [3, 4] })
  const other = lab.open()
  other.say('CONFIG SET tracking-table-max-keys 10')
  const talk = tracker(lab)
  const forgotten = new Set<string>()
  for (let i = 0; i < 200; i++) {
    const heard = talk.say(`GET key:${i}`) + talk.hear()
    for (const [, key] of heard.matchAll(/(key:\d+)\r\n/g)) forgotten.add(key!)
    expect(counter(other, 'tracking_total_keys')).toBeLessThanOrEqual(10)
  }
  expect(forgotten.size).toBe(190)
  for (let i = 0; i < 200; i++) {
    other.say(`SET key:${i} 1`)
    expect(talk.hear()).toBe(forgotten.has(`key:${i}`) ? '' : INVALID(`key:${i}`))
  }
})

test('a limit that is lowered is reached in steps', () => {
  const lab = new Lab()
  const talk = tracker(lab)
  for (let i = 0; i < 1000; i++) talk.say(`GET key:${i}`)
  talk.say('CONFIG SET tracking-table-max-keys 5')
  const keys = [0, 1, 2, 3].map(() => {
    lab.pass(1)
    return counter(talk, 'tracking_total_keys')
  })
  expect(keys[0]).toBeGreaterThan(5)
  for (let i = 0; i < 20; i++) lab.pass(1)
  expect(counter(talk, 'tracking_total_keys')).toBe(5)
})

test('keys, readers and prefixes are counted', () => {
  const lab = new Lab()
  const other = lab.open()
  const a = tracker(lab)
  const b = tracker(lab)
  tracker(lab, 'BCAST PREFIX a PREFIX b')
  const c = tracker(lab, 'BCAST PREFIX b')
  a.say('MGET x y')
  b.say('GET x')
  b.say('GET x')
  expect(counter(other, 'tracking_clients')).toBe(4)
  expect(counter(other, 'tracking_total_keys')).toBe(2)
  expect(counter(other, 'tracking_total_items')).toBe(3)
  expect(counter(other, 'tracking_total_prefixes')).toBe(2)
  c.close()
  a.close()
  expect(counter(other, 'tracking_clients')).toBe(2)
  expect(counter(other, 'tracking_total_items')).toBe(3)
  other.say('SET x 1')
  expect(counter(other, 'tracking_total_items')).toBe(1)
  other.say('FLUSHALL')
  expect(counter(other, 'tracking_total_keys')).toBe(0)
  expect(b.hear()).toBe(INVALID('x') + ALL_INVALID)
})

test('keys that expire by themselves or are evicted are invalid', () => {
  const lab = new Lab()
  const other = lab.open()
  const talk = tracker(lab)
  const wide = tracker(lab, 'BCAST')
  other.say('SET k v PX 50')
  wide.hear()
  talk.say('GET k')
  lab.pass(1000)
  expect(talk.hear()).toBe(INVALID('k'))
  expect(wide.hear()).toBe(INVALID('k'))
  for (let i = 0; i < 500; i++) other.say(['SET', `key:${i}`, 'x'.repeat(2000)])
  for (let i = 0; i < 500; i++) talk.say(`GET key:${i}`)
  other.say('CONFIG SET maxmemory-policy allkeys-random')
  other.say('CONFIG SET maxmemory 1')
  other.say('SET more 1')
  lab.pass(1000)
  expect(talk.hear()).toMatch(/key:\d+/)
})

test('sessions that come and go leave no memory behind', () => {
  const lab = new Lab()
  const other = lab.open()
  const used = () => Number(/used_memory:(\d+)/.exec(other.say('INFO memory'))![1])
  const round = () => {
    const talks = Array.from({ length: 20 }, (_, i) => tracker(lab, i % 2 ? 'BCAST PREFIX k' : ''))
    for (const talk of talks) for (let i = 0; i < 50; i++) talk.say(`GET k${i}`)
    talks[0]!.say('CLIENT TRACKING OFF')
    for (const talk of talks) talk.close()
    for (let i = 0; i < 50; i++) other.say(`SET k${i} 1`)
  }
  round()
  round()
  const before = used()
  for (let i = 0; i < 20; i++) round()
  expect(used() - before).toBeLessThan(4096)
})

test('a session that slept hears that nothing is known', () => {
  const lab = new Lab()
  const other = lab.open()
  const talk = tracker(lab, 'NOLOOP')
  talk.say('GET k')
  const back = talk.sleep()
  expect(back.hear()).toBe(ALL_INVALID)
  expect(back.say('CLIENT TRACKINGINFO')).toContain('noloop')
  back.say('GET k')
  other.say('SET k 1')
  expect(back.hear()).toBe(INVALID('k'))
})

test('prefixes survive a sleep, a redirection does not', () => {
  const lab = new Lab()
  const other = lab.open()
  const wide = tracker(lab, 'BCAST PREFIX a PREFIX b').sleep()
  expect(wide.hear()).toBe(ALL_INVALID)
  other.say('MSET a1 1 b1 1 c1 1')
  expect(wide.hear()).toBe(INVALID('a1') + INVALID('b1'))
  const target = lab.open()
  const id = /\d+/.exec(target.say('CLIENT ID'))![0]
  const talk = tracker(lab, `REDIRECT ${id}`).sleep()
  expect(talk.hear()).toBe(`>2\r\n$21\r\ntracking-redir-broken\r\n:${id}\r\n`)
  expect(talk.say('CLIENT TRACKINGINFO')).toContain('broken_redirect')
})

test('memory that is full makes a key that is read invalid at once, and loses no message', () => {
  const lab = new Lab({ maxPages: 256 })
  const other = lab.open()
  const talk = tracker(lab)
  talk.say('SET k 1')
  const chunk = 'x'.repeat(50_000)
  for (let i = 0; !other.say(['SET', `fill:${i}`, chunk]).startsWith('-'); i++);
  for (let i = 0; !other.say(['SET', `small:${i}`, 'x'.repeat(3000)]).startsWith('-'); i++);
  const heard = talk.say('GET k') + talk.hear()
  other.say('DEL k')
  expect(heard + talk.hear()).toContain(INVALID('k'))
})
