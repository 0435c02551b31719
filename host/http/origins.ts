// Pages of other origins: a browser lets them read a response only if it says so, and opens WebSockets for them
// without asking, so those are refused here.

export class Origins {
  readonly #allowed: ReadonlySet<string>

  /** @param allowed origins like `https://example.com`; `*` allows all */
  constructor(allowed: Iterable<string>) {
    this.#allowed = new Set(allowed)
  }

  allows(origin: string): boolean {
    return this.#allowed.has('*') || this.#allowed.has(origin)
  }
}

/** What a request may ask. */
export const METHODS = 'GET, HEAD, POST, PUT, OPTIONS'
const DAY_S = '86400'

/** What the client sends; `cache-control` comes with its subscriptions, `-retry` when it tries again. */
const HEADERS = [
  'authorization',
  'cache-control',
  'content-type',
  'upstash-encoding',
  'upstash-sync-token',
  ...['runtime', 'platform', 'sdk', 'retry'].map((what) => `upstash-telemetry-${what}`),
].join(', ')

export function preflight(origins: Origins, origin: string): Response {
  if (!origins.allows(origin)) return new Response(null, { status: 403 })
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': HEADERS,
      'access-control-max-age': DAY_S,
      vary: 'origin',
    },
  })
}

/** The response, with what lets a page of that origin read it. */
export function withOrigin(
  response: Response,
  origins: Origins,
  origin: string | undefined,
): Response {
  if (origin === undefined || response.status === 101 || !origins.allows(origin)) return response
  const open = new Response(response.body, response)
  open.headers.set('access-control-allow-origin', origin)
  open.headers.set('access-control-expose-headers', 'upstash-sync-token, retry-after')
  open.headers.append('vary', 'origin')
  return open
}
