// Chromium: Debian's where it is installed, else the one that Playwright has got.

import { existsSync } from 'node:fs'
import { chromium, type Browser, type LaunchOptions } from 'playwright'

const DEBIAN = '/usr/bin/chromium'

const options: LaunchOptions = {
  headless: true,
  ...(existsSync(DEBIAN) && { executablePath: DEBIAN }),
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}

export const launchChromium = (): Promise<Browser> => chromium.launch(options)

/** With a profile in a folder, which service workers and a second start need. */
export const launchProfile = (folder: string) => chromium.launchPersistentContext(folder, options)
