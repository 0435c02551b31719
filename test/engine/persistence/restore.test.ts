/**
 * RESTORE takes payloads from strangers: whatever their bytes are, the answer is an error or a value that
 * every command can use, and nothing stays in memory once it is deleted.
 *
 * `WADI_FUZZ=1000000` makes it that many mutations, `SEED=…` repeats a run.
 */
import { beforeAll, expect, it } from 'vitest'
import { everyForm } from '../../support/dataset.ts'
import { Client } from '../../support/client.ts'
import { Random, seed } from '../../support/random.ts'
import { bytes, listpack, payload, string, u64, zipmap, ziplist } from '../../support/rdb.ts'

const total = Number(process.env['WADI_FUZZ'] ?? 20_000)

/** What a stored value must bear. */
const uses: Record<string, (string | number)[][]> = {
  string: [
    ['GETRANGE', 'k', 0, -1],
    ['APPEND', 'k', 'x'],
    ['STRLEN', 'k'],
  ],
  list: [
    ['LRANGE', 'k', 0, -1],
    ['LINSERT', 'k', 'BEFORE', 'a', 'b'],
    ['RPUSH', 'k', 'x'],
    ['LPOP', 'k'],
  ],
  set: [
    ['SMEMBERS', 'k'],
    ['SADD', 'k', 'x', '5'],
    ['SREM', 'k', 'a'],
    ['SRANDMEMBER', 'k', 5],
  ],
  zset: [
    ['ZRANGE', 'k', 0, -1, 'WITHSCORES'],
    ['ZADD', 'k', 1, 'a'],
    ['ZRANK', 'k', 'a'],
    ['ZPOPMAX', 'k'],
  ],
  hash: [
    ['HGETALL', 'k'],
    ['HSET', 'k', 'a', 'b'],
    ['HDEL', 'k', '1'],
    ['HINCRBY', 'k', 'n', 1],
  ],
  stream: [
    ['XRANGE', 'k', '-', '+'],
    ['XADD', 'k', '*', 'a', 'b'],
    ['XINFO', 'STREAM', 'k', 'FULL'],
    ['XTRIM', 'k', 'MAXLEN', 1],
  ],
}

const client = new Client()
const seeds: Buffer[] = []

beforeAll(() => {
  for (const [key, commands] of everyForm()) {
    for (const command of commands) client.call(...command)
    const dumped = client.call('DUMP', key) as Buffer
    if (dumped.length < 12_000) seeds.push(dumped.subarray(0, -10))
    client.call('DEL', key)
  }
  seeds.push(
    bytes(10, string(ziplist('a', 1, 300, 2 ** 40))),
    bytes(14, 2, string(ziplist('a', 12)), string(ziplist(13, 'b'))),
    bytes(9, string(zipmap(['a', '1'], ['b', 'v'.repeat(300)]))),
    bytes(13, string(ziplist('a', 1, 'b', 'x'))),
    bytes(12, string(ziplist('a', 1, 5, '2.5', 'b', '3'))),
    bytes(20, string(listpack('a', 5, 'b'))),
    bytes(3, 2, 'a', '1.5', 'b', 255),
    bytes(22, 2, 0x81, Buffer.from(u64(1.8e12)).reverse(), 'a', '1', 0, 'b', '2'),
    bytes(24, u64(1.8e12), 2, 1, 'a', '1', 0, 'b', '2'),
    bytes(25, u64(1.8e12), string(listpack('a', 1, 1.8e12, 'b', 2, 0))),
  )
})

function mutate(random: Random): Buffer {
  const value = Buffer.from(random.pick(seeds))
  for (let times = random.between(1, 4); times; times--) {
    const at = random.once(2)
      ? random.below(Math.min(value.length, 30))
      : random.below(value.length)
    switch (random.below(5)) {
      case 0:
        value[at]! ^= 1 << random.below(8)
        break
      case 1:
        value[at] = random.pick([0, 1, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc3, 0xf0, 0xf4, 0xfe, 0xff])
        break
      case 2:
        value[at] = random.below(256)
        break
      case 3:
        return value.subarray(0, at)
      default:
        value.copyWithin(at, random.below(value.length), value.length)
    }
  }
  return value
}

it(`${total} mutated payloads, seed ${seed}`, { timeout: 0 }, () => {
  const random = new Random(seed)
  const used = () => Number(/used_memory:(\d+)/.exec(String(client.call('INFO', 'memory')))![1])
  // What is freed bit by bit has piled up.
  const settle = () => {
    for (let i = 0; i < 1000; i++) client.tick(1 << 20)
  }
  let before = 0
  let taken = 0
  for (let i = 0; i < total; i++) {
    // By then everything that is made once and kept is there.
    if (i === total / 10) {
      settle()
      before = used()
    }
    const value = mutate(random)
    const reply = String(client.call('RESTORE', 'k', 0, payload(value, 12)))
    if (reply !== 'OK') {
      expect(reply).toBe('ERR Bad data format')
      continue
    }
    taken++
    const type = String(client.call('TYPE', 'k'))
    expect(uses).toHaveProperty(type)
    const again = client.call('DUMP', 'k') as Buffer
    for (const command of uses[type]!) client.call(...command)
    client.call('DEL', 'k')
    expect(client.call('RESTORE', 'k', 0, again)).toBe('OK')
    client.call('DEL', 'k')
    if (taken % 64 === 0) client.tick()
  }
  expect(taken).toBeGreaterThan(total / 100)
  settle()
  // A buffer that is kept may have been made later than that, but what leaks would leak often.
  expect(used() - before).toBeLessThan(16384)
})
