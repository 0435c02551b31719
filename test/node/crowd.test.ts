import { spawn } from 'node:child_process'
import net from 'node:net'
import { resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFileLimit } from '../../host/node/process/open-files.ts'
import { freePort } from '../support/process.ts'
import { connect, RawClient } from '../support/server.ts'

const CLI = resolve(import.meta.dirname, '../../host/node/cli.ts')
/** Ten thousand, or as many as this process may have open files for. */
const CROWD = Math.min(10_000, openFileLimit() - 500)

test(`serves while ${CROWD} idle clients are connected`, { timeout: 60_000 }, async () => {
  const port = await freePort()
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--maxclients',
    '20000',
  ]
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise((ready) => child.stdout.on('data', (text) => /Ready/.test(text) && ready(text)))

  const crowd: net.Socket[] = []
  onTestFinished(() => crowd.forEach((socket) => socket.destroy()))
  while (crowd.length < CROWD) {
    const wave = Array.from({ length: 250 }, () => net.connect(port, '127.0.0.1'))
    crowd.push(...wave)
    await Promise.all(
      wave.map((socket) => new Promise((connected) => socket.once('connect', connected))),
    )
  }
  const client = await connect(port)
  client.send(['INFO', 'clients'])
  const reply = String(await client.read(100))
  expect(reply).toContain(`connected_clients:${CROWD + 1}\r\n`)

  const last = new RawClient(crowd.at(-1))
  last.send(['PING'])
  expect(await last.readLike('+PONG\r\n')).toBe('+PONG\r\n')
})
