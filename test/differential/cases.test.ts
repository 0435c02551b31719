/** Every hand-picked script in cases/, against redis-server and Wadi, in RESP2 and in RESP3. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, assert, beforeAll, describe, it } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { startWadi } from '../support/wadi.ts'
import { type Case, compareRuns, type Run, Subject } from './script.ts'

const missing = redisMissing()
const only = process.env['WADI_FAMILY']?.split(',')

const folder = path.join(import.meta.dirname, 'cases')
const families: [name: string, cases: readonly Case[]][] = []
for (const file of readdirSync(folder).sort()) {
  const name = path.basename(file, '.ts')
  if (only && !only.includes(name)) continue
  const { cases } = (await import(path.join(folder, file))) as { cases: readonly Case[] }
  families.push([name, cases])
}

describe.skipIf(missing)(`scripts${missing ? `: ${missing}` : ''}`, () => {
  let servers: TestServer[] = []
  let reference: Subject
  let subject: Subject

  beforeAll(async () => {
    servers = await Promise.all([startRedis(), startWadi()])
    reference = await Subject.connect(servers[0]!.port)
    subject = await Subject.connect(servers[1]!.port)
  })

  /** A crash is told once, by the script that caused it; the next one has a new server. */
  async function runSubject(commands: Case['commands'], resp: 2 | 3, pattern: Run): Promise<Run> {
    try {
      return await subject.run(commands, resp, pattern)
    } catch (error) {
      if (!subject.control.closed) throw error
      const output = servers[1]!.output().slice(-2000)
      await servers[1]!.stop()
      servers[1] = await startWadi()
      subject = await Subject.connect(servers[1].port)
      throw new Error(`The server is gone:\n${output}`, { cause: error })
    }
  }

  afterAll(async () => {
    reference.close()
    subject.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  for (const [family, cases] of families) {
    describe(`${family} commands`, () => {
      for (const { name, commands, protocol } of cases) {
        for (const resp of [2, 3] as const) {
          if (protocol && protocol !== resp) continue
          it(`${name} (RESP${resp})`, { timeout: 30_000 }, async () => {
            const expected = await reference.run(commands, resp)
            const got = await runSubject(commands, resp, expected)
            const found = compareRuns(expected, got)
            assert(found.length === 0, found.join('\n'))
          })
        }
      }
    })
  }
})
