import { afterAll, beforeAll } from 'vitest'
import { startRedis } from './redis.ts'
import { Connection } from './resp.ts'
import type { TestServer } from './process.ts'

/** A redis-server for the tests of the `describe` that this is called in, and how they speak to it. */
export function besideRedis(): Pick<Connection, 'call' | 'exchange'> {
  let server: TestServer
  let redis: Connection

  beforeAll(async () => {
    server = await startRedis()
    redis = await Connection.connect(server.port)
  })

  afterAll(async () => {
    redis.close()
    await server.stop()
  })

  return {
    call: (...command) => redis.call(...command),
    exchange: (commands) => redis.exchange(commands),
  }
}
