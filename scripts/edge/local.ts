// A worker on workerd in this machine: nothing but loopback connections, state in a folder or in memory.

import type { Readable } from 'node:stream'
import { kCurrentWorker, Miniflare, type MiniflareOptions } from 'miniflare'
import { bundleWorker } from './bundle.ts'

const HOST = '127.0.0.1'

export interface LocalOptions {
  /** The worker's entry, relative to the root of the repository. */
  entry?: string
  /** The class of the objects. */
  className?: string
  port?: number
  /** Where state is kept; in memory unless told. */
  persistTo?: string
  /** Variables and secrets. */
  bindings?: Record<string, string>
  /** Service bindings to entrypoints of the worker itself. */
  entrypoints?: Record<string, string>
  /** Compatibility flags, beside those of `wrangler.jsonc`. */
  flags?: string[]
  /** Whether the worker has the class of gateways; it has unless told. */
  hasGateway?: boolean
  /** Cloudflare's rate limits: so many a minute. */
  rateLimits?: Record<string, number>
  /** Hears what the worker and the runtime print. */
  print?: (text: string) => void
  /** Bindings of further objects to their classes. */
  objects?: Record<string, string>
}

export async function startLocal(options: LocalOptions = {}): Promise<Miniflare> {
  const local = new Miniflare(await miniflareOptions(options))
  await local.ready
  return local
}

/** Where the worker answers. Nothing stands in front of it, as Miniflare's own worker would: that takes longer than ours. */
export async function urlOf(local: Miniflare): Promise<string> {
  return String(await local.unsafeGetDirectURL()).replace(/\/$/, '')
}

export async function miniflareOptions(options: LocalOptions): Promise<MiniflareOptions> {
  const className = options.className ?? 'WadiObject'
  const { print } = options
  return {
    modules: await bundleWorker(options.entry ?? 'edge/worker.ts'),
    compatibilityDate: '2026-03-01',
    compatibilityFlags: [
      'enable_request_signal',
      'no_web_socket_compression',
      ...(options.flags ?? []),
    ],
    host: HOST,
    unsafeDirectSockets: [{ host: HOST, port: options.port ?? 0 }],
    bindings: options.bindings ?? {},
    durableObjects: {
      WADI: { className, useSQLite: true },
      ...(options.hasGateway !== false && {
        WADI_GATEWAY: { className: 'WadiGateway', useSQLite: true },
      }),
      ...Object.fromEntries(
        Object.entries(options.objects ?? {}).map(([name, other]) => [
          name,
          { className: other, useSQLite: true },
        ]),
      ),
    },
    ...(options.persistTo !== undefined && { durableObjectsPersist: options.persistTo }),
    ...(options.entrypoints && {
      serviceBindings: Object.fromEntries(
        Object.entries(options.entrypoints).map(([name, entrypoint]) => [
          name,
          { name: kCurrentWorker, entrypoint },
        ]),
      ),
    }),
    ...(options.rateLimits && {
      ratelimits: Object.fromEntries(
        Object.entries(options.rateLimits).map(([name, limit]) => [
          name,
          { namespace_id: name, simple: { limit, period: 60 } },
        ]),
      ),
    }),
    ...(print && {
      handleRuntimeStdio: (...streams: Readable[]) => {
        for (const stream of streams) stream.on('data', (text) => print(String(text)))
      },
    }),
    cf: false,
    telemetry: { enabled: false },
  }
}
