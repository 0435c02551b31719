// Tabs of a browser with the library in them, which run what a test gives them.

import type { BrowserContext, Page } from 'playwright'
import type { AsyncStore } from '../../../host/browser/index.ts'
import type { Library } from '../pages/store.ts'

/** A tab with the page of the tests. */
export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => process.stderr.write(`in the page: ${error.stack}\n`))
  page.on('console', (message) => {
    if (message.type() === 'error') process.stderr.write(`in the page: ${message.text()}\n`)
  })
  await page.goto(url)
  await page.waitForFunction('globalThis.isReady')
  return page
}

/** What runs in a page finds the library and what it left there before. */
declare global {
  var wadi: Library
  /** A store that a test left there. */
  var db: AsyncStore
}
