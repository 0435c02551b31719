/** Files as a crash, a disk or a hand may leave them: each loads, or ends the start with a clear reason. */
import { describe, expect, test } from 'vitest'
import {
  commandBytes,
  diskWith,
  folder,
  incrPath,
  manifestPath,
  startFailure,
  startOn,
} from '../../support/aof.ts'
import { Disk } from '../../support/disk.ts'
import { Random } from '../../support/random.ts'

const TWO = commandBytes('SELECT 0', 'SET a 1', 'SET b 2')

async function dataset(disk: Disk): Promise<{ found: string; log: string[] }> {
  const { client, log } = await startOn(disk)
  const reply = await client.call('MGET', 'a', 'b')
  return { found: reply.items.map((item) => item.text).join(), log }
}

describe('a torn end', () => {
  const whole = commandBytes('SELECT 0', 'SET a 1')

  test('at any byte is cut off, with a warning, and the rest is loaded', async () => {
    for (let length = whole.length + 1; length < TWO.length; length += 5) {
      const disk = diskWith(TWO.slice(0, length))
      const { found, log } = await dataset(disk)
      expect(found).toBe('1,')
      expect(log).toContain(
        '!!! Warning: short read while loading the AOF file appendonly.aof.1.incr.aof!!!',
      )
      expect(log).toContain(
        `!!! Truncating the AOF appendonly.aof.1.incr.aof at offset ${whole.length} !!!`,
      )
      expect(disk.bytes(incrPath).length).toBe(whole.length)
    }
  })

  test('ends the start with aof-load-truncated no', async () => {
    const text = await startFailure(diskWith(TWO.slice(0, -3)), { 'aof-load-truncated': 'no' })
    expect(text).toContain(
      'Unexpected end of file reading the append only file appendonly.aof.1.incr.aof. You can: 1) Make a backup',
    )
  })

  test('a transaction without EXEC is dropped', async () => {
    const disk = diskWith(TWO + commandBytes('MULTI', 'SET a 9', 'SET b 9'))
    const { found, log } = await dataset(disk)
    expect(found).toBe('1,2')
    expect(log).toContain(
      'Revert incomplete MULTI/EXEC transaction in AOF file appendonly.aof.1.incr.aof',
    )
    expect(disk.bytes(incrPath).length).toBe(TWO.length)
  })

  test('is fatal in a file that is not the last', async () => {
    const disk = diskWith(TWO.slice(0, -3))
    disk.put(`${folder}/appendonly.aof.2.incr.aof`, TWO)
    disk.put(
      manifestPath,
      'file appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n',
    )
    expect(await startFailure(disk)).toContain(
      'Fatal error: the truncated file is not the last file',
    )
  })
})

describe('what is loaded', () => {
  test('a whole transaction, annotations, and another database', async () => {
    const text =
      '#TS:1700000000\r\n' +
      commandBytes('SELECT 3', 'MULTI', 'SET a 1', 'INCR a', 'EXEC') +
      '# anything\r\n'
    const { client } = await startOn(diskWith(text))
    await client.call('SELECT', '3')
    expect((await client.call('GET', 'a')).text).toBe('2')
  })

  test('a key that expired since is as it was when its commands ran', async () => {
    const past = Date.now() - 1000
    const text = commandBytes('SELECT 0', `SET a 5 PXAT ${past}`, 'INCR a', 'PERSIST a')
    expect((await dataset(diskWith(text))).found).toBe('6,')
    const expired = commandBytes('SELECT 0', `SET a 5 PXAT ${past}`, 'INCR a')
    expect((await dataset(diskWith(expired))).found).toBe(',')
  })

  test('a command longer than what is read at a time', async () => {
    const value = 'x'.repeat(3 << 20)
    const { client } = await startOn(
      diskWith(commandBytes('SELECT 0', `SET a ${value}`, 'SET b 2')),
    )
    expect((await client.call('STRLEN', 'a')).text).toBe(String(value.length))
    expect((await client.call('GET', 'b')).text).toBe('2')
  })

  test('a file of a Redis before 7 becomes the base', async () => {
    const disk = new Disk()
    disk.put(`${folder.slice(0, folder.lastIndexOf('/'))}/appendonly.aof`, TWO)
    const { found, log } = await dataset(disk)
    expect(found).toBe('1,2')
    expect(log).toContain(
      'Successfully migrated an old-style AOF file (appendonly.aof) into the AOF directory (appendonlydir).',
    )
    expect(disk.bytes(manifestPath).toString()).toBe(
      'file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    )
  })

  test('an empty file', async () => {
    expect((await dataset(diskWith(''))).found).toBe(',')
  })

  test('history is deleted at the start', async () => {
    const disk = diskWith(TWO)
    disk.put(`${folder}/old`, 'x')
    disk.put(
      manifestPath,
      'file old seq 1 type h\nfile appendonly.aof.1.incr.aof seq 1 type i\n# remark\n',
    )
    expect((await dataset(disk)).found).toBe('1,2')
    expect(disk.kind(`${folder}/old`)).toBeUndefined()
    expect(disk.bytes(manifestPath).toString()).toBe(
      'file appendonly.aof.1.incr.aof seq 1 type i\n',
    )
  })
})

describe('no start', () => {
  test.each<[string, string, string]>([
    ['no command', 'xxxx\r\n', 'Not a command, at offset 50'],
    ['no arguments', '*0\r\n', 'Not a command, at offset 50'],
    ['a wrong argument', '*1\r\n+OK\r\n', "Expected prefix '$', got: '+', at offset 54"],
    ['a wrong length', '*1\r\n$9\r\nPING\r\n*1\r\n$4\r\nPING\r\n', 'Expected \\r\\n, got: '],
    ['a length that is none', '*1\r\n$x\r\nPING\r\n', 'Expected \\r\\n, got: 780d, at offset 55'],
    [
      'a command nobody knows',
      commandBytes('FOO a'),
      "Unknown command 'FOO' reading the append only file appendonly.aof.1.incr.aof, before offset ",
    ],
    [
      'MULTI in MULTI',
      commandBytes('MULTI', 'MULTI'),
      'Unexpected MULTI in AOF appendonly.aof.1.incr.aof',
    ],
  ])('%s', async (_, tail, reason) => {
    const text = await startFailure(diskWith(commandBytes('SELECT 0', 'SET a 1') + tail))
    expect(text).toContain(reason)
  })

  test.each<[string, string, string]>([
    ['an empty manifest', '', 'Found an empty AOF manifest'],
    ['a wrong line', 'file a seq 1\n', 'Invalid AOF manifest file format'],
    ['a wrong type', 'file a seq 1 type q\n', 'Unknown AOF file type'],
    [
      'two bases',
      'file a seq 1 type b\nfile b seq 2 type b\n',
      'Found duplicate base file information',
    ],
    [
      'wrong order',
      'file a seq 2 type i\nfile b seq 1 type i\n',
      'Found a non-monotonic sequence number',
    ],
    ['a path', 'file ../a seq 1 type i\n', "File can't be a path, just a filename"],
    ['a torn line', 'file a seq 1 type i', 'The AOF manifest file contains too long line'],
    [
      'a missing base',
      'file gone seq 1 type b\n',
      'Unable to obtain the AOF file gone length. stat: No such file or directory',
    ],
  ])('%s', async (_, manifest, reason) => {
    const disk = new Disk()
    disk.put(manifestPath, manifest)
    expect(await startFailure(disk)).toContain(reason)
  })

  test('a base with a flipped bit', async () => {
    const { client, disk } = await startOn(new Disk())
    await client.call('SET', 'a', 'some value that is long enough')
    await client.call('BGREWRITEAOF')
    const path = `${folder}/appendonly.aof.2.base.rdb`
    while (disk.kind(path) === undefined) await new Promise((resolve) => setImmediate(resolve))
    const bytes = Buffer.from(disk.bytes(path))
    bytes[bytes.length - 30]! ^= 4
    const damaged = disk.after('kill')
    damaged.put(path, bytes)
    const text = await startFailure(damaged)
    expect(text).toMatch(/Error reading the RDB base file .*base\.rdb, AOF loading aborted/)
  })
})

test('mutated files load or end the start with a reason, never in a trap', async () => {
  const random = new Random()
  const commands = [
    'SELECT 0',
    'SET a 1',
    'MULTI',
    'RPUSH l a b c',
    'SADD s 1 2 3',
    'EXEC',
    'HSET h f v',
    'ZADD z 1 a 2 b',
  ]
  const whole = Buffer.from(commandBytes(...commands, ...commands))
  for (let round = 0; round < 60; round++) {
    const bytes = Buffer.from(whole)
    for (let i = random.between(1, 3); i > 0; i--)
      bytes[random.below(bytes.length)] = random.below(256)
    try {
      const { client } = await startOn(diskWith(bytes))
      expect((await client.call('PING')).text).toBe('PONG')
      client.close()
    } catch (error) {
      expect((error as Error).message).toMatch(/append only file|AOF/)
    }
  }
}, 60_000)
