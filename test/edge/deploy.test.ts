// What `wrangler deploy` would upload, of the edge store and of the example in the docs: it is built as a deployment is,
// and what was built answers.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { Miniflare } from 'miniflare'
import { afterAll, expect, test } from 'vitest'
import { RespSocket, TOKEN } from './support/world.ts'

const root = path.resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(path.join(tmpdir(), 'wadi-deploy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Nothing but this machine is asked. */
const OFFLINE = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  CI: 'true',
}

function deploy(where: string) {
  const out = path.join(folder, path.basename(where), 'out')
  const wrangler = path.join(root, 'node_modules/wrangler/bin/wrangler.js')
  const args = [wrangler, 'deploy', '--dry-run', '--outdir', out]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: path.join(root, where),
    env: { ...process.env, ...OFFLINE },
    encoding: 'utf8',
  })
  expect({ status, stderr }).toMatchObject({ status: 0 })
  const files = readdirSync(out).filter((file) => /\.(js|wasm)$/.test(file))
  const modules = files.map((file) => {
    const contents = Uint8Array.from(readFileSync(path.join(out, file)))
    return {
      type: file.endsWith('.js') ? 'ESModule' : 'CompiledWasm',
      path: file,
      contents,
    } as const
  })
  modules.sort((a, b) => Number(b.type === 'ESModule') - Number(a.type === 'ESModule'))
  const settings = readFileSync(path.join(root, where, 'wrangler.jsonc'), 'utf8')
  const flags = JSON.parse(/"compatibility_flags": (.*),/.exec(settings)![1]!) as string[]
  return { stdout, modules, flags }
}

/** Miniflare's own worker does not stand in front: it has flags of its own. */
async function run(
  { modules, flags }: ReturnType<typeof deploy>,
  objects: Record<string, string>,
  bindings: Record<string, string>,
  ask: (url: string) => Promise<void>,
): Promise<void> {
  const local = new Miniflare({
    modules,
    compatibilityDate: '2026-03-01',
    compatibilityFlags: flags,
    host: '127.0.0.1',
    unsafeDirectSockets: [{ host: '127.0.0.1' }],
    bindings,
    durableObjects: Object.fromEntries(
      Object.entries(objects).map(([name, className]) => [name, { className, useSQLite: true }]),
    ),
    cf: false,
    telemetry: { enabled: false },
  })
  try {
    await local.ready
    await ask(String(await local.unsafeGetDirectURL()))
  } finally {
    await local.dispose()
  }
}

test('the edge store', { timeout: 60_000 }, async () => {
  const deployment = deploy('edge')
  const { stdout, modules } = deployment
  expect(stdout).toMatch(/env\.WADI \(WadiObject\)\s+Durable Object/)
  expect(stdout).toMatch(/env\.WADI_GATEWAY \(WadiGateway\)\s+Durable Object/)
  const bytes = modules.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0)
  expect(bytes).toBeLessThanOrEqual(450 * 1024)
  const objects = { WADI: 'WadiObject', WADI_GATEWAY: 'WadiGateway' }
  await run(deployment, objects, { WADI_TOKEN: TOKEN }, async (url) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: '["EVAL", "return redis.call(\'INCR\', KEYS[1])", "1", "n"]',
    })
    expect(await response.json()).toEqual({ result: 1 })
    const headers = { authorization: `Bearer ${TOKEN}` }
    const socket = new RespSocket(`${url.replace('http', 'ws')}ws`, headers, [], true)
    expect(await socket.opened.then(() => socket.ask('GET', 'n'))).toBe('1')
    expect(socket.extensions, 'compression').toBe('')
    socket.terminate()
  })
})

test('the example of a worker with a store', { timeout: 60_000 }, async () => {
  const deployment = deploy('docs/examples/edge')
  expect(deployment.stdout).toMatch(/env\.WADI \(WadiObject\)\s+Durable Object/)
  await run(deployment, { WADI: 'WadiObject' }, {}, async (url) => {
    const login = await fetch(`${url}login`, { method: 'POST', body: '{"name":"Ada"}' })
    const cookie = login.headers.get('set-cookie')!.split(';')[0]!
    expect(await (await fetch(`${url}me`, { headers: { cookie } })).text()).toBe('Ada')
  })
})
