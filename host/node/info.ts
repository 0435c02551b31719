// What INFO tells of the host: the process, its addresses and files. The engine writes its own lines first.

import { arch, release, totalmem, type } from 'node:os'
import { type Section, sections } from '../core/abi.ts'
import type { SystemClock } from '../core/clock.ts'
import type { Engine } from '../core/engine.ts'
import { humanBytes } from './human-bytes.ts'
import type { Settings } from './settings.ts'

export type Fields = () => Record<string, string | number>

export class Info {
  readonly #fields = new Map<Section, Fields[]>()

  /** Adds lines to a section; they are asked for each time. */
  add(section: Section, fields: Fields): void {
    this.#fields.set(section, [...(this.#fields.get(section) ?? []), fields])
  }

  /** The lines of a section by its number. */
  lines(section: number): string {
    const name = sections[section]
    const all = (name && this.#fields.get(name)) ?? []
    return all
      .flatMap((fields) => Object.entries(fields()))
      .map(([field, value]) => `${field}:${value}\r\n`)
      .join('')
  }
}

export interface ServerFacts {
  runId: string
  configFile: string
  /** Who supervises the process. */
  supervisor: () => string
  clock: SystemClock
  engine: Engine
  settings: Settings
}

/** The facts of the process. */
export function addProcessInfo(info: Info, facts: ServerFacts): void {
  const { clock, settings, engine } = facts
  const startedUs = clock.monotonicUs()
  info.add('server', () => {
    const nowUs = clock.monotonicUs()
    const uptime = Math.floor((nowUs - startedUs) / 1e6)
    return {
      redis_git_sha1: '00000000',
      redis_git_dirty: 0,
      redis_build_id: 'wadi',
      os: `${type()} ${release()} ${MACHINES[arch()] ?? arch()}`,
      arch_bits: 32,
      monotonic_clock: 'performance.now',
      multiplexing_api: 'libuv',
      atomicvar_api: 'none',
      process_id: process.pid,
      process_supervised: facts.supervisor(),
      run_id: facts.runId,
      tcp_port: settings.number('port'),
      uptime_in_seconds: uptime,
      uptime_in_days: Math.floor(uptime / 86400),
      hz: settings.number('hz'),
      configured_hz: settings.number('hz'),
      lru_clock: Math.floor(clock.wallUs(nowUs) / 1e6) & 0xffffff,
      executable: process.argv[1] ?? process.execPath,
      config_file: facts.configFile,
      io_threads_active: 0,
      ...listenerLines(settings),
    }
  })
  info.add('stats', () => ({
    total_forks: 0,
    latest_fork_usec: 0,
    migrate_cached_sockets: 0,
    io_threaded_reads_processed: 0,
    io_threaded_writes_processed: 0,
  }))
  info.add('memory', () => {
    const rss = process.memoryUsage.rss()
    const used = engine.usedBytes
    const resident = engine.bytes.length
    return {
      used_memory_rss: rss,
      used_memory_rss_human: humanBytes(rss),
      total_system_memory: totalmem(),
      total_system_memory_human: humanBytes(totalmem()),
      rss_overhead_ratio: (rss / resident).toFixed(2),
      rss_overhead_bytes: rss - resident,
      mem_fragmentation_ratio: (rss / used).toFixed(2),
      mem_fragmentation_bytes: rss - used,
    }
  })
  info.add('cpu', () => {
    const { system, user } = process.cpuUsage()
    return {
      used_cpu_sys: seconds(system),
      used_cpu_user: seconds(user),
      used_cpu_sys_children: seconds(0),
      used_cpu_user_children: seconds(0),
      used_cpu_sys_main_thread: seconds(system),
      used_cpu_user_main_thread: seconds(user),
    }
  })
}

/** What is listened on, a line each. */
function listenerLines(settings: Settings): Record<string, string> {
  const port = settings.number('port')
  const tlsPort = settings.number('tls-port')
  const unixSocket = settings.get('unixsocket')
  const bind = settings
    .get('bind')
    .split(' ')
    .map((address) => `bind=${address},`)
  const listeners = [
    ...(port ? [`name=tcp,${bind.join('')}port=${port}`] : []),
    ...(tlsPort ? [`name=tls,${bind.join('')}port=${tlsPort}`] : []),
    ...(unixSocket ? [`name=unix,bind=${unixSocket}`] : []),
  ]
  return Object.fromEntries(listeners.map((listener, i) => [`listener${i}`, listener]))
}

const MACHINES: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64' }

const seconds = (us: number): string => (us / 1e6).toFixed(6)
