/** DEBUG DIGEST and DIGEST-VALUE: the same number as redis-server's for the same data, of every type. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyForm, everyStream, randomWrite } from '../support/dataset.ts'
import type { TestServer } from '../support/process.ts'
import { Random, seed } from '../support/random.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { type Command, Connection } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

describe.skipIf(redisMissing())(`digests (seed ${seed})`, () => {
  let servers: TestServer[] = []
  let clients: Connection[] = []

  beforeAll(async () => {
    servers = await Promise.all([startRedis(), startWadi()])
    clients = await Promise.all(servers.map(({ port }) => Connection.connect(port)))
  })
  afterAll(async () => {
    for (const client of clients) client.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  /** What both say to the last of the commands. */
  async function both(...commands: Command[]): Promise<string[]> {
    return Promise.all(
      clients.map(async (client) => {
        const replies = await client.exchange(commands, 20_000)
        return String(replies.at(-1))
      }),
    )
  }

  it('of values in every form', async () => {
    await both(['FLUSHALL'], ...[...everyForm().values(), ...everyStream().values()].flat())
    const differing: string[] = []
    for (const key of [...everyForm().keys(), ...everyStream().keys()]) {
      const [expected, got] = await both(['DEBUG', 'DIGEST-VALUE', key])
      if (expected !== got) differing.push(key)
    }
    expect(differing).toEqual([])
    const [expected, got] = await both(['DEBUG', 'DIGEST'])
    expect(got).toBe(expected)
  })

  it('of random datasets in several databases, with expiry', async () => {
    for (let round = 0; round < 5; round++) {
      const random = new Random(seed + round)
      const commands: Command[] = [['FLUSHALL']]
      while (commands.length < 1000) {
        const key = `${random.pick(['string', 'list', 'set', 'zset', 'hash'])}:${random.below(20)}`
        const write = randomWrite(random, key)
        if (write[0] === 'SPOP') continue
        commands.push(write)
        if (random.once(20)) commands.push(['EXPIREAT', key, 4_000_000_000 + random.below(1000)])
        if (random.once(50)) commands.push(['SELECT', random.below(4)])
        if (random.once(40)) commands.push(['XADD', 'stream', '*', 'field', 'x'], ['DEL', 'stream'])
      }
      const [expected, got] = await both(...commands, ['DEBUG', 'DIGEST'])
      expect(got, `round ${round}`).toBe(expected)
    }
  })
})
