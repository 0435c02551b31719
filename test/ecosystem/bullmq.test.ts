/** BullMQ, unmodified: over TCP, and with no server at all. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe } from 'vitest'
import { openSync } from '../../host/node/embedded.ts'
import { connectorFor } from '../../host/node/ioredis.ts'
import type { TestServer } from '../support/process.ts'
import { startWadi } from '../support/wadi.ts'
import { bullmqBehaviours } from './bullmq.ts'

const options = { maxRetriesPerRequest: null }

describe('BullMQ over TCP', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startWadi()
  })
  afterAll(() => server.stop())

  bullmqBehaviours(() => new Redis({ host: '127.0.0.1', port: server.port, ...options }))
})

describe('BullMQ in the process', () => {
  const db = openSync()
  afterAll(() => db.close())

  bullmqBehaviours(() => new Redis({ Connector: connectorFor(db), ...options } as never))
})
