/** npm between the user and the server: stopping npm stops the server. */
import { spawn } from 'node:child_process'
import net from 'node:net'
import { resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { watchStarter } from '../../host/node/process/starter.ts'
import { freePort } from '../support/process.ts'

const root = resolve(import.meta.dirname, '../..')

describe('the watch over who started the server', () => {
  const SHELL = 10
  const NPX = 9

  /** Watches over ancestors that the test may end; answers whether the server was stopped. */
  async function watch(npmCommand: string, end: (kin: Map<number, number>) => void) {
    const parents = new Map([
      [1, SHELL],
      [SHELL, NPX],
    ])
    let isStopped = false
    const kin = {
      env: { npm_command: npmCommand },
      parent: () => parents.get(1)!,
      parentOf: (pid: number) => parents.get(pid),
    }
    watchStarter(() => (isStopped = true), kin, 1)
    end(parents)
    await new Promise((done) => setTimeout(done, 20))
    return isStopped
  }

  test.each([
    [
      'stops it when the shell of npx is gone',
      'exec',
      (kin: Map<number, number>) => kin.set(1, 0),
      true,
    ],
    ['stops it when npx is gone', 'exec', (kin: Map<number, number>) => kin.set(SHELL, 1), true],
    ['lets it run while both are there', 'exec', () => undefined, false],
    [
      'lets a server of a script outlive it',
      'run-script',
      (kin: Map<number, number>) => kin.set(1, 0),
      false,
    ],
  ] as const)('%s', async (_, command, end, isStopped) => {
    expect(await watch(command, end)).toBe(isStopped)
  })
})

/** Runs a line in a shell that stays, as npm does, until the server listens; then ends that shell. */
async function endShell(line: string, env: Record<string, string>, port: number): Promise<void> {
  const shell = spawn('sh', ['-c', `${line}; true`], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void shell.kill('SIGKILL'))
  let printed = ''
  shell.stdout.on('data', (text) => (printed += text))
  const closed = new Promise((done) => shell.stdout.once('close', done))
  while (!(await answers(port))) await new Promise((done) => setTimeout(done, 20))
  shell.kill('SIGTERM')
  // The pipe closes when the last process that writes to it has ended.
  await closed
  expect(printed).toContain('Redis is now ready to exit, bye bye...')
  expect(await answers(port)).toBe(false)
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}

const server = `"${process.execPath}" dist/node/cli.js --bind 127.0.0.1 --save "" --port`

test('the server goes when the shell of npx is ended', async () => {
  const port = await freePort()
  await endShell(`${server} ${port}`, { npm_command: 'exec' }, port)
})

test('the server goes when the shell of npm start is ended', async () => {
  const port = await freePort()
  const run = `import { run } from './scripts/run.mjs'
    const args = ['dist/node/cli.js', '--bind', '127.0.0.1', '--save', '', '--port', '${port}']
    process.exitCode = await run(process.execPath, args, { stdio: 'inherit' })`
  const line = `"${process.execPath}" --input-type=module -e "${run.replaceAll('\n', ' ; ')}"`
  await endShell(line, { npm_lifecycle_event: 'start' }, port)
})
