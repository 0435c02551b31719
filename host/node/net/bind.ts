// One listening socket. Node's own way (`server.listen`) tells of a failure only later; the handle beneath
// it tells at once, and hands out accepted connections before sockets are made of them, so that we
// choose how they read. Where a runtime hides the handle, the public way is taken.

import * as net from 'node:net'
import { getSystemErrorName } from 'node:util'

/** The handle of an accepted connection; `fd` is missing on some systems. */
export interface ClientHandle {
  readonly fd?: number
  close(): void
}

/** What arrives at a listening socket. */
export type Accept = (client: ClientHandle | net.Socket) => void

export interface Bound {
  /** The port it listens on; 0 for a Unix socket. */
  readonly port: number
  close(): void
}

/** Where to listen: a host and port, or the path of a Unix socket. */
export type Place = { host: string; port: number; family: 4 | 6 } | { path: string }

export interface BindOptions {
  place: Place
  backlog: number
  accept: Accept
  /** Something failed later: an accept, or the bind itself where it is not synchronous. */
  failed: (error: Error) => void
}

interface ServerHandle {
  onconnection: (error: number, client: ClientHandle | undefined) => void
  listen(backlog: number): number
  getsockname?(out: { port?: number }): number
  close(): void
}

type CreateHandle = (
  address: string,
  port: number,
  family: number,
  fd: undefined,
  flags: number,
) => ServerHandle | number

const createHandle = (net as unknown as { _createServerHandle?: CreateHandle })._createServerHandle

const IPV6_ONLY = 1

/** @throws {NodeJS.ErrnoException} the place cannot be had */
export function bind(options: BindOptions): Bound {
  return typeof createHandle === 'function'
    ? bindHandle(createHandle, options)
    : bindServer(options)
}

function bindHandle(create: CreateHandle, { place, backlog, accept, failed }: BindOptions): Bound {
  const handle =
    'path' in place
      ? create(place.path, -1, -1, undefined, 0)
      : create(place.host, place.port, place.family, undefined, place.family === 6 ? IPV6_ONLY : 0)
  if (typeof handle === 'number') throw systemError(handle, 'bind')
  handle.onconnection = (error, client) => {
    if (client) accept(client)
    else failed(systemError(error, 'accept'))
  }
  const status = handle.listen(backlog)
  if (status) {
    handle.close()
    throw systemError(status, 'listen')
  }
  const name: { port?: number } = {}
  handle.getsockname?.(name)
  return { port: name.port ?? 0, close: () => handle.close() }
}

/** The public way of Node. */
export function bindServer({ place, backlog, accept, failed }: BindOptions): Bound {
  const server = net.createServer(accept)
  server.on('error', failed)
  server.listen({ ...place, backlog, ipv6Only: 'family' in place && place.family === 6 })
  return {
    get port() {
      const address = server.address()
      return address && typeof address === 'object' ? address.port : 0
    },
    close: () => server.close(),
  }
}

function systemError(errno: number, syscall: string): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno, syscall })
}
