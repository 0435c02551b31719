// A page in a browser of this machine can reach a server that only this machine can. Its requests say where it comes
// from; one whose host name was made to point here (DNS rebinding) asks for a name that is not ours.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Clients } from '../clients.ts'

/** Whether a request must not be answered, for protected mode's sake. */
export function isForbidden(clients: Clients, request: IncomingMessage): boolean {
  return clients.isForbidden(request.socket) || (clients.isOpenHere && !isAddress(request))
}

function isAddress({ headers: { host = '' } }: IncomingMessage): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return name === '' || name === 'localhost' || isIP(name) !== 0
}
