// Debian's Chromium through Playwright, and whether it is there.

import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright'

const EXECUTABLE = '/usr/bin/chromium'

/** Why nothing can run in a browser; undefined where it can. */
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
  // An address that is this machine's and, unlike 127.0.0.1, counts as plain http.
  '--host-resolver-rules=MAP plain.test 127.0.0.1',
]

const options = (args: readonly string[]): LaunchOptions => {
  process.env['PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD'] = '1'
  return {
    executablePath: EXECUTABLE,
    headless: true,
    args: [...ARGS, ...args],
    handleSIGINT: false,
  }
}

/** A browser that forgets everything when it is closed. */
export const launchChromium = (...args: string[]): Promise<Browser> =>
  chromium.launch(options(args))

/** A browser with a profile folder of its own; what it keeps there outlives it. */
export const launchProfile = (
  profile: string,
  args: readonly string[] = [],
): Promise<BrowserContext> => chromium.launchPersistentContext(profile, options(args))
