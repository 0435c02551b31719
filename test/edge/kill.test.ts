// workerd is killed while clients write, over WebSockets and REST, and one reads: after its restart every write is there that was acknowledged, or that
// the reader saw.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { freePort } from '../support/process.ts'
import { pause, RespSocket, TOKEN } from './support/world.ts'

const ROUNDS = Number(process.env['WADI_CRASH_ROUNDS'] ?? 3)
/** Every second one writes over REST. */
const CLIENTS = 16

const folder = mkdtempSync(path.join(tmpdir(), 'wadi-edge-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function start(port: number) {
  const serve = path.resolve(import.meta.dirname, '../../scripts/edge/serve.ts')
  const child = spawn(process.execPath, [serve, '--port', String(port), '--persist-to', folder], {
    env: { ...process.env, WADI_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a group of its own, so that workerd dies with it
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      if (text.includes('curl')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
  })
  return { kill: () => process.kill(-child.pid!, 'SIGKILL'), url: `http://127.0.0.1:${port}` }
}

const headers = { authorization: `Bearer ${TOKEN}` }

const open = async (url: string): Promise<RespSocket> => {
  const socket = new RespSocket(`${url.replace('http', 'ws')}/ws`, headers)
  await socket.opened
  return socket
}

async function overSocket(socket: RespSocket, commands: (string | number)[][]): Promise<void> {
  void socket.ask('MULTI')
  for (const command of commands) void socket.ask(...command)
  await socket.ask('EXEC')
}

async function overRest(url: string, commands: (string | number)[][]): Promise<void> {
  const init = { method: 'POST', headers, body: JSON.stringify(commands) }
  const { status } = await fetch(`${url}/multi-exec`, init)
  if (status !== 200) throw new Error(`status ${status}`)
}

test(
  `acknowledged writes survive ${ROUNDS} kills`,
  { timeout: 30_000 + ROUNDS * 15_000 },
  async () => {
    const port = await freePort()
    /** What each client wrote last that was acknowledged, and what it had sent. */
    const acknowledged = new Array<number>(CLIENTS).fill(0)
    const sent = new Array<number>(CLIENTS).fill(0)
    const seen = new Array<number>(CLIENTS).fill(0)
    for (let round = 0; round <= ROUNDS; round++) {
      const { kill, url } = await start(port)
      try {
        const reader = await open(url)
        for (let client = 0; client < CLIENTS; client++) {
          const found = Number((await reader.ask('GET', `client:${client}`)) ?? 0)
          expect(found).toBeGreaterThanOrEqual(acknowledged[client]!)
          expect(found).toBeGreaterThanOrEqual(seen[client]!)
          expect(found).toBeLessThanOrEqual(sent[client]!)
          expect(await reader.ask('LLEN', `list:${client}`)).toBe(found)
          acknowledged[client] = sent[client] = found
        }
        if (round > 0) expect(Math.min(...acknowledged)).toBeGreaterThan(0)
        if (round === ROUNDS) return
        const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => open(url)))
        const write = async (client: number): Promise<void> => {
          for (;;) {
            const next = ++sent[client]!
            const commands = [
              ['SET', `client:${client}`, next],
              ['RPUSH', `list:${client}`, next],
            ]
            if (client % 2) await overRest(url, commands)
            else await overSocket(sockets[client]!, commands)
            acknowledged[client] = next
          }
        }
        const read = async (client: number): Promise<void> => {
          for (;;) seen[client] = Number((await reader.ask('GET', `client:${client}`)) ?? 0)
        }
        for (let client = 0; client < CLIENTS; client++) {
          void write(client).catch(() => undefined)
          void read(client)
        }
        await pause(300 + Math.random() * 700)
      } finally {
        kill()
      }
      await pause(50)
    }
  },
)
