/** DEBUG as far as it is the host's: what ends the process, starts it again, or makes its disk slow. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { serverArguments, start, type TestServer } from '../support/process.ts'
import { Connection } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

const servers: TestServer[] = []
const folder = mkdtempSync(join(tmpdir(), 'wadi-debug-'))
afterAll(async () => {
  for (const server of servers) await server.stop()
  rmSync(folder, { recursive: true })
})

async function serve(args: string[] = []): Promise<{ server: TestServer; client: Connection }> {
  const server = await startWadi({ args })
  servers.push(server)
  const client = await Connection.connect(server.port)
  while ((await client.call('PING')).isError);
  return { server, client }
}

/** A connection once the server is there again. */
async function connectAgain(port: number): Promise<Connection> {
  for (;;) {
    try {
      const client = await Connection.connect(port)
      while ((await client.call('PING')).isError);
      return client
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

describe('DEBUG', () => {
  test.each([
    ['SEGFAULT', 'crashed: by signal: 11'],
    ['PANIC', 'crashed: Guru Meditation'],
    ['ASSERT', 'ASSERTION FAILED'],
    ['OOM', 'crashed: Out Of Memory'],
  ])('%s ends the process with a report', async (word, text) => {
    const { server, client } = await serve()
    await expect(client.call('DEBUG', word)).rejects.toThrow('Closed before the reply')
    await server.stop()
    expect(server.output()).toContain('=== WADI BUG REPORT START')
    expect(server.output()).toContain(text)
  })

  test('RESTART saves, and the same process serves again; CRASH-AND-RECOVER does not save', async () => {
    const { server, client } = await serve()
    await client.call('SET', 'saved', '1')
    await expect(client.call('DEBUG', 'RESTART')).rejects.toThrow('Closed before the reply')
    const next = await connectAgain(server.port)
    expect((await next.call('GET', 'saved')).text).toBe('1')
    await next.call('SET', 'lost', '1')
    await expect(next.call('DEBUG', 'CRASH-AND-RECOVER', 1)).rejects.toThrow(
      'Closed before the reply',
    )
    const last = await connectAgain(server.port)
    expect((await last.call('EXISTS', 'saved', 'lost')).text).toBe('1')
    expect((await last.call('INFO', 'server')).text).toContain(`process_id:${server.pid}\r\n`)
    last.close()
  })

  test('CONFIG-REWRITE-FORCE-ALL writes all directives', async () => {
    const path = join(folder, 'all.conf')
    writeFileSync(path, '# mine\n')
    const cli = resolve(import.meta.dirname, '../../dist/node/cli.js')
    const server = await start({
      name: 'wadi',
      command: (port, dir) => [process.execPath, cli, path, ...serverArguments(port, dir)],
    })
    servers.push(server)
    const client = await Connection.connect(server.port)
    expect((await client.call('DEBUG', 'CONFIG-REWRITE-FORCE-ALL')).text).toBe('OK')
    const lines = readFileSync(path, 'latin1').split('\n')
    expect(lines[0]).toBe('# mine')
    expect(lines).toContain('hz 10')
    expect(lines).toContain('enable-debug-command yes')
    client.close()
  })

  test('AOF-FLUSH-SLEEP makes writes slow, which the latency monitor sees', async () => {
    const { client } = await serve(['--appendonly', 'yes', '--latency-monitor-threshold', '5'])
    await client.call('DEBUG', 'AOF-FLUSH-SLEEP', 20_000)
    await client.call('SET', 'key', 'value')
    const names = async () =>
      (await client.call('LATENCY', 'LATEST')).items.map(({ items }) => items[0]!.text)
    while (!(await names()).includes('aof-write'));
    expect(await names()).toContain('aof-write-alone')
    client.close()
  })

  test('CHANGE-REPL-ID begins another history', async () => {
    const { client } = await serve()
    const id = async () =>
      /master_replid:(\w{40})\r/.exec((await client.call('INFO', 'replication')).text)?.[1]
    const before = await id()
    expect((await client.call('DEBUG', 'CHANGE-REPL-ID')).text).toBe('OK')
    expect(await id()).toMatch(/^[0-9a-f]{40}$/)
    expect(await id()).not.toBe(before)
    client.close()
  })

  test('PAUSE-CRON keeps expired keys until it is over', async () => {
    const { client } = await serve()
    await client.call('DEBUG', 'PAUSE-CRON', 1)
    await client.exchange([
      ['SET', 'a', '1', 'PX', '1'],
      ['DEBUG', 'SLEEP', '0.15'],
    ])
    expect((await client.call('DBSIZE')).text).toBe('1')
    await client.call('DEBUG', 'PAUSE-CRON', 0)
    while ((await client.call('DBSIZE')).text !== '0');
    client.close()
  })
})
