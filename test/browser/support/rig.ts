// What a file of tests in the browser needs: the pages, a browser with a profile of its own, tabs in it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import { launch } from './chromium.ts'
import { openSite, type Site } from './site.ts'
import { openTab } from './tabs.ts'

export class Rig {
  site!: Site
  browser!: BrowserContext
  readonly profile = mkdtempSync(join(tmpdir(), 'wadi-profile-'))

  async open(): Promise<void> {
    this.site = await openSite()
    this.browser = await launch(this.profile)
  }

  /** A tab with the page of the tests, from this origin. */
  tab(query = '', origin = this.site.url, name = 'store'): Promise<Page> {
    return openTab(this.browser, `${origin}/${name}.html${query}`)
  }

  /** Starts the browser again, with what it kept. */
  async restart(): Promise<void> {
    this.browser = await launch(this.profile)
  }

  async close(): Promise<void> {
    await this.browser?.close().catch(() => undefined)
    this.site?.close()
    rmSync(this.profile, { recursive: true, force: true })
  }
}
