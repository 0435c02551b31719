// Where to listen and who is calling: `bind` addresses, and how Redis writes the ends of a connection.

/** One word of the `bind` directive. */
export interface BindAddress {
  /** As it was given, without the dash. */
  name: string
  host: string
  family: 4 | 6
  /** `-::1`: this machine may lack the address. */
  optional: boolean
}

/** `127.0.0.1 -::1`, `*` (every IPv4 address), `::*` (every IPv6 address), `localhost`. */
export function parseBind(bind: string): BindAddress[] {
  return bind
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const optional = word.startsWith('-')
      const name = optional ? word.slice(1) : word
      const family = name.includes(':') ? 6 : 4
      return { name, host: HOSTS[name] ?? name, family, optional }
    })
}

const HOSTS: Record<string, string> = { '*': '0.0.0.0', '::*': '::', localhost: '127.0.0.1' }

/** `127.0.0.1:6379`, `[::1]:6379`. */
export function formatAddress(host: string | undefined, port: number | undefined): string {
  if (host === undefined || port === undefined) return '?:0'
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether a peer is this machine itself. */
export function isLoopback(host: string | undefined): boolean {
  return host === undefined || host === '::1' || /^(::ffff:)?127\./.test(host)
}
