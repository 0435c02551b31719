/** wadi check-aof and check-rdb beside redis-check-aof and redis-check-rdb. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandBytes, folder, startOn, until } from '../../support/aof.ts'
import { Disk } from '../../support/disk.ts'
import { Random, seed } from '../../support/random.ts'
import { redisMissing, startRedis } from '../../support/redis.ts'
import { Connection } from '../../support/resp.ts'

const CLI = resolve(import.meta.dirname, '../../../dist/node/cli.js')
const work = mkdtempSync(join(tmpdir(), 'wadi-check-'))
afterAll(() => rmSync(work, { recursive: true }))

interface Outcome {
  code: number | null
  output: string
}

function run(program: string[], input = ''): Outcome {
  const { status, stdout } = spawnSync(program[0]!, program.slice(1), {
    cwd: work,
    input,
    encoding: 'utf8',
  })
  return { code: status, output: stdout }
}

const wadi = (args: string[], input?: string) => run([process.execPath, CLI, ...args], input)

const start = commandBytes('SELECT 0', 'SET a 1')
const files: Record<string, string> = {
  'whole.aof': start,
  'annotated.aof': `#TS:1700000000\r\n${start}#TS:1700000009\r\n${commandBytes('SET b 2')}`,
  'empty.aof': '',
  'garbage.aof': `${start}xxxx${start}`,
  'exec.aof': start + commandBytes('EXEC'),
  'multi.aof': start + commandBytes('MULTI', 'SET b 2'),
  'twice.aof': start + commandBytes('MULTI', 'MULTI'),
  'prefix.aof': `${start}*1\r\n+OK\r\n`,
  'between.aof': start + commandBytes('SET b 2').slice(0, 20),
  'torn.aof': `${start}*1\r\n$9\r\nPING\r\n`,
  'long.aof': `${start}*1\r\n$4\r\nPINGG\r\n`,
  'transaction.aof': start + commandBytes('MULTI', 'SET b 2', 'EXEC', 'SET c 3'),
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text)
mkdirSync(join(work, 'parts'))
copyFileSync(join(work, 'whole.aof'), join(work, 'parts/x.aof.1.incr.aof'))
writeFileSync(join(work, 'parts/x.aof.2.incr.aof'), start + commandBytes('SET b 2').slice(0, 20))
writeFileSync(
  join(work, 'parts/x.aof.manifest'),
  'file x.aof.1.incr.aof seq 1 type i\nfile x.aof.2.incr.aof seq 2 type i\n',
)

describe.skipIf(redisMissing())('says what redis-check-aof says', () => {
  test.each([...Object.keys(files), 'missing.aof'])('of %s', (name) => {
    const redis = run(['redis-check-aof', name])
    const ours = wadi(['check-aof', name])
    expect(ours).toEqual(redis)
  })

  test('of files of a manifest, and of what --fix cuts off', () => {
    const torn = join(work, 'parts/x.aof.2.incr.aof')
    const bytes = readFileSync(torn)
    for (const options of [[], ['--fix']]) {
      const [redis, ours] = [['redis-check-aof'], [process.execPath, CLI, 'check-aof']].map(
        (program) => {
          writeFileSync(torn, bytes)
          return run([...program, ...options, 'parts/x.aof.manifest'], 'y\n')
        },
      )
      expect(ours).toEqual(redis)
    }
    writeFileSync(torn, bytes)
  })

  test('of a time to truncate to', () => {
    for (const time of ['1600000000', '1700000003', '1800000000']) {
      const outcomes = [['redis-check-aof'], [process.execPath, CLI, 'check-aof']].map(
        (program) => {
          writeFileSync(join(work, 't.aof'), files['annotated.aof']!)
          const outcome = run([...program, '--truncate-to-timestamp', time, 't.aof'])
          return { ...outcome, left: readFileSync(join(work, 't.aof'), 'latin1') }
        },
      )
      expect(outcomes[1]).toEqual(outcomes[0])
    }
  })
})

test('--fix asks, and cuts off what is broken', () => {
  const path = join(work, 'torn.aof')
  const text = start + commandBytes('SET b 2').slice(0, -4)
  writeFileSync(path, text)
  expect(wadi(['check-aof', '--fix', 'torn.aof'], 'n\n').output).toContain('Aborting...')
  expect(readFileSync(path, 'latin1')).toBe(text)
  const fixed = wadi(['check-aof', '--fix', 'torn.aof'], 'y\n')
  expect(fixed).toMatchObject({ code: 0 })
  expect(fixed.output).toContain('Continue? [y/N]: Successfully truncated AOF torn.aof')
  expect(readFileSync(path, 'latin1')).toBe(start)
})

test('a folder stands for its manifest', () => {
  const broken = wadi(['check-aof', 'parts'])
  expect(broken.code).toBe(1)
  expect(broken.output).toContain('INCR AOF x.aof.1.incr.aof is valid')
  expect(broken.output).toContain('AOF x.aof.2.incr.aof is not valid. Use the --fix option')
  expect(wadi(['check-aof', '--fix', 'parts'], 'y\n').code).toBe(0)
  expect(wadi(['check-aof', 'parts/x.aof.manifest']).output).toContain(
    'All AOF files and manifest are valid',
  )
})

/** What a real server saved: every type, expiry, two databases, a function. */
async function savedByRedis(): Promise<Buffer> {
  const server = await startRedis({ args: ['--dbfilename', 'check.rdb'] })
  const client = await Connection.connect(server.port)
  for (const command of [
    ['SET', 'a', '1'],
    ['SET', 'volatile', 'v', 'EX', '1000'],
    ['SET', 'gone', 'v', 'PXAT', '1700000000000'],
    ['SET', 'k'.repeat(200), 'compressed '.repeat(30)],
    ['RPUSH', 'list', 'a', 'b', '3', 'x'.repeat(20_000)],
    ['SADD', 'set', 'a', 'b'],
    ['SADD', 'ints', '1', '70000'],
    ['HSET', 'hash', 'f', 'v'],
    ['HSET', 'large hash', ...Array.from({ length: 1000 }, (_, i) => String(i))],
    ['ZADD', 'zset', '1.5', 'a'],
    ['ZADD', 'large zset', ...Array.from({ length: 1000 }, (_, i) => String(i))],
    ['XADD', 'stream', '1-1', 'f', 'v'],
    ['XGROUP', 'CREATE', 'stream', 'g', '0'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'stream', '>'],
    ['SELECT', '3'],
    ['SET', 'x', 'y'],
    ['FUNCTION', 'LOAD', "#!lua name=l\nredis.register_function('f', function() return 1 end)"],
    ['SAVE'],
  ]) {
    const reply = await client.call(...command)
    if (reply.isError) throw new Error(reply.text)
  }
  const bytes = readFileSync(join(server.dir, 'check.rdb'))
  client.close()
  await server.stop()
  return bytes
}

const moduleAux = Buffer.concat([
  Buffer.from([0xf7]),
  Buffer.from('814892c9324a2bcc01', 'hex'),
  Buffer.from([2, 1, 0]),
])

/** Ways to change a file that both tools must judge alike. */
const changes: Record<string, (whole: Buffer) => Buffer> = {
  'as it is': (whole) => whole,
  'more behind its end': (whole) => Buffer.concat([whole, Buffer.from('more')]),
  'no checksum': (whole) => Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8)]),
  'a wrong checksum': (whole) => whole.with(whole.length - 3, (whole.at(-3) ?? 0) ^ 1) as Buffer,
  'another signature': (whole) => whole.with(0, 88) as Buffer,
  'a version to come': (whole) => whole.with(5, 57) as Buffer,
  'nothing at all': () => Buffer.alloc(0),
  'a head alone': (whole) => whole.subarray(0, 9),
  'half a head': (whole) => whole.subarray(0, 7),
  'an unknown type': (whole) => whole.with(whole.indexOf('\0\x01a'), 0x30) as Buffer,
  'what a module left': (whole) =>
    Buffer.concat([whole.subarray(0, 9), moduleAux, whole.subarray(9, -8), Buffer.alloc(8)]),
}

describe.skipIf(redisMissing())('says what redis-check-rdb says', () => {
  const seen: { whole: Buffer } = { whole: Buffer.alloc(0) }
  beforeAll(async () => {
    seen.whole = await savedByRedis()
  })

  const compare = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(work, 'check.rdb'), bytes)
    const redis = run(['redis-check-rdb', 'check.rdb'])
    const ours = wadi(['check-rdb', 'check.rdb'])
    // Lines of its log, and reasons that are places in its source.
    const output = redis.output
      .replaceAll(/^\d+:C .*\n/gm, '')
      .replaceAll(/Internal error in RDB.*/g, 'Unexpected EOF reading RDB file')
    expect({ name, ...ours }).toEqual({ name, code: redis.code, output })
  }

  test.each(Object.keys(changes))('of a file: %s', (name) => {
    compare(name, changes[name]!(seen.whole))
  })

  test('of files that end anywhere', () => {
    const random = new Random()
    for (let i = 0; i < 8; i++) {
      const length = random.below(seen.whole.length - 8)
      compare(`${length} bytes, seed ${seed}`, seen.whole.subarray(0, length))
    }
  })
})

test('check-rdb tells a whole file from a damaged one', async () => {
  const { client, disk } = await startOn(new Disk())
  for (let i = 0; i < 20; i++) await client.call('SET', `key:${i}`, `value ${i}`)
  await client.call('PEXPIRE', 'key:1', '100000')
  await client.call('BGREWRITEAOF')
  const path = `${folder}/appendonly.aof.2.base.rdb`
  await until(() => disk.kind(path) !== undefined)
  const bytes = Buffer.from(disk.bytes(path))
  writeFileSync(join(work, 'whole.rdb'), bytes)
  expect(wadi(['check-rdb', 'whole.rdb'])).toMatchObject({ code: 0 })
  const { output } = wadi(['check-rdb', 'whole.rdb'])
  expect(output).toContain("AUX FIELD aof-base = '1'")
  expect(output).toContain('RDB looks OK!')
  expect(output).toContain('[info] 20 keys read\n[info] 1 expires\n[info] 0 already expired\n')
  bytes[bytes.length - 20]! ^= 1
  writeFileSync(join(work, 'damaged.rdb'), bytes)
  const damaged = wadi(['check-rdb', 'damaged.rdb'])
  expect(damaged.code).toBe(1)
  expect(damaged.output).toMatch(/--- RDB ERROR DETECTED ---\n\[offset \d+\] \w/)
  expect(wadi(['check-rdb']).code).toBe(1)
  expect(wadi(['check-rdb', 'missing.rdb']).code).toBe(1)
})
