/** The drill of docs/operations.md: a backup is made, restored and compared. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { everyForm, everyStream } from '../support/dataset.ts'
import { freePort, serverArguments, start, type TestServer } from '../support/process.ts'
import { Connection } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

const SCRIPT = resolve(import.meta.dirname, '../../docs/operations/backup-drill.sh')
const CLI = resolve(import.meta.dirname, '../../dist/node/cli.js')
const folder = mkdtempSync(join(tmpdir(), 'wadi-drill-'))
const servers: TestServer[] = []
afterAll(async () => {
  for (const server of servers) await server.stop()
  rmSync(folder, { recursive: true })
})

async function drill(port: number, backups: string, env: Record<string, string> = {}) {
  const drillPort = String(await freePort())
  const child = spawn('sh', [SCRIPT, String(port), backups], {
    env: {
      ...process.env,
      WADI: `${process.execPath} ${CLI}`,
      DRILL_PORT: drillPort,
      DRILL_SECONDS: '20',
      ...env,
    },
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const code = await new Promise<number | null>((done) => child.on('close', done))
  return { code, output }
}

async function fill(server: TestServer): Promise<Connection> {
  servers.push(server)
  const client = await Connection.connect(server.port)
  const commands = [...everyForm().values(), ...everyStream().values()].flat()
  await client.exchange([...commands, ['SELECT', 3], ['SET', 'elsewhere', 1]], 20_000)
  return client
}

test('a backup of values of every form is good', async () => {
  const server = await startWadi()
  const client = await fill(server)
  client.close()
  const backups = join(folder, 'good')
  const { code, output } = await drill(server.port, backups)
  expect(output).toMatch(
    /^backup drill: \S+dump-\d{8}T\d{6}Z\.rdb is good \(\d+ keys in database 0\)\n$/,
  )
  expect(code).toBe(0)
  expect(readdirSync(backups)).toHaveLength(1)
}, 60_000)

test('with a password and without DEBUG the numbers of keys are compared', async () => {
  const server = await start({
    name: 'wadi',
    command: (port, dir) => {
      const args = serverArguments(port, dir).filter((arg) => arg !== '--enable-debug-command')
      return [process.execPath, CLI, ...args.slice(0, -1), '--requirepass', 'secret']
    },
  })
  servers.push(server)
  const client = await Connection.connect(server.port)
  await client.exchange([
    ['AUTH', 'secret'],
    ['SET', 'key', 'value'],
  ])
  client.close()
  const result = await drill(server.port, join(folder, 'closed'), { REDISCLI_AUTH: 'secret' })
  expect(result).toMatchObject({ code: 0, output: expect.stringContaining('(1 keys in') })
}, 60_000)

test.each([
  [
    'a copy that is damaged',
    'check-rdb) printf X | dd of="$2" bs=1 seek=30 conv=notrunc',
    'is damaged',
  ],
  ['a restore of something else', '--port) rm "$6/dump.rdb"', 'the restored dataset is another'],
])(
  '%s is found',
  async (_, harm, complaint) => {
    const server = await startWadi()
    servers.push(server)
    const client = await Connection.connect(server.port)
    await client.call('SET', 'key', 'a value that is long enough to be hit')
    client.close()
    const wrapper = join(folder, 'wrapper.sh')
    const program = `"${process.execPath}" "${CLI}"`
    writeFileSync(wrapper, `case $1 in\n${harm} 2>/dev/null ;;\nesac\nexec ${program} "$@"\n`)
    const env = { WADI: `sh ${wrapper}` }
    const result = await drill(server.port, join(folder, 'harmed'), env)
    expect(result).toMatchObject({ code: 1, output: expect.stringContaining(complaint) })
  },
  60_000,
)

test('where nobody answers there is no backup', async () => {
  const result = await drill(await freePort(), join(folder, 'none'))
  expect(result).toMatchObject({ code: 1, output: expect.stringContaining('nobody answers') })
})
