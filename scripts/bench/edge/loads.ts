// Round trips a second: over one WebSocket with so many frames outstanding, and over HTTP with so many connections.

import { Agent, request } from 'node:http'
import { WebSocket } from 'ws'

export interface Load {
  /** How many are outstanding. */
  inFlight: number
  /** For how long. */
  ms: number
}

/**
 * Frames a second that are answered; `frame` makes the nth. Where replies may come together, `replyBytes` is the size of
 * a frame's.
 */
export async function overWebSocket(
  url: string,
  headers: Record<string, string>,
  load: Load,
  frame: (n: number) => Buffer | string,
  replyBytes?: number,
): Promise<number> {
  const socket = new WebSocket(url, { headers })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  let sent = 0
  let done = 0
  const send = (): void => {
    const data = frame(sent++)
    socket.send(data, { binary: typeof data !== 'string' })
  }
  const started = performance.now()
  const end = started + load.ms
  await new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const answered = replyBytes === undefined ? 1 : data.length / replyBytes
      done += answered
      if (performance.now() < end) for (let i = 0; i < answered; i++) send()
      else if (done === sent) resolve()
    })
    for (let i = 0; i < load.inFlight; i++) send()
  })
  const rate = (done * 1000) / (performance.now() - started)
  socket.terminate()
  return rate
}

/** Requests a second that are answered with 200. */
export async function overHttp(
  url: string,
  headers: Record<string, string>,
  load: Load,
  body: (n: number) => string,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.inFlight })
  let sent = 0
  const post = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const text = body(sent++)
      const outgoing = request(
        url,
        {
          method: 'POST',
          agent,
          headers: { ...headers, 'content-length': Buffer.byteLength(text) },
        },
        (response) => {
          response.resume()
          response.once('end', () =>
            response.statusCode === 200
              ? resolve()
              : reject(new Error(`status ${response.statusCode}`)),
          )
        },
      )
      outgoing.once('error', reject)
      outgoing.end(text)
    })
  const started = performance.now()
  const end = started + load.ms
  const client = async (): Promise<void> => {
    while (performance.now() < end) await post()
  }
  await Promise.all(Array.from({ length: load.inFlight }, client))
  const rate = (sent * 1000) / (performance.now() - started)
  agent.destroy()
  return rate
}
