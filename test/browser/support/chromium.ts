// Debian's Chromium through Playwright, and whether it is there.

import { existsSync } from 'node:fs'
import { type BrowserContext, chromium } from 'playwright'

const EXECUTABLE = '/usr/bin/chromium'

/** Why the tests in a browser cannot run; undefined where they can. */
export const noChromium = existsSync(EXECUTABLE) ? undefined : `there is no ${EXECUTABLE}`

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser with a profile folder of its own; what it keeps there outlives it. */
export function launch(profile: string, args: readonly string[] = []): Promise<BrowserContext> {
  process.env['PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD'] = '1'
  return chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    args: [...ARGS, ...args],
    handleSIGINT: false,
  })
}
