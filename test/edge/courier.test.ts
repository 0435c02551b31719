// What a shard has for clients of a gateway: when it counts as not arrived, so that what was taken for them goes back.

import { describe, expect, test } from 'vitest'
import { CALL_BYTES } from '../../edge/bulk.ts'
import { Courier } from '../../edge/shards/courier.ts'
import { giveBack, givesBack } from '../../edge/shards/give-back.ts'
import type { Delivery } from '../../edge/shards/seat.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (part: string | Uint8Array): string =>
  typeof part === 'string' ? part : new TextDecoder().decode(part)

/** Brings one delivery to each of the guests 1 and 2; what the gateway answers, call by call. */
async function bring(answers: (number[] | Error)[]) {
  const left = [...answers]
  const gone: number[] = []
  const untaken: number[] = []
  const calls: number[][] = []
  let pauses = 0
  const courier = new Courier({
    deliver: async (deliveries) => {
      calls.push(deliveries.map(({ guest }) => guest))
      const answer = left.shift() ?? []
      if (answer instanceof Error) throw answer
      return answer
    },
    pause: async () => {
      pauses++
    },
    gone: (guest) => gone.push(guest),
  })
  for (const guest of [1, 2])
    courier.post({ guest, kind: 'work', shard: 0, bytes: bytes('+OK\r\n') }, () =>
      untaken.push(guest),
    )
  await expect.poll(() => left.length).toBe(0)
  await Promise.resolve()
  return { gone, untaken, calls, pauses }
}

describe('what is brought', () => {
  test('to clients that are there has arrived', async () => {
    expect(await bring([[]])).toEqual({ gone: [], untaken: [], calls: [[1, 2]], pauses: 0 })
  })

  test('to one that is gone has not', async () => {
    expect(await bring([[2]])).toMatchObject({ gone: [2], untaken: [2] })
  })

  test('may have arrived once a call broke', async () => {
    const broken = new Error('the network broke')
    expect(await bring([broken, [2]])).toMatchObject({ gone: [2], untaken: [], pauses: 1 })
    const never = await bring([broken, broken, broken, broken])
    expect(never).toMatchObject({ gone: [1, 2], untaken: [], pauses: 3 })
  })

  test('has not arrived where too much waits', async () => {
    const brought: Delivery[] = []
    const untaken: string[] = []
    let release: () => void = () => undefined
    const courier = new Courier({
      deliver: async (deliveries) => {
        brought.push(...deliveries)
        await new Promise<void>((resolve) => (release = resolve))
        return []
      },
      pause: async () => undefined,
      gone: () => undefined,
    })
    const large = new Uint8Array(CALL_BYTES - 8)
    const post = (name: string, of: Uint8Array) =>
      courier.post({ guest: 1, kind: 'work', shard: 0, bytes: of }, () => untaken.push(name))
    post('large', large)
    post('small', bytes('+more than eight\r\n'))
    await expect.poll(() => brought.length).toBe(1)
    expect(untaken).toEqual(['small'])
    release()
    await expect.poll(() => brought.length).toBe(2)
    expect(brought[1]).toEqual({ guest: 1, kind: 'work', shard: 0, isOver: true })
    release()
  })
})

describe('what was taken goes back', () => {
  test.each([
    ['BLPOP k 0', '*2\r\n$1\r\nk\r\n$1\r\na\r\n', 'LPUSH k a'],
    ['brpop k 0', '*2\r\n$1\r\nk\r\n$1\r\na\r\n', 'RPUSH k a'],
    ['BLMPOP 0 2 k l LEFT', '*2\r\n$1\r\nl\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n', 'LPUSH l b a'],
    ['BLMPOP 0 1 k right', '*2\r\n$1\r\nk\r\n*2\r\n$1\r\nb\r\n$1\r\na\r\n', 'RPUSH k a b'],
    ['BZPOPMAX k 0', '*3\r\n$1\r\nk\r\n$1\r\na\r\n$3\r\n1.5\r\n', 'ZADD k NX 1.5 a'],
    ['BZPOPMIN k 0', '*3\r\n$1\r\nk\r\n$1\r\na\r\n,1.5\r\n', 'ZADD k NX 1.5 a'],
    [
      'BZMPOP 0 1 k MIN COUNT 2',
      '*2\r\n$1\r\nk\r\n*2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n',
      'ZADD k NX 1 a 2 b',
    ],
    // Behind what tells a cache, too.
    [
      'BLPOP k 0',
      '>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n*2\r\n$1\r\nk\r\n$1\r\na\r\n',
      'LPUSH k a',
    ],
    ['BLPOP k 0', '*-1\r\n', undefined],
    ['BLPOP k 0', '_\r\n', undefined],
    ['BLPOP k 0', '-UNBLOCKED\r\n', undefined],
    ['BLMOVE k l LEFT LEFT 0', '$1\r\na\r\n', undefined],
    ['XREAD BLOCK 0 STREAMS k $', '*1\r\n*2\r\n$1\r\nk\r\n*0\r\n', undefined],
  ])('%s', (command, reply, expected) => {
    const back = giveBack(givesBack(command.split(' ').map(bytes)), bytes(reply))
    expect(back?.map(text).join(' ')).toBe(expected)
  })
})
