/** The fields of INFO: those of redis-server in the same sections, and what 7.2 added. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { type Command, Connection } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

/** Fields of redis-server that mean nothing here: docs/operations.md says why. */
const ABSENT = new Set([
  'Server gcc_version',
  'Stats active_defrag_hits',
  'Stats active_defrag_misses',
  'Stats active_defrag_key_hits',
  'Stats active_defrag_key_misses',
  'Stats current_active_defrag_time',
  'Stats total_active_defrag_time',
  'Stats reply_buffer_expands',
  'Stats reply_buffer_shrinks',
])

const hasMeaning = (field: string) => !ABSENT.has(field)

/** Fields that came after 7.0. */
const ADDED = [
  'Server listener0',
  'Clients pubsub_clients',
  'Clients watching_clients',
  'Clients total_watched_keys',
  'Clients total_blocking_keys',
  'Clients total_blocking_keys_on_nokey',
  'Stats acl_access_denied_auth',
  'Stats acl_access_denied_channel',
  'Stats acl_access_denied_cmd',
  'Stats acl_access_denied_key',
  'Stats client_output_buffer_limit_disconnections',
  'Stats client_query_buffer_limit_disconnections',
  'Stats expired_subkeys',
]

/** Each line as its section and its field. */
function fieldsOf(info: string): string[] {
  let section = ''
  return info
    .split('\r\n')
    .flatMap((line) => {
      if (line.startsWith('# ')) section = line.slice(2)
      const colon = line.indexOf(':')
      return line.startsWith('# ') || colon < 0 ? [] : [`${section} ${line.slice(0, colon)}`]
    })
    .sort()
}

function valueOf(info: string, field: string): string {
  return new RegExp(`^${field}:(.*)\r$`, 'm').exec(info)?.[1] ?? ''
}

/** A line of `a=1,b=2` as its names, and how many places each number has behind the point. */
function shapeOf(value: string): string {
  return value.replace(/=([\d.]+)/g, (_, number: string) => {
    const [, fraction = ''] = number.split('.')
    return `=${fraction.length}`
  })
}

describe.skipIf(redisMissing())('INFO', () => {
  let servers: TestServer[] = []
  let redis: Connection
  let wadi: Connection

  beforeAll(async () => {
    const args = ['--appendonly', 'yes', '--latency-tracking-info-percentiles', '50 99.99 100']
    servers = await Promise.all([startRedis({ args }), startWadi({ args })])
    ;[redis, wadi] = (await Promise.all(servers.map(({ port }) => Connection.connect(port)))) as [
      Connection,
      Connection,
    ]
    for (const client of [redis, wadi]) while ((await client.call('PING')).isError);
    await both(
      ['CONFIG', 'RESETSTAT'],
      ['SET', 'key', 'value'],
      ['SET', 'volatile', 'value', 'EX', '1000'],
      ['GET', 'key'],
      ['GET'],
      ['LPUSH', 'key', 'x'],
      ['NOSUCH'],
      ['CONFIG', 'GET', 'maxmemory'],
      ['MULTI'],
      ['INCR', 'queued'],
      ['DISCARD'],
    )
  })
  afterAll(async () => {
    redis.close()
    wadi.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  async function both(...commands: Command[]): Promise<[string, string]> {
    const [expected, got] = await Promise.all(
      [redis, wadi].map(
        async (client) => (await client.exchange(commands, 5000)).at(-1)?.text ?? '',
      ),
    )
    return [expected ?? '', got ?? '']
  }

  it.each(['everything', 'all', 'default', ''])(
    '%s has the fields of redis-server',
    async (word) => {
      const [expected, got] = (await both(word ? ['INFO', word] : ['INFO'])).map(fieldsOf)
      const wanted = expected!.filter(hasMeaning)
      const names = new Set(got)
      expect(wanted.filter((field) => !names.has(field))).toEqual([])
      const known = new Set([...expected!, ...ADDED])
      expect(got!.filter((field) => !known.has(field))).toEqual([])
      expect(ADDED.filter((field) => !names.has(field))).toEqual([])
    },
  )

  it.each([
    ['server', 'clients'],
    ['SERVER', 'server', 'nosuch'],
    ['commandstats', 'latencystats'],
    ['keyspace', 'default'],
    ['nosuch'],
  ])('has the sections asked for: %s %s', async (...words) => {
    const titles = (info: string) => info.match(/^# .*$/gm) ?? []
    const [expected, got] = await both(['INFO', ...words])
    expect(titles(got)).toEqual(titles(expected))
  })

  it('counts calls, refusals and failures of each command as redis-server does', async () => {
    const counts = (info: string) =>
      info
        .split('\r\n')
        .filter(
          (line) =>
            line.startsWith('cmdstat_') && !/^cmdstat_(info|ping|config.resetstat)/.test(line),
        )
        .map((line) => line.replace(/usec=\d+,usec_per_call=\d+\.\d\d,/, 'usec=,'))
        .sort()
    const [expected, got] = await both(['INFO', 'commandstats'])
    expect(counts(got)).toEqual(counts(expected))
    expect(got).toMatch(/^cmdstat_get:calls=1,usec=\d+,usec_per_call=\d+\.\d\d,/m)
  })

  it('counts error replies by their code', async () => {
    const [expected, got] = await both(['INFO', 'errorstats'])
    expect(got.split('\r\n').sort()).toEqual(expected.split('\r\n').sort())
    const totals = (await both(['INFO', 'stats'])).map((info) =>
      valueOf(info, 'total_error_replies'),
    )
    expect(totals[1]).toBe(totals[0])
  })

  it('shows the percentiles that the configuration asks for', async () => {
    const [expected, got] = await both(['INFO', 'latencystats'])
    const lines = (info: string) =>
      info
        .split('\r\n')
        .filter(
          (line) => line.startsWith('latency') && !/_(info|ping|config.resetstat):/.test(line),
        )
        .map(shapeOf)
        .sort()
    expect(lines(got)).toEqual(lines(expected))
    const percentiles = valueOf(got, 'latency_percentiles_usec_set').match(/(?<==)[\d.]+/g)
    expect(percentiles?.map(Number).sort((a, b) => a - b)).toEqual(percentiles?.map(Number))
  })

  it('gives each field a value of the kind that redis-server gives it', async () => {
    const kind = (value: string) => {
      if (/^-?\d+$/.test(value)) return 'integer'
      if (/^-?\d+\.\d+$/.test(value)) return 'decimal'
      if (/^-?\d+(\.\d+)?%$/.test(value)) return 'percentage'
      if (/^\d+(\.\d+)?[BKMGT]$/.test(value)) return 'size'
      if (/^\w+=/.test(value)) return shapeOf(value).replace(/=\w+/g, '=')
      return 'text'
    }
    const [expected, got] = await both(['INFO', 'default'])
    const names = fieldsOf(expected).filter(hasMeaning)
    const differing = names.flatMap((field) => {
      const name = field.split(' ')[1]!
      const [wanted, seen] = [valueOf(expected, name), valueOf(got, name)]
      return kind(wanted) === kind(seen) ? [] : [`${name}: ${wanted} but ${seen}`]
    })
    expect(differing).toEqual([])
  })

  it('sets its counters back with CONFIG RESETSTAT', async () => {
    const [expected, got] = await both(
      ['CONFIG', 'RESETSTAT'],
      ['INFO', 'commandstats'],
      ['INFO', 'stats'],
    )
    for (const field of [
      'total_commands_processed',
      'total_connections_received',
      'keyspace_hits',
      'keyspace_misses',
      'expired_keys',
      'total_error_replies',
    ])
      expect([field, valueOf(got, field)]).toEqual([field, valueOf(expected, field)])
  })
})
