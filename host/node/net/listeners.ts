// Where clients connect: TCP, TLS and a Unix socket, and what `bind`, `port` and `tls-…` mean to them.

import type { Socket } from 'node:net'
import type { Settings } from '../settings.ts'
import type { Clients } from '../clients.ts'
import type { Logger } from '../logger.ts'
import type { ClientHandle } from './bind.ts'
import { parseBind } from './address.ts'
import { TcpListener, type TcpPlace } from './tcp-listener.ts'
import { TlsGate } from './tls-gate.ts'
import { clientOptions, serverOptions, TlsError } from './tls-options.ts'
import { UnixListener } from './unix-listener.ts'

/** The server cannot start; the log says why. */
export class StartError extends Error {
  override name = 'StartError'
}

export interface ListenersParts {
  settings: Settings
  clients: Clients
  /** Takes the connections of the HTTP port. */
  http: { arrive(client: ClientHandle | Socket): void }
  log: Logger
  /** A directive that is a path, as an absolute one. */
  path: (name: string) => string
}

const CANNOT_LISTEN = 'Unable to listen on this port. Check server logs.'
const CANNOT_CONFIGURE = 'Unable to update TLS configuration. Check server logs.'

export class Listeners {
  readonly tcp: TcpListener
  readonly tls: TcpListener
  readonly http: TcpListener
  readonly gate: TlsGate
  readonly #unix: UnixListener
  readonly #parts: ListenersParts

  constructor(parts: ListenersParts) {
    const { clients, log } = parts
    this.#parts = parts
    this.gate = new TlsGate((socket) => clients.arriveSecurely(socket), log)
    this.tcp = new TcpListener((client) => clients.arrive(client, undefined), log)
    this.tls = new TcpListener((client) => {
      if (clients.mayCome(this.gate.handshakes)) this.gate.shake(client)
      else if ('close' in client) client.close()
      else client.destroy()
    }, log)
    this.http = new TcpListener((client) => parts.http.arrive(client), log)
    this.#unix = new UnixListener((client, path) => clients.arrive(client, path), log)
    this.#followSettings()
  }

  /**
   * Listens everywhere; with `anyPort` over TCP on a port that is free.
   *
   * @throws {StartError}
   */
  open({ anyPort = false }): void {
    const { settings, log } = this.#parts
    if (this.#needsTls() && !this.#configureTls()) {
      log.warning('Failed to configure TLS. Check logs for more info.')
      throw new StartError('TLS cannot be had as it is configured')
    }
    if (settings.get('unixsocket')) this.#listenUnix()
    const httpPort = settings.number('http-port')
    if (httpPort) this.#listen(this.http, httpPort, 'HTTP')
    const tlsPort = settings.number('tls-port')
    if (tlsPort) this.#listen(this.tls, tlsPort, 'TLS')
    // Last, so that who can connect here finds all the others open, too.
    const port = anyPort ? 0 : settings.number('port')
    if (port || anyPort) this.#listen(this.tcp, port, 'TCP')
  }

  close(): void {
    this.tcp.close()
    this.tls.close()
    this.http.close()
    this.gate.close()
    this.#unix.close()
  }

  #listen(listener: TcpListener, port: number, kind: string): void {
    try {
      listener.listen(this.#place(port))
    } catch {
      this.close()
      this.#parts.log.warning(`Failed listening on port ${port} (${kind}), aborting.`)
      throw new StartError(`port ${port} cannot be had`)
    }
  }

  #listenUnix(): void {
    const { settings, log, path } = this.#parts
    const permissions = Number.parseInt(settings.get('unixsocketperm'), 8)
    try {
      this.#unix.listen(path('unixsocket'), permissions, settings.number('tcp-backlog'))
    } catch (error) {
      this.close()
      log.warning(`Failed opening Unix socket: ${(error as Error).message}`)
      throw new StartError('the Unix socket cannot be had')
    }
  }

  #place(port: number): TcpPlace {
    const { settings } = this.#parts
    return {
      addresses: parseBind(settings.get('bind')),
      port,
      backlog: settings.number('tcp-backlog'),
    }
  }

  #needsTls(): boolean {
    const { settings } = this.#parts
    return (
      settings.number('tls-port') > 0 ||
      settings.isOn('tls-replication') ||
      settings.isOn('tls-cluster')
    )
  }

  /** Takes certificates and all else of TLS as it is configured now; false leaves what there was. */
  #configureTls(): boolean {
    try {
      this.gate.configure(serverOptions(this.#parts))
      if (this.#parts.settings.get('tls-client-cert-file')) clientOptions(this.#parts)
      return true
    } catch (error) {
      if (!(error instanceof TlsError)) throw error
      this.#parts.log.warning(error.message)
      return false
    }
  }

  #followSettings(): void {
    const { settings } = this.#parts
    settings.onChange('port', () => (this.#move(this.tcp, 'port') ? undefined : CANNOT_LISTEN))
    settings.onChange('tls-port', () => {
      if (this.#needsTls() && !this.#configureTls()) return CANNOT_CONFIGURE
      return this.#move(this.tls, 'tls-port') ? undefined : CANNOT_LISTEN
    })
    settings.onChange('http-port', () =>
      this.#move(this.http, 'http-port') ? undefined : CANNOT_LISTEN,
    )
    settings.onChange('bind', () => {
      const ports: [TcpListener, string][] = [
        [this.tcp, 'port'],
        [this.tls, 'tls-port'],
        [this.http, 'http-port'],
      ]
      if (ports.every(([listener, directive]) => this.#move(listener, directive))) return undefined
      this.#parts.log.warning('Failed to bind')
      return 'Failed to bind to specified addresses.'
    })
    for (const name of TLS_DIRECTIVES) {
      settings.onChange(name, () =>
        !this.#needsTls() || this.#configureTls() ? undefined : CANNOT_CONFIGURE,
      )
    }
  }

  /** Listens as the configuration says now; false: it cannot be. */
  #move(listener: TcpListener, directive: string): boolean {
    const port = this.#parts.settings.number(directive)
    try {
      if (port) listener.listen(this.#place(port))
      else listener.close()
      return true
    } catch {
      return false
    }
  }
}

/** Whatever makes up a TLS context. */
const TLS_DIRECTIVES = [
  'tls-cert-file',
  'tls-key-file',
  'tls-key-file-pass',
  'tls-client-cert-file',
  'tls-client-key-file',
  'tls-client-key-file-pass',
  'tls-dh-params-file',
  'tls-ca-cert-file',
  'tls-ca-cert-dir',
  'tls-auth-clients',
  'tls-replication',
  'tls-cluster',
  'tls-protocols',
  'tls-ciphers',
  'tls-ciphersuites',
  'tls-prefer-server-ciphers',
  'tls-session-caching',
  'tls-session-cache-size',
  'tls-session-cache-timeout',
]
