// A folder with the tiny app and the packed package in it, the bundlers that build it, and the browser that
// opens what they made.

import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright'
import { root } from '../../scripts/compile.ts'

const here = import.meta.dirname

/** Packs the package as npm publishes it, from the dist/ that is built, and unpacks it as npm installs it. */
export function unpacked(): string {
  const folder = mkdtempSync(join(tmpdir(), 'packaging-'))
  const options = ['--ignore-scripts', '--silent', '--pack-destination', folder]
  const [name] = execFileSync('npm', ['pack', ...options], { cwd: root, encoding: 'utf8' }).split(
    '\n',
  )
  execFileSync('tar', ['-xzf', join(folder, name!), '-C', folder])
  rmSync(join(folder, name!))
  return join(folder, 'package')
}

/** A new folder with the app and the package; in a parent whose packages the app finds, too. */
export function newApp(packagePath: string, parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, 'app-'))
  cpSync(join(here, 'app'), folder, { recursive: true })
  cpSync(packagePath, join(folder, 'node_modules/wadi'), { recursive: true })
  const manifest = { name: 'app', private: true, type: 'module', dependencies: { wadi: '*' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  return folder
}

/** The bundlers that the root does not have, installed once for each lockfile. */
export function bundlers(): string {
  const folder = join(root, 'build/packaging')
  const lock = readFileSync(join(here, 'bundlers/package-lock.json'), 'utf8')
  const mark = join(folder, 'installed.json')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(join(here, 'bundlers'), folder, { recursive: true })
  cpSync(join(root, '.npmrc'), join(folder, '.npmrc'))
  execFileSync('npm', ['ci', '--ignore-scripts', '--silent'], { cwd: folder, stdio: 'ignore' })
  writeFileSync(mark, lock)
  return folder
}

/** Runs a program of Node to its end. */
export function node(cwd: string, ...args: string[]): void {
  execFileSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  })
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}

/** Starts vite's own server for an app and waits until it answers. */
export async function startVite(
  cli: string,
  folder: string,
): Promise<{ url: string; stop: () => void }> {
  const port = await freePort()
  const args = [cli, '--port', String(port), '--strictPort', '--host', '127.0.0.1']
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}/`
  for (;;) {
    if (child.exitCode !== null) throw new Error('vite ended')
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return { url, stop: () => child.kill() }
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}

/** What the app on a page says; what the browser complained about, where it says nothing. */
export async function answersOf(browser: Browser, url: string): Promise<unknown> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (said) => said.type() === 'error' && complaints.push(said.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  try {
    await page.goto(url)
    const body = page.locator('body[data-answers], body[data-error]')
    await body.waitFor({ state: 'attached', timeout: 20_000 }).catch(() => {
      throw new Error(`the page says nothing\n${complaints.join('\n')}`)
    })
    const { answers, error } = (await body.evaluate((element) => ({
      ...(element as unknown as { dataset: Record<string, string> }).dataset,
    }))) as Record<string, string | undefined>
    if (error) throw new Error(`${error}\n${complaints.join('\n')}`)
    return JSON.parse(answers!)
  } finally {
    await context.close()
  }
}
