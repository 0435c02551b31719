/** The HTTP port: metrics for who may see them, and health. */
import { describe, expect, onTestFinished, test } from 'vitest'
import net from 'node:net'
import { Origins } from '../../host/http/index.ts'
import { HttpServer } from '../../host/node/http/server.ts'
import { createServer } from '../../host/node/index.ts'
import { loadModule } from '../../host/node/module.ts'
import { freePort } from '../support/process.ts'
import { readMetrics } from '../support/prometheus.ts'
import { connect, startServer } from '../support/server.ts'

async function serve(config: Record<string, string> = {}) {
  const port = await freePort()
  const embedded = await startServer({ config: { 'http-port': String(port), ...config } })
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers })
  return { embedded, get, port }
}

const basic = (text: string) => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
})
const bearer = (text: string) => ({ authorization: `Bearer ${text}` })

describe('GET /metrics', () => {
  test('tells what the server measures', async () => {
    const { embedded, get } = await serve()
    const client = await connect(embedded.port)
    client.send(['SET', 'key', 'value'], ['LPUSH', 'key', 'x'])
    await client.readLike('+OK\r\n-WRONGTYPE')
    const response = await get('/metrics')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const families = readMetrics(await response.text())
    const metrics = (name: string) => families.get(name)?.metrics ?? []
    expect(metrics('redis_up')[0]?.value).toBe('1')
    expect(metrics('redis_db_keys')).toEqual([{ value: '1', labels: { db: 'db0' } }])
    expect(metrics('redis_commands_total')).toContainEqual({ value: '1', labels: { cmd: 'set' } })
    expect(metrics('redis_errors_total')).toEqual([{ value: '1', labels: { err: 'WRONGTYPE' } }])
    expect(Number(metrics('redis_memory_used_bytes')[0]?.value)).toBeGreaterThan(0)
    expect(metrics('redis_instance_info')[0]?.labels).toMatchObject({ role: 'master' })
    // Dashboards of redis_exporter ask for these.
    expect(DASHBOARD.filter((name) => !families.has(name))).toEqual([])
    expect([...families.keys()].join()).not.toContain('wadi')
  })

  test.each<[string, Record<string, string>, number]>([
    ['nobody', {}, 401],
    ['a wrong password', basic('default:wrong'), 401],
    ['an unknown user', basic('nobody:secret'), 401],
    ['the default user', basic('default:secret'), 200],
    ['a password alone', basic(':secret'), 200],
    ['user and password as a bearer', bearer('default:secret'), 200],
    ['the password as a bearer', bearer('secret'), 200],
    ['another scheme', { authorization: 'Digest secret' }, 401],
    ['a user who may read INFO', basic('watcher:eyes'), 200],
    ['a user who may not', basic('blind:eyes'), 403],
  ])('with a password: %s', async (_, headers, status) => {
    const { get, embedded } = await serve({ requirepass: 'secret' })
    const client = await connect(embedded.port)
    client.send(
      ['AUTH', 'secret'],
      ['ACL', 'SETUSER', 'watcher', 'on', '>eyes', '+info'],
      ['ACL', 'SETUSER', 'blind', 'on', '>eyes', '+get'],
    )
    await client.readLike('+OK\r\n+OK\r\n+OK\r\n')
    const response = await get('/metrics', headers)
    expect(response.status).toBe(status)
    const text = await response.text()
    expect(text.startsWith('# HELP')).toBe(status === 200)
    if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Basic realm="wadi"')
  })

  test('leaves no session behind, and is refused like any client when there are too many', async () => {
    const { get, embedded } = await serve({ maxclients: '2' })
    const first = await connect(embedded.port)
    first.send(['PING'])
    await first.readLike('+PONG\r\n')
    for (let i = 0; i < 3; i++) expect((await get('/metrics')).status).toBe(200)
    const second = await connect(embedded.port)
    second.send(['PING'])
    await second.readLike('+PONG\r\n')
    expect((await get('/metrics')).status).toBe(503)
    expect(embedded.server.clients.count).toBe(2)
  })
})

describe('GET /health', () => {
  test('is 200 once the dataset is there, without a password', async () => {
    const { get } = await serve({ requirepass: 'secret' })
    const response = await get('/health')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  })

  test('is 503 while it is loaded', async () => {
    const port = await freePort()
    const { server } = createServer({
      module: loadModule(),
      config: { 'http-port': String(port) },
    })
    onTestFinished(() => server.close())
    server.listen({ anyPort: true })
    Object.defineProperty(server.persistence, 'isLoading', { value: true })
    const response = await fetch(`http://127.0.0.1:${port}/health`)
    expect([response.status, await response.json()]).toEqual([503, { status: 'loading' }])
  })
})

describe('the port', () => {
  test('takes no more connections than it may, and ends slow requests', async () => {
    const { embedded } = await serve()
    const http = new HttpServer({
      clients: embedded.server.clients,
      isLoading: () => false,
      origins: () => new Origins([]),
      maxConnections: () => 1,
      headTimeoutMs: 50,
    })
    const door = net.createServer((socket) => http.arrive(socket))
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      door.close()
      http.close()
    })
    const { port } = door.address() as net.AddressInfo
    const slow = await connect(port)
    slow.socket.write('GET /health HTTP/1.1\r\n')
    const second = await connect(port)
    expect(await second.readAll()).toBe('')
    expect(await slow.readAll()).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('can be changed and closed while the server runs', async () => {
    const { embedded, port } = await serve()
    const other = await freePort()
    const client = await connect(embedded.port)
    client.send(['CONFIG', 'SET', 'http-port', String(other)])
    await client.readLike('+OK\r\n')
    expect((await fetch(`http://127.0.0.1:${other}/health`)).status).toBe(200)
    client.send(['CONFIG', 'SET', 'http-port', '0'])
    await client.readLike('+OK\r\n')
    for (const closed of [port, other])
      await expect(connect(closed)).rejects.toThrow('ECONNREFUSED')
  })

  test('takes routes of others, and what is none is a command', async () => {
    const { embedded, get } = await serve()
    embedded.server.http.app.get('/mine', (c) => c.text('yes'))
    expect(await (await get('/mine')).text()).toBe('yes')
    expect((await get('/nosuch')).status).toBe(400)
  })
})

const DASHBOARD = [
  'redis_uptime_in_seconds',
  'redis_connected_clients',
  'redis_blocked_clients',
  'redis_memory_used_bytes',
  'redis_memory_max_bytes',
  'redis_memory_used_rss_bytes',
  'redis_commands_processed_total',
  'redis_commands_total',
  'redis_commands_duration_seconds_total',
  'redis_keyspace_hits_total',
  'redis_keyspace_misses_total',
  'redis_net_input_bytes_total',
  'redis_net_output_bytes_total',
  'redis_db_keys',
  'redis_db_keys_expiring',
  'redis_expired_keys_total',
  'redis_evicted_keys_total',
  'redis_slowlog_length',
  'redis_start_time_seconds',
  'redis_config_maxclients',
  'redis_connected_slaves',
  'redis_rdb_last_save_timestamp_seconds',
  'redis_mem_fragmentation_ratio',
  'redis_cpu_sys_seconds_total',
]
