// Firefox and WebKit, as far as Debian has them, and Chromium: one window that runs what a test gives it.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from 'puppeteer-core'
import { launchChromium } from '../../../scripts/chromium.ts'

export interface Window {
  goto(url: string): Promise<void>
  /** Runs a function, which may answer with a promise, in the page. */
  run<A, T>(work: (argument: A) => T | Promise<T>, argument: A): Promise<T>
  close(): Promise<void>
}

const FIREFOX = '/usr/bin/firefox-esr'
const WEBKIT = '/usr/bin/WebKitWebDriver'
const DISPLAY = '/usr/bin/Xvfb'

const missing = (...programs: string[]): string | undefined => {
  const absent = programs.find((program) => !existsSync(program))
  return absent && `there is no ${absent}`
}

export const noFirefox = missing(FIREFOX)
export const noWebKit = missing(WEBKIT, DISPLAY)

export async function openChromium(): Promise<Window> {
  const browser = await launchChromium()
  const page = await browser.newPage()
  return {
    async goto(url) {
      await page.goto(url)
    },
    run: (work, argument) => page.evaluate(work as never, argument),
    close: () => browser.close(),
  }
}

export async function openFirefox(): Promise<Window> {
  const profile = mkdtempSync(join(tmpdir(), 'wadi-firefox-'))
  const browser = await launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    userDataDir: profile,
    protocol: 'webDriverBiDi',
  })
  const page = await browser.newPage()
  return {
    async goto(url) {
      await page.goto(url)
    },
    run: (work, argument) => page.evaluate(work as never, argument),
    async close() {
      await browser.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

/** WebKit speaks WebDriver, and wants a display. */
export async function openWebKit(): Promise<Window> {
  const [port, screen] = [await freePort(), 90 + (process.pid % 100)]
  const children: ChildProcess[] = [
    spawn(DISPLAY, [`:${screen}`, '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], {
      stdio: 'ignore',
    }),
    spawn(WEBKIT, [`--port=${port}`], {
      stdio: 'ignore',
      env: { ...process.env, DISPLAY: `:${screen}`, WEBKIT_DISABLE_COMPOSITING_MODE: '1' },
    }),
  ]
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    })
    const { value } = (await response.json()) as { value: unknown }
    if (!response.ok) throw new Error((value as { message: string }).message)
    return value
  }
  await untilItAnswers(() => ask('GET', '/status'))
  const { sessionId } = (await ask('POST', '/session', {
    capabilities: {
      alwaysMatch: {
        'webkitgtk:browserOptions': {
          binary: miniBrowser(),
          args: ['--automation'],
        },
      },
    },
  })) as { sessionId: string }
  const session = `/session/${sessionId}`
  await ask('POST', `${session}/timeouts`, { script: 60_000 })
  return {
    async goto(url) {
      await ask('POST', `${session}/url`, { url })
    },
    async run(work, argument) {
      const answer = (await ask('POST', `${session}/execute/async`, {
        script: `const [argument, done] = arguments
          Promise.resolve().then(() => (${work.toString()})(argument)).then(
            (value) => done({ value }),
            (error) => done({ error: error.name + ': ' + error.message }),
          )`,
        args: [argument],
      })) as { value: never; error?: string }
      if (answer.error) throw new Error(answer.error)
      return answer.value
    },
    async close() {
      await ask('DELETE', session).catch(() => undefined)
      for (const child of children) child.kill()
    },
  }
}

/** The browser that comes with WebKit, wherever this machine's architecture has it. */
function miniBrowser(): string {
  const places = ['x86_64', 'aarch64'].map(
    (machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
  )
  return places.find((place) => existsSync(place)) ?? places[0]!
}

async function untilItAnswers(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await ask()
      return
    } catch (error) {
      if (tries > 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
