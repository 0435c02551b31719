// Round trips: over one WebSocket with so many frames outstanding, and over HTTP with so many connections.

import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { cpuNs } from '../cpu.ts'

export interface Load {
  /** How many are outstanding. */
  inFlight: number
  /** For how long. */
  ms: number
  /** The process of the server. */
  server: number
}

export interface Measured {
  /** Answers a second. */
  rate: number
  /** CPU time of the server an answer, in µs. */
  cpuUs: number
}

/** Begins to measure; the function that it answers ends that, after so many answers. */
function measure({ server }: Load): (count: number) => Measured {
  const started = performance.now()
  const spentNs = cpuNs(server)
  return (count) => ({
    rate: (count * 1000) / (performance.now() - started),
    cpuUs: (cpuNs(server) - spentNs) / 1000 / count,
  })
}

/**
 * Frames that are answered; `frame` makes the nth. Where replies may come together, `replyBytes` is the size of
 * a frame's. Nothing is compressed, as where the edge store is deployed: Miniflare's own worker would agree to it.
 */
export async function overWebSocket(
  url: string,
  headers: Record<string, string>,
  load: Load,
  frame: (n: number) => Buffer | string,
  replyBytes?: number,
): Promise<Measured> {
  let wire!: Socket
  const { hostname, port } = new URL(url)
  const socket = new WebSocket(url, {
    headers,
    perMessageDeflate: false,
    createConnection: () => (wire = connect(Number(port), hostname)),
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  let sent = 0
  let done = 0
  const send = (): void => {
    const data = frame(sent++)
    socket.send(data, { binary: typeof data !== 'string' })
  }
  const measured = measure(load)
  const end = performance.now() + load.ms
  await new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      // What follows from the frames of one read leaves in one write.
      wire.cork()
      process.nextTick(() => wire.uncork())
      const answered = replyBytes === undefined ? 1 : data.length / replyBytes
      done += answered
      if (performance.now() < end) for (let i = 0; i < answered; i++) send()
      else if (done === sent) resolve()
    })
    for (let i = 0; i < load.inFlight; i++) send()
  })
  const result = measured(done)
  socket.terminate()
  return result
}

/** Requests that are answered with 200. */
export async function overHttp(
  url: string,
  headers: Record<string, string>,
  load: Load,
  body: (n: number) => string,
): Promise<Measured> {
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
  const measured = measure(load)
  const end = performance.now() + load.ms
  const client = async (): Promise<void> => {
    while (performance.now() < end) await post()
  }
  await Promise.all(Array.from({ length: load.inFlight }, client))
  const result = measured(sent)
  agent.destroy()
  return result
}
