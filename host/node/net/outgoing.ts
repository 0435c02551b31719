// Connections to other servers, in plain text or over TLS as the configuration says.

import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { clientOptions, type TlsParts } from './tls-options.ts'

export interface Place {
  host: string
  port: number
}

export interface Outgoing {
  socket: Socket
  /** The event that says that the other end is there, and who it should be. */
  ready: 'connect' | 'secureConnect'
}

/** Begins a connection; the directive says whether it is TLS. @throws {TlsError} TLS cannot be had */
export function connectOut(
  parts: TlsParts,
  { host, port }: Place,
  directive: 'tls-cluster' | 'tls-replication',
): Outgoing {
  if (!parts.settings.isOn(directive)) return { socket: connect({ host, port }), ready: 'connect' }
  const socket = connectSecurely({ ...clientOptions(parts), host, port })
  return { socket, ready: 'secureConnect' }
}
