// workerd is killed while clients write and one reads: after its restart every write is there that was acknowledged, or that
// the reader saw.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { freePort } from '../support/process.ts'
import { pause, RespSocket, TOKEN } from './support/world.ts'

const ROUNDS = Number(process.env['WADI_CRASH_ROUNDS'] ?? 3)
const CLIENTS = 8

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
  return { kill: () => process.kill(-child.pid!, 'SIGKILL'), url: `ws://127.0.0.1:${port}/ws` }
}

const open = async (url: string): Promise<RespSocket> => {
  const socket = new RespSocket(url, { authorization: `Bearer ${TOKEN}` })
  await socket.opened
  return socket
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
        if (round === ROUNDS) return
        const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => open(url)))
        const write = async (client: number): Promise<void> => {
          for (;;) {
            const next = ++sent[client]!
            const socket = sockets[client]!
            void socket.ask('MULTI')
            void socket.ask('SET', `client:${client}`, next)
            void socket.ask('RPUSH', `list:${client}`, next)
            await socket.ask('EXEC')
            acknowledged[client] = next
          }
        }
        const read = async (client: number): Promise<void> => {
          for (;;) seen[client] = Number((await reader.ask('GET', `client:${client}`)) ?? 0)
        }
        for (let client = 0; client < CLIENTS; client++) {
          void write(client)
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
