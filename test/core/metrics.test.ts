import { describe, expect, test } from 'vitest'
import { prometheusMetrics } from '../../host/core/metrics/index.ts'
import { readMetrics } from '../support/prometheus.ts'

const info = (...lines: string[]) => lines.map((line) => `${line}\r\n`).join('')

describe('metrics', () => {
  test('are families with help and type, under the names of redis_exporter', () => {
    const text = prometheusMetrics({
      info: info(
        '# Server',
        'redis_version:7.2.4',
        'server_time_usec:1800000100000000',
        'uptime_in_seconds:100',
        '# Clients',
        'connected_clients:3',
        '# Stats',
        'keyspace_hits:7',
        'rdb_last_bgsave_status:ok',
        'aof_last_write_status:err',
        'used_memory_human:1.00M',
        '# Keyspace',
        'db0:keys=5,expires=2,avg_ttl=1500',
        'db11:keys=1,expires=0,avg_ttl=0',
      ),
    })
    const families = readMetrics(text)
    const value = (name: string) => families.get(name)?.metrics[0]?.value
    expect(value('redis_up')).toBe('1')
    expect(value('redis_connected_clients')).toBe('3')
    expect(value('redis_keyspace_hits_total')).toBe('7')
    expect(value('redis_rdb_last_bgsave_status')).toBe('1')
    expect(value('redis_aof_last_write_status')).toBe('0')
    expect(value('redis_start_time_seconds')).toBe('1800000000')
    expect(families.get('redis_keyspace_hits_total')?.type).toBe('COUNTER')
    expect(families.get('redis_connected_clients')?.type).toBe('GAUGE')
    expect(families.get('redis_db_keys')?.metrics).toEqual([
      { value: '5', labels: { db: 'db0' } },
      { value: '1', labels: { db: 'db11' } },
    ])
    expect(families.get('redis_db_avg_ttl_seconds')?.metrics[0]?.value).toBe('1.5')
    expect(families.get('redis_instance_info')?.metrics[0]?.labels).toMatchObject({
      redis_version: '7.2.4',
      role: '',
    })
    expect(text).not.toContain('human')
  })

  test('of commands: calls, time, failures, percentiles and a histogram', () => {
    const text = prometheusMetrics({
      info: info(
        'cmdstat_get:calls=10,usec=2500,usec_per_call=250.00,rejected_calls=1,failed_calls=2',
        'cmdstat_config|get:calls=1,usec=5,usec_per_call=5.00,rejected_calls=0,failed_calls=0',
        'errorstat_WRONGTYPE:count=2',
        'latency_percentiles_usec_get:p50=100.000,p99.9=400.500',
      ),
      histograms: [
        {
          command: 'get',
          calls: 10,
          buckets: [
            [132, 6],
            [528, 9],
          ],
        },
      ],
    })
    const families = readMetrics(text)
    const of = (name: string) => families.get(`redis_${name}`)?.metrics
    expect(of('commands_total')).toEqual([
      { value: '10', labels: { cmd: 'get' } },
      { value: '1', labels: { cmd: 'config|get' } },
    ])
    expect(of('commands_duration_seconds_total')?.[0]?.value).toBe('0.0025')
    expect(of('commands_failed_calls_total')?.[0]?.value).toBe('2')
    expect(of('commands_rejected_calls_total')?.[0]?.value).toBe('1')
    expect(of('errors_total')).toEqual([{ value: '2', labels: { err: 'WRONGTYPE' } }])
    expect(of('latency_percentiles_usec')?.[0]?.quantiles).toEqual({ '50': '100', '99.9': '400.5' })
    expect(of('commands_latencies_usec')?.[0]?.buckets).toEqual({
      '132': '6',
      '528': '9',
      '+Inf': '10',
    })
    expect(text).toContain('redis_commands_latencies_usec_count{cmd="get"} 10\n')
    expect(text).toContain('redis_latency_percentiles_usec{cmd="get",quantile="99.9"} 400.5\n')
    expect(text).toContain('redis_commands_latencies_usec_bucket{cmd="get",le="132"} 6\n')
  })

  test('of replicas, of a master, of the slow log and of latency spikes', () => {
    const families = readMetrics(
      prometheusMetrics({
        info: info(
          'role:slave',
          'master_host:10.0.0.1',
          'master_port:6379',
          'master_link_status:up',
          'master_last_io_seconds_ago:3',
          'slave_read_only:1',
          'slave0:ip=10.0.0.2,port=6380,state=online,offset=1234,lag=1',
        ),
        slowlog: { length: 2, last: { id: 7, seconds: 0.25 } },
        spikes: [{ event: 'command', atSeconds: 1_800_000_000, seconds: 0.02 }],
      }),
    )
    const first = (name: string) => families.get(`redis_${name}`)?.metrics[0]
    const master = { master_host: '10.0.0.1', master_port: '6379' }
    expect(first('master_link_up')).toEqual({ value: '1', labels: master })
    expect(first('slave_info')).toEqual({ value: '1', labels: { ...master, read_only: '1' } })
    expect(first('connected_slave_offset_bytes')).toEqual({
      value: '1234',
      labels: { slave_ip: '10.0.0.2', slave_port: '6380', slave_state: 'online' },
    })
    expect(first('slowlog_length')?.value).toBe('2')
    expect(first('last_slow_execution_duration_seconds')?.value).toBe('0.25')
    expect(first('latency_spike_duration_seconds')).toEqual({
      value: '0.02',
      labels: { event_name: 'command' },
    })
    expect(first('master_sync_in_progress')).toBeUndefined()
  })

  test('survive whatever a label holds', () => {
    const text = prometheusMetrics({ info: info('errorstat_"\\:count=1', 'os:a "b" \\ c') })
    readMetrics(text)
    expect(text).toContain('{err="\\"\\\\"} 1')
  })
})
