/**
 * The machine dies before each step that a rewrite makes on the disk, one after the other; the same for the
 * steps of a first start, of turning the file on, and of taking over that of an older Redis. What was
 * acknowledged is there afterwards, whichever of the unflushed names survived.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CreateOptions } from '../../../host/node/index.ts'
import { commandBytes, startOn, until } from '../../support/aof.ts'
import { Disk, DiskError } from '../../support/disk.ts'
import { Random } from '../../support/random.ts'

const random = new Random()

type Config = CreateOptions['config']
/** What a store goes through on a disk that dies before a step, if one is given; what was acknowledged. */
type Life = (disk: Disk, dieAt?: number) => Promise<Map<string, string>>

/** From now on the disk takes so many steps. */
function cutPower(disk: Disk, dieAt: number | undefined): { isOff: boolean } {
  const power = { isOff: false }
  let steps = 0
  disk.steps.length = 0
  disk.fault = () => {
    if (!power.isOff && steps++ !== dieAt) return
    power.isOff = true
    throw new DiskError('EIO')
  }
  return power
}

/** Fills a store, and begins to write it anew while it is written to. */
const life =
  (begin: string, end: string, config: Config): Life =>
  async (disk, dieAt) => {
    const { server, client, log } = await startOn(disk, config)
    const acknowledged = new Map<string, string>()
    const power = cutPower(disk, dieAt)
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
    // Nothing is promised for what was written before there was a file.
    if (config?.['appendonly'] === 'no') acknowledged.clear()
    await call(begin)
    for (let i = 0; i < 40; i++) {
      // What is written while the file is being turned on is promised once it is on.
      if (config?.['appendonly'] === 'no') await call('PING')
      else await write(`during:${i}`, String(i))
      if (log.includes(end)) break
    }
    if (log.includes(end)) await write('after', 'x')
    power.isOff = true
    client.close()
    await server.close()
    return acknowledged
  }

/** Starts on what is there; whether it did. */
const firstStart: Life = async (disk, dieAt) => {
  const power = cutPower(disk, dieAt)
  const acknowledged = new Map<string, string>()
  try {
    const { server, client } = await startOn(disk)
    client.write('SET first x\r\n')
    await until(() => power.isOff || client.arrived > 0)
    if (client.take()[0]?.text === 'OK') acknowledged.set('first', 'x')
    power.isOff = true
    client.close()
    await server.close()
  } catch {
    // It ends where its disk does.
  }
  return acknowledged
}

const finished = 'Background AOF rewrite finished successfully'
const preamble = { 'aof-use-rdb-preamble': 'no' }
const emptyDisk = () => new Disk()
const oldFile = () => {
  const disk = new Disk()
  disk.put(join(tmpdir(), 'appendonly.aof'), commandBytes('SELECT 0', 'SET old x'))
  return disk
}
const lives: [string, Life, () => Disk, Map<string, string>, string][] = [
  [
    'a rewrite',
    life('BGREWRITEAOF', finished, {}),
    emptyDisk,
    new Map(),
    'rename appendonly.aof.2.base.rdb',
  ],
  [
    'a rewrite to commands',
    life('BGREWRITEAOF', finished, preamble),
    emptyDisk,
    new Map(),
    'rename appendonly.aof.2.base.aof',
  ],
  [
    'turning the file on',
    life('CONFIG SET appendonly yes', finished, { appendonly: 'no' }),
    emptyDisk,
    new Map(),
    'rename appendonly.aof.1.base.rdb',
  ],
  ['the first start', firstStart, emptyDisk, new Map(), 'rename appendonly.aof.manifest'],
  [
    'a start with the file of an older Redis',
    firstStart,
    oldFile,
    new Map([['old', 'x']]),
    'rename appendonly.aof',
  ],
]

test.each(lives)(
  'a crash before any step of %s loses nothing that was acknowledged',
  async (_, live, makeDisk, before, step) => {
    const whole = makeDisk()
    await live(whole)
    expect(whole.steps).toContain(step)
    for (let dieAt = 0; dieAt < whole.steps.length; dieAt++) {
      const disk = makeDisk()
      const acknowledged = new Map([...before, ...(await live(disk, dieAt))])
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
  },
  120_000,
)
