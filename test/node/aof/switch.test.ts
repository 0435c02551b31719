/**
 * The machine dies before each step that a rewrite makes on the disk, one after the other. What was
 * acknowledged is there afterwards, whichever of the unflushed names survived.
 */
import { tmpdir } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { createServer, type EmbeddedServer } from '../../../host/node/index.ts'
import { loadModule } from '../../../host/node/module.ts'
import { Disk, DiskError } from '../../support/disk.ts'
import { Random } from '../../support/random.ts'
import { Connection } from '../../support/resp.ts'

const module = loadModule()
const random = new Random()

async function start(
  disk: Disk,
  log: string[] = [],
): Promise<{ server: EmbeddedServer; client: Connection }> {
  const server = createServer({
    module,
    storage: disk,
    config: {
      dir: tmpdir(),
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      'enable-debug-command': 'yes',
    },
    log: (line) => log.push(line),
  })
  onTestFinished(() => server.close())
  await server.listen()
  const client = await Connection.connect(server.port)
  onTestFinished(() => client.close())
  return { server, client }
}

/** Fills a store, rewrites it while it is written to, and lets the disk die at a step, if one is given. */
async function life(disk: Disk, dieAt?: number): Promise<Map<string, string>> {
  const log: string[] = []
  const { server, client } = await start(disk, log)
  const acknowledged = new Map<string, string>()
  let isDead = false
  let steps = 0
  disk.steps.length = 0
  disk.fault = () => {
    if (isDead || steps++ === dieAt) {
      isDead = true
      throw new DiskError('EIO')
    }
  }
  const write = async (key: string, value: string) => {
    if (isDead) return
    client.write(`SET ${key} ${value}\r\n`)
    while (!isDead && client.arrived === 0) await new Promise((resolve) => setImmediate(resolve))
    if (client.take()[0]?.text === 'OK') acknowledged.set(key, value)
  }
  for (let i = 0; i < 3; i++) await write(`before:${i}`, String(i))
  client.write('BGREWRITEAOF\r\n')
  while (!isDead && client.arrived === 0) await new Promise((resolve) => setImmediate(resolve))
  client.take()
  for (let i = 0; i < 40 && !isDead; i++) {
    await write(`during:${i}`, String(i))
    if (log.some((line) => line.includes('rewrite finished'))) break
  }
  await write('after', 'x')
  isDead = true
  server.close()
  return acknowledged
}

test('a crash before any step of a rewrite loses nothing that was acknowledged', async () => {
  const whole = new Disk()
  await life(whole)
  const count = whole.steps.length
  expect(whole.steps).toContain('rename appendonly.aof.2.base.rdb')
  expect(whole.steps).toContain('remove appendonly.aof.1.base.rdb')
  for (let dieAt = 0; dieAt < count; dieAt++) {
    const disk = new Disk()
    const acknowledged = await life(disk, dieAt)
    const half = new Map<string, boolean>()
    const some = (name: string) => {
      if (!half.has(name)) half.set(name, random.once(2))
      return half.get(name)!
    }
    const found = [
      disk.after('kill'),
      disk.after('power'),
      disk.after('power', () => true),
      disk.after('power', some),
    ]
    for (const [index, after] of found.entries()) {
      const { server, client } = await start(after)
      for (const [key, value] of acknowledged) {
        const reply = await client.call('GET', key)
        expect(reply.text, `${key} after step ${dieAt} (${whole.steps[dieAt]}), way ${index}`).toBe(
          value,
        )
      }
      client.close()
      server.close()
    }
  }
}, 120_000)
