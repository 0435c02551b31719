/** Debian's Chromium, driven by Playwright. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright'

const EXECUTABLE = process.env['WADI_CHROMIUM'] ?? '/usr/bin/chromium'

/** What it does in the background would only disturb, and reach for a network. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const options = { executablePath: EXECUTABLE, headless: true, args: ARGUMENTS }

/** Why tests in a browser cannot run; undefined where they can. */
export function chromiumMissing(): string | undefined {
  return existsSync(EXECUTABLE) ? undefined : `there is no ${EXECUTABLE}`
}

/** A browser that forgets everything. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch(options)
}

/** A browser that keeps what it stores in this folder. */
export function openProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, options)
}
