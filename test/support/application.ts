/** What an application has: a server for its test file, and as many ioredis connections as it wants. */
import { Redis, type RedisOptions } from 'ioredis'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { TestServer } from './process.ts'
import { startWadi } from './wadi.ts'

export class Application {
  #server: TestServer | undefined
  #redis: Redis | undefined
  readonly #clients: Redis[] = []

  /** One server for the file, empty before each test. */
  constructor() {
    beforeAll(async () => {
      this.#server = await startWadi()
      this.#redis = this.connect()
    })
    beforeEach(async () => {
      await this.redis.flushall()
    })
    afterAll(async () => {
      for (const client of this.#clients) client.disconnect()
      await this.#server?.stop()
    })
  }

  get port(): number {
    return this.#server!.port
  }

  get redis(): Redis {
    return this.#redis!
  }

  connect(options: RedisOptions = {}): Redis {
    const client = new Redis({ port: this.port, host: '127.0.0.1', ...options })
    this.#clients.push(client)
    return client
  }
}

/** Runs a transaction again and again until no watched key changes in between. */
export async function optimistically<T>(
  redis: Redis,
  keys: readonly string[],
  attempt: () => Promise<{ readonly commands: ReturnType<Redis['multi']>; readonly result: T }>,
): Promise<T> {
  for (;;) {
    await redis.watch(...keys)
    const { commands, result } = await attempt()
    if ((await commands.exec()) !== null) return result
  }
}

/** The results of a pipeline or transaction, whose commands must all have succeeded. */
export function results(replies: [error: Error | null, result: unknown][] | null): unknown[] {
  if (!replies) throw new Error('The transaction was not run')
  return replies.map(([error, result]) => {
    if (error) throw error
    return result
  })
}
