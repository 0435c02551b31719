// The request for a WebSocket to an object; nothing of what came from outside goes along.

import type { Caller } from '../host/http/index.ts'

/** Inside the deployment: nobody but the worker makes such a request. */
const INSIDE = 'https://wadi.internal/'

export function upgradeRequest(caller: Caller, headers: Record<string, string> = {}): Request {
  return new Request(INSIDE, {
    headers: { ...headers, upgrade: 'websocket', 'wadi-caller': JSON.stringify(caller) },
  })
}
