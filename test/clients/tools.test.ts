/** redis-cli and redis-benchmark, unmodified. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { redisMissing } from '../support/redis.ts'
import { startWadi } from '../support/wadi.ts'

const missing = redisMissing()
const execute = promisify(execFile)

describe.skipIf(missing)(`tools${missing ? `: ${missing}` : ''}`, () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startWadi()
  })
  afterAll(() => server.stop())

  /** What a tool prints. */
  async function run(program: string, ...args: string[]): Promise<string> {
    const { stdout, stderr } = await execute(program, ['-p', String(server.port), ...args])
    return stdout + stderr
  }

  /** What redis-cli prints, fed with lines. */
  async function cli(input: string, ...args: string[]): Promise<string> {
    const child = execute('redis-cli', ['-p', String(server.port), ...args])
    child.child.stdin!.end(input)
    return (await child).stdout
  }

  it('redis-cli runs a command of its arguments', async () => {
    expect(await run('redis-cli', 'SET', 'k', 'v w')).toBe('OK\n')
    expect(await run('redis-cli', 'GET', 'k')).toBe('v w\n')
    expect(await run('redis-cli', '-3', '--no-raw', 'INCR', 'n')).toBe('(integer) 1\n')
    expect(await run('redis-cli', '-n', '3', 'DBSIZE')).toBe('0\n')
  })

  it('redis-cli reads lines, in RESP2 and in RESP3', async () => {
    const lines = 'SET a 1\nINCR a\nMGET a none\nGET\nMULTI\nINCR a\nEXEC\n'
    const plain = await cli(lines, '--no-raw')
    expect(plain).toContain('1) "2"\n2) (nil)')
    expect(plain).toContain("(error) ERR wrong number of arguments for 'get' command")
    expect(plain).toContain('QUEUED\n1) (integer) 3')
    expect(await cli('HSET h f v\nHGETALL h\n', '-3', '--no-raw')).toContain('1# "f" => "v"')
  })

  it('redis-cli --pipe loads commands', async () => {
    const commands = Array.from({ length: 5000 }, (_, i) => `SET pipe:${i} ${i}\r\n`).join('')
    const said = await cli(commands, '--pipe')
    expect(said).toContain('errors: 0, replies: 5000')
    expect(await run('redis-cli', 'GET', 'pipe:4999')).toBe('4999\n')
  })

  it('redis-cli looks for big keys and scans', async () => {
    await run('redis-cli', 'RPUSH', 'long', 'a', 'b', 'c')
    expect(await run('redis-cli', '--bigkeys')).toContain('Biggest   list found')
    const keys = await run('redis-cli', '--scan', '--pattern', 'lon*')
    expect(keys).toBe('long\n')
  })

  it('redis-cli shows INFO and LATENCY', async () => {
    expect(await run('redis-cli', 'INFO', 'server')).toContain('redis_version:')
    expect(await run('redis-cli', 'LATENCY', 'LATEST')).toBe('\n')
  })

  it('redis-benchmark runs its standard tests', async () => {
    const tests = 'ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange,mset'
    const table = await run('redis-benchmark', '-n', '2000', '-P', '16', '-t', tests, '--csv')
    expect(table.match(/^"[^"]+","\d/gm)?.length).toBeGreaterThanOrEqual(18)
    expect(table).not.toMatch(/error/i)
  })

  it('redis-benchmark runs with RESP3, random keys and threads', async () => {
    const options = ['-3', '-r', '1000', '-n', '5000', '-c', '20', '--threads', '2', '--csv']
    const table = await run('redis-benchmark', ...options, 'SET', 'key:__rand_int__', 'v')
    expect(table).toMatch(/^"SET[^"]*","\d/m)
    expect(Number(await run('redis-cli', 'DBSIZE'))).toBeGreaterThan(900)
  })
})
