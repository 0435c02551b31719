/** The nodes of streams are byte for byte those of redis-server, whatever was added, deleted and trimmed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { Random, seed } from '../support/random.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { Connection } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'
import { families, randomStream } from './random/generator.ts'

const ROUNDS = 20
/** Version and checksum. */
const FOOTER = 10
/** What concerns entries alone: groups have times in them. */
const ENTRIES = /^(xadd|xdel|xtrim|xsetid|del|rename)$/i

const missing = redisMissing() ?? (families.includes('stream') ? undefined : 'another family')

describe.skipIf(missing)('the bytes of streams', () => {
  let servers: TestServer[] = []
  let connections: Connection[] = []

  beforeAll(async () => {
    servers = await Promise.all([startRedis(), startWadi()])
    connections = await Promise.all(servers.map(({ port }) => Connection.connect(port)))
  }, 60_000)

  afterAll(async () => {
    for (const connection of connections) connection.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  it.each([3, 7, 100, 0])(
    `are the same with stream-node-max-entries %d (seed ${seed})`,
    { timeout: 60_000 },
    async (entries) => {
      for (let round = 0; round < ROUNDS; round++) {
        const commands = randomStream(new Random(seed + round), 'stream', 250)
          .map(({ command }) => command)
          .filter(([name]) => ENTRIES.test(String(name)))
        const dumps = await Promise.all(
          connections.map(async (connection) => {
            const replies = await connection.exchange([
              ['FLUSHALL'],
              ['CONFIG', 'SET', 'rdbcompression', 'no'],
              ['CONFIG', 'SET', 'stream-node-max-entries', entries],
              ...commands,
              ['DUMP', 'x1'],
              ['DUMP', 'x2'],
            ])
            return replies.slice(-2).map(({ data }) => data.subarray(0, -FOOTER).toString('hex'))
          }),
        )
        expect([commands, dumps[1]]).toEqual([commands, dumps[0]])
      }
    },
  )
})
