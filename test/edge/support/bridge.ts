/** A port of plain RESP that leads to a WebSocket of a world: whatever speaks to a server can speak to it. */
import net from 'node:net'
import { WebSocket } from 'ws'
import type { TestServer } from '../../support/process.ts'
import { TOKEN, type World } from './world.ts'

export async function bridge(world: World, path: string): Promise<TestServer> {
  const url = world.url.replace('http', 'ws') + path
  const wires = new Set<net.Socket>()
  const server = net.createServer((wire) => {
    wires.add(wire)
    wire.setNoDelay(true)
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${TOKEN}` } })
    const early: Buffer[] = []
    wire.on('data', (bytes: Buffer) => {
      if (socket.readyState === WebSocket.CONNECTING) early.push(bytes)
      else if (socket.readyState === WebSocket.OPEN) socket.send(bytes)
    })
    socket.on('open', () => {
      for (const bytes of early) socket.send(bytes)
    })
    socket.on('message', (bytes: Buffer) => wire.write(bytes))
    socket.on('close', () => wire.end())
    socket.on('error', () => wire.destroy())
    wire.on('close', () => {
      wires.delete(wire)
      socket.terminate()
    })
    wire.on('error', () => socket.terminate())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    name: 'edge',
    port: (server.address() as net.AddressInfo).port,
    dir: '',
    pid: 0,
    output: () => '',
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const wire of wires) wire.destroy()
      }),
  }
}
