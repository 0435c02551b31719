// What a server measures, as Prometheus reads it, under the names of redis_exporter, so that dashboards and
// alerts made for Redis work. It is made of the text of INFO and of what SLOWLOG and LATENCY tell:
//
//   prometheusMetrics({ info: await db.info('everything') })
//   prometheusMetrics(await measure((...args) => session.call(...args)))

import type { Measured } from './measured.ts'
import { COUNTERS, GAUGES, INSTANCE_LABELS } from './names.ts'
import { MetricsText } from './text.ts'

export { measure } from './measure.ts'
export type { Measured } from './measured.ts'

/** The text of a scrape. */
export function prometheusMetrics(measured: Measured): string {
  const text = new MetricsText('redis_')
  const fields = readInfo(measured.info)
  text.gauge('up', 'Whether the server answers', 1)
  addInstance(text, fields)
  for (const [field, value] of fields) {
    if (GAUGES[field]) text.gauge(GAUGES[field], `${field} of INFO`, numberOf(value))
    else if (COUNTERS[field]) text.counter(COUNTERS[field], `${field} of INFO`, numberOf(value))
    else addLine(text, field, value, fields)
  }
  addReplica(text, fields)
  addSlowlog(text, measured.slowlog)
  for (const { event, atSeconds, seconds } of measured.spikes ?? []) {
    const labels = { event_name: event }
    text.gauge('latency_spike_last', 'When the last spike of an event was', atSeconds, labels)
    text.gauge('latency_spike_duration_seconds', 'How long it took', seconds, labels)
  }
  for (const { command, calls, buckets } of measured.histograms ?? []) {
    const { usec = 0 } = pairsOf(fields.get(`cmdstat_${command}`) ?? '')
    const help = 'How long the calls of a command took, in microseconds'
    const all = { buckets, sum: usec, count: calls }
    text.histogram('commands_latencies_usec', help, all, { cmd: command })
  }
  return text.toString()
}

/** Fields and values, without the sections. */
function readInfo(info: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}

/** A number, or what a word says of a state; NaN: neither. */
function numberOf(value: string): number {
  if (value === 'ok' || value === 'up') return 1
  if (value === 'err' || value === 'fail' || value === 'down') return 0
  return value === '' ? NaN : Number(value)
}

/** `keys=1,expires=0` as numbers. */
function pairsOf(value: string): Record<string, number> {
  return Object.fromEntries(
    value.split(',').map((pair) => {
      const [name = '', number = ''] = pair.split('=')
      return [name, Number(number)]
    }),
  )
}

function addInstance(text: MetricsText, fields: ReadonlyMap<string, string>): void {
  const labels = INSTANCE_LABELS.map((label) => [label, fields.get(label) ?? ''])
  text.gauge('instance_info', 'Which server this is', 1, Object.fromEntries(labels))
  const nowSeconds = Number(fields.get('server_time_usec')) / 1e6
  const startSeconds = Math.round(nowSeconds - Number(fields.get('uptime_in_seconds')))
  text.gauge('start_time_seconds', 'When the server started, in Unix time', startSeconds)
  for (const name of ['maxclients', 'maxmemory'])
    text.gauge(`config_${name}`, `The directive ${name}`, numberOf(fields.get(name) ?? ''))
}

/** Lines with several values: commands, errors, databases, replicas. */
function addLine(
  text: MetricsText,
  field: string,
  value: string,
  fields: ReadonlyMap<string, string>,
): void {
  if (field.startsWith('cmdstat_')) addCommand(text, field.slice(8), pairsOf(value))
  else if (field.startsWith('errorstat_')) {
    const { count = 0 } = pairsOf(value)
    text.counter('errors_total', 'Error replies by their code', count, { err: field.slice(10) })
  } else if (field.startsWith('latency_percentiles_usec_')) {
    const cmd = field.slice(25)
    const { calls = 0, usec = 0 } = pairsOf(fields.get(`cmdstat_${cmd}`) ?? '')
    const quantiles = Object.entries(pairsOf(value)).map(
      ([name, number]) => [name.slice(1), number] as const,
    )
    const all = { quantiles, sum: usec, count: calls }
    text.summary('latency_percentiles_usec', 'Percentiles of durations', all, { cmd })
  } else if (/^db\d+$/.test(field)) addDatabase(text, field, pairsOf(value))
  else if (/^slave\d+$/.test(field)) addSlave(text, value)
}

function addCommand(text: MetricsText, cmd: string, stat: Record<string, number>): void {
  const { calls = 0, usec = 0, failed_calls = 0, rejected_calls = 0 } = stat
  const labels = { cmd }
  text.counter('commands_total', 'Calls of a command', calls, labels)
  text.counter('commands_duration_seconds_total', 'Time spent in it', usec / 1e6, labels)
  text.counter('commands_failed_calls_total', 'Calls that failed', failed_calls, labels)
  text.counter('commands_rejected_calls_total', 'Calls that were refused', rejected_calls, labels)
}

function addDatabase(text: MetricsText, db: string, stat: Record<string, number>): void {
  const { keys = 0, expires = 0, avg_ttl = 0 } = stat
  text.gauge('db_keys', 'Keys of a database', keys, { db })
  text.gauge('db_keys_expiring', 'Keys of a database that expire', expires, { db })
  text.gauge('db_avg_ttl_seconds', 'How long they last on average', avg_ttl / 1000, { db })
}

/** One replica of a master: `ip=…,port=…,state=…,offset=…,lag=…`. */
function addSlave(text: MetricsText, value: string): void {
  const words = Object.fromEntries(value.split(',').map((pair) => pair.split('=', 2)))
  const labels = { slave_ip: words.ip, slave_port: words.port, slave_state: words.state }
  const { offset, lag } = words
  text.gauge('connected_slave_offset_bytes', 'Where a replica is', Number(offset), labels)
  text.gauge('connected_slave_lag_seconds', 'How far it is behind', Number(lag), labels)
}

/** What a replica knows of its master. */
function addReplica(text: MetricsText, fields: ReadonlyMap<string, string>): void {
  if (fields.get('role') !== 'slave') return
  const labels = {
    master_host: fields.get('master_host') ?? '',
    master_port: fields.get('master_port') ?? '',
  }
  const gauge = (name: string, field: string, help: string) =>
    text.gauge(name, help, numberOf(fields.get(field) ?? ''), labels)
  gauge('master_link_up', 'master_link_status', 'Whether the link to the master is up')
  gauge('master_last_io_seconds_ago', 'master_last_io_seconds_ago', 'Since the master said a word')
  gauge('master_sync_in_progress', 'master_sync_in_progress', 'Whether a full sync runs')
  gauge('slave_repl_offset', 'slave_repl_offset', 'Where this replica is')
  text.gauge('slave_info', 'What this replica is', 1, {
    ...labels,
    read_only: fields.get('slave_read_only') ?? '',
  })
}

function addSlowlog(text: MetricsText, slowlog: Measured['slowlog']): void {
  if (!slowlog) return
  text.gauge('slowlog_length', 'Entries of the slow log', slowlog.length)
  const { last } = slowlog
  if (!last) return
  text.gauge('slowlog_last_id', 'The number of its newest entry', last.id)
  text.gauge('last_slow_execution_duration_seconds', 'How long that one took', last.seconds)
}
