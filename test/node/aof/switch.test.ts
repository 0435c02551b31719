/**
 * The machine dies before each step that a rewrite makes on the disk, one after the other. What was
 * acknowledged is there afterwards, whichever of the unflushed names survived.
 */
import { expect, test } from 'vitest'
import { startOn, until } from '../../support/aof.ts'
import { Disk, DiskError } from '../../support/disk.ts'
import { Random } from '../../support/random.ts'

const random = new Random()

/** Fills a store, rewrites it while it is written to, and lets the disk die at a step, if one is given. */
async function life(disk: Disk, dieAt?: number): Promise<Map<string, string>> {
  const { server, client, log } = await startOn(disk)
  const acknowledged = new Map<string, string>()
  const power = { isOff: false }
  let steps = 0
  disk.steps.length = 0
  disk.fault = () => {
    if (!power.isOff && steps++ !== dieAt) return
    power.isOff = true
    throw new DiskError('EIO')
  }
  const call = async (command: string): Promise<string | undefined> => {
    if (power.isOff) return undefined
    client.write(`${command}\r\n`)
    await until(() => power.isOff || client.arrived > 0)
    return client.take()[0]?.text
  }
  const write = async (key: string, value: string) => {
    if ((await call(`SET ${key} ${value}`)) === 'OK') acknowledged.set(key, value)
  }
  for (let i = 0; i < 3; i++) await write(`before:${i}`, String(i))
  await call('BGREWRITEAOF')
  for (let i = 0; i < 40; i++) {
    await write(`during:${i}`, String(i))
    if (log.includes('Background AOF rewrite finished successfully')) break
  }
  await write('after', 'x')
  power.isOff = true
  client.close()
  await server.close()
  return acknowledged
}

test('a crash before any step of a rewrite loses nothing that was acknowledged', async () => {
  const whole = new Disk()
  await life(whole)
  expect(whole.steps).toContain('rename appendonly.aof.2.base.rdb')
  expect(whole.steps).toContain('remove appendonly.aof.1.base.rdb')
  for (let dieAt = 0; dieAt < whole.steps.length; dieAt++) {
    const disk = new Disk()
    const acknowledged = await life(disk, dieAt)
    const coins = new Map<string, boolean>()
    const some = (name: string) => {
      if (!coins.has(name)) coins.set(name, random.once(2))
      return coins.get(name)!
    }
    const found = [
      disk.after('kill'),
      disk.after('power'),
      disk.after('power', () => true),
      disk.after('power', some),
    ]
    for (const [way, after] of found.entries()) {
      const { server, client } = await startOn(after)
      for (const [key, value] of acknowledged) {
        const { text } = await client.call('GET', key)
        expect(text, `${key} before step ${dieAt}, ${whole.steps[dieAt]}, way ${way}`).toBe(value)
      }
      client.close()
      await server.close()
    }
  }
}, 120_000)
