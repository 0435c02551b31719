/** Snapshots on a disk that fails, fills up or loses its power: there is always a whole one. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startOn, until, type Running } from '../support/aof.ts'
import { Disk, DiskError } from '../support/disk.ts'

const path = join(tmpdir(), 'dump.rdb')
const start = (disk: Disk, save: string | string[] = '') =>
  startOn(disk, { appendonly: 'no', save })

async function background({ client, log }: Running): Promise<void> {
  log.length = 0
  await client.call('BGSAVE')
  await until(() => log.some((line) => /^Background saving (terminated|error)/.test(line)))
}

/** A disk with a snapshot of one key. */
async function savedDisk(): Promise<Disk> {
  const disk = new Disk()
  const running = await start(disk)
  await running.client.call('SET', 'generation', 'old')
  await background(running)
  await running.server.close()
  return disk
}

test('a crash before any step of BGSAVE leaves the old snapshot or the new one', async () => {
  for (let dieAt = 0, steps = 1; dieAt < steps; dieAt++) {
    const disk = await savedDisk()
    const running = await start(disk)
    await running.client.call('SET', 'generation', 'new')
    disk.steps.length = 0
    let made = 0
    disk.fault = () => {
      if (made++ >= dieAt) throw new DiskError('EIO')
    }
    await background(running)
    steps = Math.max(steps, made)
    await running.server.close()
    for (const after of [
      disk.after('kill'),
      disk.after('power'),
      disk.after('power', () => true),
    ]) {
      const next = await start(after)
      const { text } = await next.client.call('GET', 'generation')
      expect(['old', 'new']).toContain(text)
      await next.server.close()
    }
  }
}, 60_000)

test('once BGSAVE has succeeded the new snapshot survives a power failure', async () => {
  const disk = await savedDisk()
  const running = await start(disk)
  await running.client.call('SET', 'generation', 'new')
  await background(running)
  await running.server.close()
  const next = await start(disk.after('power'))
  expect((await next.client.call('GET', 'generation')).text).toBe('new')
})

test('a full disk keeps the old snapshot, refuses writes, and recovers once there is room', async () => {
  const disk = await savedDisk()
  const old = disk.bytes(path)
  const running = await start(disk, ['3600', '1'])
  const { client, log } = running
  await client.call('SET', 'generation', 'new')
  disk.room = 50
  await background(running)
  expect(log).toContain('Write error saving DB on disk: No space left on device')
  expect(log).toContain('Background saving error')
  expect(disk.bytes(path)).toEqual(old)
  expect(disk.list(tmpdir())).toEqual(['dump.rdb'])
  expect((await client.call('SET', 'a', '1')).text).toMatch(/^MISCONF /)
  expect((await client.call('INFO', 'persistence')).text).toContain('rdb_last_bgsave_status:err')
  expect((await client.call('GET', 'generation')).text).toBe('new')
  disk.room = Infinity
  await background(running)
  expect(log).toContain('DB saved on disk')
  expect((await client.call('SET', 'a', '1')).text).toBe('OK')
})

test('SHUTDOWN stays when the last snapshot cannot be written, and leaves with NOSAVE', async () => {
  const disk = await savedDisk()
  const running = await start(disk, ['3600', '1'])
  disk.room = 0
  const { text } = await running.client.call('SHUTDOWN')
  expect(text).toBe('ERR Errors trying to SHUTDOWN. Check logs.')
  expect(running.exitCode()).toBeUndefined()
  running.client.write('SHUTDOWN NOSAVE\r\n')
  await until(() => running.exitCode() !== undefined)
  expect(running.exitCode()).toBe(0)
})
