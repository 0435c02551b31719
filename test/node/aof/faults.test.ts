/** Disks that are full, slow or broken under a running server. */
import { describe, expect, test } from 'vitest'
import { folder, incrPath, startOn, until } from '../../support/aof.ts'
import { Disk, DiskError } from '../../support/disk.ts'
import { Connection, encode } from '../../support/resp.ts'

const MISCONF = 'MISCONF Errors writing to the AOF file: No space left on device'
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('with always', () => {
  test('a reply leaves after its flush; one flush covers what arrived meanwhile', async () => {
    const { client, disk, server } = await startOn(new Disk())
    disk.holds = true
    client.write(encode(['SET', 'a', '1']))
    await until(() => disk.heldFlushes === 1)
    const others = await Promise.all([1, 2, 3].map(() => Connection.connect(server.port)))
    for (const [i, other] of others.entries()) other.write(encode(['SET', `b${i}`, '1']))
    await turns(50)
    expect([client, ...others].map((each) => each.arrived)).toEqual([0, 0, 0, 0])
    const before = disk.steps.filter((step) => step.startsWith('sync ')).length
    disk.letGo()
    await until(() => client.arrived === 1 && disk.heldFlushes === 1)
    expect(others.map((each) => each.arrived)).toEqual([0, 0, 0])
    disk.letGo()
    await until(() => others.every((each) => each.arrived === 1))
    expect(disk.steps.filter((step) => step.startsWith('sync ')).length - before).toBe(2)
    for (const other of others) other.close()
  })

  test('a read of a write that is not on the disk waits for it; QUIT waits for what came before', async () => {
    const { client, disk, server } = await startOn(new Disk())
    disk.holds = true
    client.write(Buffer.concat([encode(['SET', 'a', '1']), encode(['QUIT'])]))
    await until(() => disk.heldFlushes === 1)
    const other = await Connection.connect(server.port)
    other.write(encode(['GET', 'a']))
    await turns(50)
    expect([client.arrived, other.arrived, client.closed]).toEqual([0, 0, false])
    disk.holds = false
    disk.letGo()
    await until(() => other.arrived === 1 && client.closed)
    expect(client.take().map((reply) => reply.text)).toEqual(['OK', 'OK'])
    other.close()
  })

  test('messages and served blocked calls wait for the write that caused them', async () => {
    const { client, disk, server } = await startOn(new Disk(), { 'notify-keyspace-events': 'KA' })
    const blocked = await Connection.connect(server.port)
    blocked.write(encode(['BLPOP', 'q', '0']))
    const listener = await Connection.connect(server.port)
    await listener.call('SUBSCRIBE', '__keyspace@0__:q')
    while (!(await client.call('INFO', 'clients')).text.includes('blocked_clients:1'));
    disk.holds = true
    client.write(encode(['RPUSH', 'q', 'x']))
    await until(() => disk.heldFlushes === 1)
    await turns(50)
    expect([client.arrived, blocked.arrived, listener.arrived]).toEqual([0, 0, 0])
    disk.holds = false
    disk.letGo()
    await until(() => client.arrived === 1 && blocked.arrived === 1 && listener.arrived > 1)
    expect(blocked.take()[0]!.items.map((item) => item.text)).toEqual(['q', 'x'])
    blocked.close()
    listener.close()
  })

  test('appendfsync changed while replies wait: they leave when nothing holds them', async () => {
    const { client, disk, server } = await startOn(new Disk())
    disk.holds = true
    client.write(encode(['SET', 'a', '1']))
    await until(() => disk.heldFlushes === 1)
    const other = await Connection.connect(server.port)
    other.write(encode(['CONFIG', 'SET', 'appendfsync', 'everysec']))
    await until(() => client.arrived === 1 && other.arrived === 1)
    other.take()
    other.write(encode(['CONFIG', 'SET', 'appendfsync', 'always']))
    disk.holds = false
    disk.letGo()
    expect((await other.call('SET', 'b', '2')).text).toBe('OK')
    expect((await client.call('GET', 'b')).isNull).toBe(false)
    other.close()
  })

  test('a full disk: the torn end is cut off, replies wait, writes are refused, reads go on, and it recovers', async () => {
    const { client, disk, server, log } = await startOn(new Disk())
    await client.call('SET', 'a', '1')
    const size = disk.bytes(incrPath).length
    disk.room = 10
    client.write(encode(['SET', 'b', '2']))
    await until(() => log.some((line) => line.startsWith('Short write')))
    expect(log.at(-1)).toBe('Short write while writing to the AOF file: (nwritten=10, expected=27)')
    expect(disk.bytes(incrPath).length).toBe(size)
    disk.room = 0
    const other = await Connection.connect(server.port)
    expect((await other.call('SET', 'c', '3')).text).toBe(MISCONF)
    expect((await other.call('PING')).text).toBe(MISCONF)
    expect((await other.call('GET', 'a')).text).toBe('1')
    await other.call('MULTI')
    expect((await other.call('SET', 'c', '3')).text).toBe(MISCONF)
    expect((await other.call('EXEC')).text).toMatch(/^EXECABORT/)
    expect(client.arrived).toBe(0)
    expect((await other.call('INFO', 'persistence')).text).toContain('aof_last_write_status:err')
    disk.room = Infinity
    expect((await client.replies(1))[0]!.text).toBe('OK')
    expect(log.at(-1)).toBe('AOF write error looks solved, Redis can write again.')
    expect((await other.call('SET', 'c', '3')).text).toBe('OK')
    other.close()
    const again = await startOn(disk.after('power'))
    const found = await again.client.exchange([['MGET', 'a', 'b', 'c']])
    expect(found[0]!.items.map((item) => item.text)).toEqual(['1', '2', '3'])
  })
})

test('with everysec a full disk refuses writes, and what was accepted is written when there is room', async () => {
  const { client, disk, log } = await startOn(new Disk(), { appendfsync: 'everysec' })
  disk.room = 5
  expect((await client.call('SET', 'b', '2')).text).toBe('OK')
  await until(() => log.some((line) => line.startsWith('Short write')))
  expect((await client.call('SET', 'c', '3')).text).toBe(MISCONF)
  expect((await client.call('GET', 'b')).text).toBe('2')
  disk.room = Infinity
  await until(() => log.includes('AOF write error looks solved, Redis can write again.'))
  expect((await client.call('SET', 'c', '3')).text).toBe('OK')
  expect((await client.call('WAITAOF', '1', '0', '0')).items[0]!.text).toBe('1')
  const again = await startOn(disk.after('power'))
  expect((await again.client.call('GET', 'b')).text).toBe('2')
})

test.each(['always', 'everysec'])('with %s a flush that fails ends the process', async (policy) => {
  const { client, disk, log, exitCode } = await startOn(new Disk(), { appendfsync: policy })
  disk.fault = (step) => {
    if (step === 'sync') throw new DiskError('EIO')
  }
  client.write(encode(['SET', 'a', '1']))
  await until(() => exitCode() !== undefined)
  expect(exitCode()).toBe(1)
  expect(log.at(-1)).toBe(
    `Can't persist AOF for fsync error when the AOF fsync policy is '${policy}': Input/output error. Exiting...`,
  )
})

test('with everysec writes wait two seconds at most for a slow flush, and that is counted', async () => {
  const { client, disk } = await startOn(new Disk(), { appendfsync: 'everysec' })
  disk.holds = true
  await client.call('SET', 'a', '1')
  await until(() => disk.heldFlushes === 1)
  const size = disk.bytes(incrPath).length
  await client.call('SET', 'b', '2')
  await turns(20)
  expect(disk.bytes(incrPath).length).toBe(size)
  await until(() => disk.bytes(incrPath).length > size)
  expect((await client.call('INFO', 'persistence')).text).toContain('aof_delayed_fsync:1')
  disk.letGo()
})

test('a folder that cannot be made: no start, and CONFIG SET appendonly yes is refused', async () => {
  const disk = new Disk()
  disk.fault = (step) => {
    if (step === 'makeDirectory') throw new DiskError('EROFS')
  }
  const { client, log } = await startOn(disk, { appendonly: 'no' })
  const reply = await client.call('CONFIG', 'SET', 'appendonly', 'yes')
  expect(reply.text).toBe(
    "ERR CONFIG SET failed (possibly related to argument 'appendonly') - Unable to turn on AOF. Check server logs.",
  )
  expect(log).toContain("Can't open or create append-only dir appendonlydir: Read-only file system")
  await expect(startOn(disk)).rejects.toThrow('Read-only file system')
})

test('a rewrite that fails leaves the file as it was, longer by an incr', async () => {
  const { client, disk, log } = await startOn(new Disk())
  await client.call('SET', 'a', '1')
  disk.fault = (step, path) => {
    if (step === 'append' && path.includes('temp-rewriteaof')) throw new DiskError('ENOSPC')
  }
  await client.call('BGREWRITEAOF')
  await until(() => log.includes('Background AOF rewrite terminated with error'))
  await client.call('SET', 'b', '2')
  expect((await client.call('INFO', 'persistence')).text).toContain('aof_last_bgrewrite_status:err')
  expect(disk.bytes(`${folder}/appendonly.aof.manifest`).toString()).toBe(
    'file appendonly.aof.1.base.rdb seq 1 type b\n' +
      'file appendonly.aof.1.incr.aof seq 1 type i\n' +
      'file appendonly.aof.2.incr.aof seq 2 type i\n',
  )
  const again = await startOn(disk.after('power'))
  const found = await again.client.call('MGET', 'a', 'b')
  expect(found.items.map((item) => item.text)).toEqual(['1', '2'])
})

test('while a snapshot is saved, or inside a transaction, a rewrite is put off', async () => {
  const { client, disk, log } = await startOn(new Disk())
  const started = 'Background append only file rewriting'
  const finished = () =>
    log.filter((line) => line === 'Background AOF rewrite finished successfully').length
  await client.exchange([['MULTI'], ['SET', 'a', '1'], ['BGREWRITEAOF']])
  const reply = await client.call('EXEC')
  expect(reply.items.map((item) => item.text)).toEqual(['OK', `${started} scheduled`])
  await until(() => finished() === 1)
  disk.holds = true
  client.write(encode(['BGSAVE']))
  await until(() => client.arrived === 1 && disk.heldFlushes === 1)
  client.take()
  expect((await client.call('BGREWRITEAOF')).text).toBe(`${started} scheduled`)
  expect((await client.call('INFO', 'persistence')).text).toContain('aof_rewrite_scheduled:1')
  disk.holds = false
  disk.letGo()
  await until(() => finished() === 2)
})

test('turned on while a snapshot is saved, the file begins after that', async () => {
  const { client, disk, log } = await startOn(new Disk(), { appendonly: 'no' })
  disk.holds = true
  client.write(encode(['BGSAVE']))
  await until(() => client.arrived === 1 && disk.heldFlushes === 1)
  client.take()
  await client.call('SET', 'a', '1')
  expect((await client.call('CONFIG', 'SET', 'appendonly', 'yes')).text).toBe('OK')
  await client.call('SET', 'b', '2')
  disk.holds = false
  disk.letGo()
  await until(() => log.includes('Background AOF rewrite finished successfully'))
  await client.call('SET', 'c', '3')
  const again = await startOn(disk.after('power'))
  const found = await again.client.call('MGET', 'a', 'b', 'c')
  expect(found.items.map((item) => item.text)).toEqual(['1', '2', '3'])
})

test('DEBUG LOADAOF reads back what was written, and goes on writing', async () => {
  const { client, disk } = await startOn(new Disk())
  await client.call('SELECT', '3')
  await client.exchange([
    ['SET', 'a', '1'],
    ['INCR', 'a'],
    ['RPUSH', 'l', 'x'],
  ])
  const before = (await client.call('DEBUG', 'DIGEST')).text
  expect((await client.call('DEBUG', 'LOADAOF')).text).toBe('OK')
  expect((await client.call('DEBUG', 'DIGEST')).text).toBe(before)
  expect((await client.call('INCR', 'a')).text).toBe('3')
  const info = (await client.call('INFO', 'persistence')).text
  const size = Number(/aof_current_size:(\d+)/.exec(info)![1])
  const base = disk.bytes(`${folder}/appendonly.aof.1.base.rdb`).length
  expect(size).toBe(base + disk.bytes(incrPath).length)
  const again = await startOn(disk.after('power'))
  await again.client.call('SELECT', '3')
  expect((await again.client.call('GET', 'a')).text).toBe('3')
})

test('turned off and on while it runs: what is written then is there', async () => {
  const { client, disk, log } = await startOn(new Disk(), { appendonly: 'no' })
  await client.call('SET', 'a', '1')
  await client.call('CONFIG', 'SET', 'appendonly', 'yes')
  await client.call('SET', 'b', '2')
  await until(() => log.includes('Background AOF rewrite finished successfully'))
  await client.call('SET', 'c', '3')
  await client.call('CONFIG', 'SET', 'appendonly', 'no')
  await client.call('SET', 'd', '4')
  expect((await client.call('INFO', 'persistence')).text).toContain('aof_enabled:0')
  const again = await startOn(disk.after('power'))
  const found = await again.client.call('MGET', 'a', 'b', 'c')
  expect(found.items.map((item) => item.text)).toEqual(['1', '2', '3'])
})
