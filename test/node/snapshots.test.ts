// Snapshots on disk, as clients and operators see them.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { everyForm, everyStream } from '../support/dataset.ts'
import type { TestServer } from '../support/process.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { Connection, type Argument } from '../support/resp.ts'
import { until } from '../support/server.ts'
import { startWadi } from '../support/wadi.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'wadi-rdb-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A server on a folder that outlives it. */
async function serve(
  start: typeof startWadi,
  dir: string,
  ...args: string[]
): Promise<{ server: TestServer; client: Connection }> {
  const server = await start({ args: ['--dir', dir, ...args] })
  onTestFinished(() => server.stop())
  const client = await Connection.connect(server.port)
  onTestFinished(() => client.close())
  await loaded(client)
  return { server, client }
}

async function loaded(client: Connection): Promise<void> {
  while ((await client.call('PING')).text.startsWith('LOADING'));
}

const ask = async (client: Connection, ...command: Argument[]) =>
  (await client.call(...command)).text

async function field(client: Connection, name: string): Promise<string> {
  const info = await ask(client, 'INFO', 'persistence')
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? ''
}

async function fill(client: Connection): Promise<void> {
  for (const [key, commands] of [...everyForm(), ...everyStream()]) {
    await client.exchange(commands)
    if (key.startsWith('set')) await client.call('PEXPIRE', key, 10_000_000)
  }
  await client.call('SELECT', 3)
  await client.call('SET', 'other', 'database')
  await client.call('SELECT', 0)
}

describe('commands', () => {
  test('SAVE writes the file, and the next server has its keys', async () => {
    const dir = folder()
    const { server, client } = await serve(startWadi, dir)
    await fill(client)
    expect(await field(client, 'rdb_changes_since_last_save')).not.toBe('0')
    expect(await ask(client, 'SAVE')).toBe('OK')
    expect(await field(client, 'rdb_changes_since_last_save')).toBe('0')
    expect(readdirSync(dir)).toEqual(['dump.rdb'])
    const digest = await ask(client, 'DEBUG', 'DIGEST')
    await server.stop()
    const next = await serve(startWadi, dir)
    expect(await ask(next.client, 'DEBUG', 'DIGEST')).toBe(digest)
    expect(next.server.output()).toMatch(
      /\* Done loading RDB, keys loaded: \d+, keys expired: 0\.\n/,
    )
    expect(next.server.output()).toMatch(/\* DB loaded from disk: \d\.\d{3} seconds\n/)
  })

  test('BGSAVE writes it while commands go on', async () => {
    const dir = folder()
    const { server, client } = await serve(startWadi, dir, '--dbfilename', 'other.rdb')
    for (let i = 0; i < 20; i++) await client.call('DEBUG', 'POPULATE', 10_000, `p${i}`)
    const before = Math.floor(Date.now() / 1000)
    const replies = await client.exchange([
      ['BGSAVE'],
      ['BGSAVE'],
      ['SAVE'],
      ['BGSAVE', 'SCHEDULE', 'x'],
      ['BGSAVE', 'x'],
    ])
    expect(replies.map((reply) => reply.text)).toEqual([
      'Background saving started',
      'ERR Background save already in progress',
      'ERR Background save already in progress',
      'ERR syntax error',
      'ERR syntax error',
    ])
    expect(await field(client, 'rdb_bgsave_in_progress')).toBe('1')
    await client.call('FLUSHALL')
    while ((await field(client, 'rdb_bgsave_in_progress')) === '1');
    expect(await field(client, 'rdb_last_bgsave_status')).toBe('ok')
    expect(Number(await ask(client, 'LASTSAVE'))).toBeGreaterThanOrEqual(before)
    expect(server.output()).toMatch(/\* Background saving started by pid \d+\n/)
    expect(server.output()).toMatch(
      /\* DB saved on disk\n.*\* Background saving terminated with success\n/,
    )
    await server.stop()
    const next = await serve(startWadi, dir, '--dbfilename', 'other.rdb')
    expect(await ask(next.client, 'DBSIZE')).toBe('200000')
  })

  test('inside a transaction BGSAVE is put off, and SAVE is refused', async () => {
    const { client } = await serve(startWadi, folder())
    const replies = await client.exchange([
      ['MULTI'],
      ['SAVE'],
      ['DISCARD'],
      ['MULTI'],
      ['BGSAVE'],
      ['EXEC'],
    ])
    expect(replies[1]!.text).toBe('ERR Command not allowed inside a transaction')
    expect(replies[5]!.items[0]!.text).toBe('Background saving scheduled')
    while ((await field(client, 'rdb_saves')) === '0');
  })

  test('a save point saves', async () => {
    const dir = folder()
    const { server, client } = await serve(startWadi, dir, '--save', '1', '2')
    await client.exchange([
      ['SET', 'a', '1'],
      ['SET', 'b', '1'],
      ['SET', 'c', '1'],
    ])
    while ((await field(client, 'rdb_saves')) === '0');
    expect(server.output()).toMatch(/\* 2 changes in 1 seconds\. Saving\.\.\.\n/)
    expect(readdirSync(dir)).toEqual(['dump.rdb'])
  })

  test('SHUTDOWN saves when there are save points, or when it is asked to', async () => {
    for (const [points, words, isSaved] of [
      [['3600', '1'], [], true],
      [['3600', '1'], ['NOSAVE'], false],
      [[''], [], false],
      [[''], ['SAVE'], true],
    ] as [string[], string[], boolean][]) {
      const dir = folder()
      const { server, client } = await serve(startWadi, dir, '--save', ...points)
      await client.call('SET', 'a', '1')
      client.write(`SHUTDOWN ${words.join(' ')}\r\n`)
      await client.closing(5000)
      await server.stop('SIGCONT')
      expect(readdirSync(dir)).toEqual(isSaved ? ['dump.rdb'] : [])
    }
  })

  test('DEBUG RELOAD begins anew from what it saves', async () => {
    const { client } = await serve(startWadi, folder())
    await fill(client)
    const digest = await ask(client, 'DEBUG', 'DIGEST')
    expect(await ask(client, 'DEBUG', 'RELOAD')).toBe('OK')
    expect(await ask(client, 'DEBUG', 'DIGEST')).toBe(digest)
    await client.call('SET', 'later', '1')
    expect(await ask(client, 'DEBUG', 'RELOAD', 'NOSAVE')).toBe('OK')
    expect(await ask(client, 'DEBUG', 'DIGEST')).toBe(digest)
    expect(await ask(client, 'DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH')).toMatch(
      /^ERR Error trying to load/,
    )
    expect(await ask(client, 'DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH', 'MERGE')).toBe('OK')
    expect(await ask(client, 'DEBUG', 'RELOAD', 'x')).toMatch(/^ERR DEBUG RELOAD only supports/)
  })
})

describe('failures', () => {
  test('a folder that cannot be written refuses writes until a snapshot succeeds', async () => {
    const dir = folder()
    const { client } = await serve(startWadi, dir, '--save', '3600', '1', '--dbfilename', 'sub')
    // A folder has the name of the file: renaming fails.
    mkdirSync(join(dir, 'sub', 'x'), { recursive: true })
    await client.call('SET', 'a', '1')
    expect(await ask(client, 'SAVE')).toBe('ERR')
    expect(await ask(client, 'SET', 'a', '2')).toBe('OK')
    await client.call('BGSAVE')
    while ((await field(client, 'rdb_last_bgsave_status')) === 'ok');
    expect(await ask(client, 'SET', 'a', '3')).toMatch(
      /^MISCONF Redis is configured to save RDB snapshots/,
    )
    expect(await ask(client, 'GET', 'a')).toBe('2')
    expect(await ask(client, 'CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no')).toBe('OK')
    expect(await ask(client, 'SET', 'a', '3')).toBe('OK')
    await client.call('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes')
    rmSync(join(dir, 'sub'), { recursive: true })
    expect(await ask(client, 'SAVE')).toBe('OK')
    expect(await ask(client, 'SET', 'a', '4')).toBe('OK')
    expect(readdirSync(dir)).toEqual(['sub'])
  })

  test.each([
    ['torn', (file: Buffer) => file.subarray(0, file.length - 20), /Short read or OOM loading DB/],
    ['changed', (file: Buffer) => flipped(file), /Internal error in RDB reading offset \d+ -> /],
    ['empty', () => Buffer.alloc(0), /Short read or OOM loading DB/],
    ['of another kind', () => Buffer.from('hello world, hello'), /wrong signature/],
  ])('a file that is %s ends the start', async (_, damage, words) => {
    const dir = folder()
    const { server, client } = await serve(startWadi, dir)
    await fill(client)
    await client.call('SAVE')
    await server.stop()
    const path = join(dir, 'dump.rdb')
    const damaged = damage(readFileSync(path))
    writeFileSync(path, damaged)
    const next = await startWadi({ args: ['--dir', dir] }).catch((error: unknown) => error)
    const output = next instanceof Error ? next.message : await ended(next as TestServer)
    expect(output).toMatch(words)
    expect(output).toMatch(/Fatal error loading the DB, check server logs\. Exiting\./)
    expect(readFileSync(path)).toEqual(damaged)
  })
})

function flipped(file: Buffer): Buffer {
  const damaged = Buffer.from(file)
  damaged[damaged.length >> 1]! ^= 0x10
  return damaged
}

/** What a server printed that ends by itself. */
async function ended(server: TestServer): Promise<string> {
  await until(() => server.output().includes('Exiting.'))
  await server.stop()
  return server.output()
}

describe.skipIf(redisMissing())('files of redis-server', () => {
  const start: typeof startWadi = (options) => startRedis(options)

  test('redis-server loads what Wadi saved', async () => {
    const dir = folder()
    const { server, client } = await serve(startWadi, dir)
    await fill(client)
    await client.call('SAVE')
    const digest = await ask(client, 'DEBUG', 'DIGEST')
    await server.stop()
    const next = await serve(start, dir)
    expect(await ask(next.client, 'DEBUG', 'DIGEST')).toBe(digest)
  })

  test('Wadi loads what redis-server saved', async () => {
    const dir = folder()
    const { server, client } = await serve(start, dir)
    await fill(client)
    await client.call('SAVE')
    const digest = await ask(client, 'DEBUG', 'DIGEST')
    await server.stop()
    const next = await serve(startWadi, dir)
    expect(await ask(next.client, 'DEBUG', 'DIGEST')).toBe(digest)
  })
})
