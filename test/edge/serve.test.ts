// `npm run edge`, as someone at a terminal uses it: what it prints is run as it stands. Here it does not build first, since
// other tests read what is built; with WADI_NPM it does, and npm itself starts it.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/process.ts'
import { RespSocket } from './support/world.ts'

const root = path.resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(path.join(tmpdir(), 'wadi-edge-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const noCurl = spawnSync('curl', ['--version']).status === 0 ? '' : ': curl is not installed'

/** What `npm run edge` starts. */
function program(options: string[]): [string, string[]] {
  if (process.env['WADI_NPM'] !== undefined) return ['npm', ['run', 'edge', '--', ...options]]
  const script = `import { run } from './scripts/run.mjs'
    const args = ['scripts/edge/serve.ts', ...${JSON.stringify(options)}]
    process.exitCode = await run(process.execPath, args, { stdio: 'inherit' })`
  return [process.execPath, ['--input-type=module', '-e', script]]
}

/** Starts it, and waits until it has said where it is. */
async function edge(port: number, token: string | undefined) {
  const { WADI_TOKEN: _, ...rest } = process.env
  const env = { ...rest, ...(token !== undefined && { WADI_TOKEN: token }) }
  const options = ['--port', String(port), '--persist-to', folder]
  const child = spawn(...program(options), { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  let complaints = ''
  child.stderr.on('data', (text: Buffer) => (complaints += text.toString()))
  // The pipe closes when the last process that writes to it has ended.
  const closed = new Promise((resolve) => child.stdout.once('close', resolve))
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      printed += text.toString()
      if (/^ *curl .*\n/m.test(printed)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${complaints}`)))
  })
  const line = /^ *(curl .*)$/m.exec(printed)![1]!
  return {
    printed: () => printed,
    complaints: () => complaints,
    /** Runs the line for curl in a shell of the same environment. */
    curl: () => spawnSync('sh', ['-c', `${line} -sS`], { env, encoding: 'utf8' }),
    async stop(signal: NodeJS.Signals) {
      child.kill(signal)
      await closed
    },
  }
}

const url = (port: number): string => `http://127.0.0.1:${port}`

async function post(port: number, token: string, command: unknown[]): Promise<unknown> {
  const response = await fetch(url(port), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(command),
  })
  return response.json()
}

test.skipIf(noCurl)(
  `it serves REST and WebSockets, keeps its data over a restart, and ends with its signal${noCurl}`,
  { timeout: 120_000 },
  async () => {
    const port = await freePort()
    const mine = 'my own token'.replaceAll(' ', '-')
    const first = await edge(port, mine)
    expect(first.printed()).toContain(`Wadi's edge store is at ${url(port)}: REST at /`)
    expect(first.printed()).toContain('"Authorization: Bearer $WADI_TOKEN"')
    expect(first.printed()).not.toContain(mine)
    expect(first.curl()).toMatchObject({ status: 0, stdout: '{"result":"OK"}' })
    expect(await post(port, mine, ['GET', 'greeting'])).toEqual({ result: 'hello' })
    expect(await post(port, 'wrong', ['GET', 'greeting'])).toEqual({ error: 'Unauthorized' })
    const socket = new RespSocket(`ws://127.0.0.1:${port}/ws`, { authorization: `Bearer ${mine}` })
    await socket.opened
    expect(await socket.ask('INCR', 'visits')).toBe(1)
    await first.stop('SIGTERM')
    await socket.closed
    await expect(post(port, mine, ['PING'])).rejects.toThrow('fetch failed')
    expect(first.complaints()).not.toMatch(/error/i)

    const second = await edge(port, undefined)
    const [, token = ''] = /A token was made up.*: (\S+)$/m.exec(second.printed())!
    expect(Buffer.from(token, 'base64url').length).toBe(24)
    expect(second.curl()).toMatchObject({ status: 0, stdout: '{"result":"OK"}' })
    expect(await post(port, token, ['GET', 'visits'])).toEqual({ result: '1' })
    expect(await post(port, mine, ['GET', 'visits'])).toEqual({ error: 'Unauthorized' })
    await second.stop('SIGINT')
    await expect(post(port, token, ['PING'])).rejects.toThrow('fetch failed')
  },
)
