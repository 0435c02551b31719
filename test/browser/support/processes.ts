// Which process of the browser has a tab, so that it can be killed or stopped alone. The browser does not say it,
// but it says how long each process has run: a tab that is kept busy tells which is its own.

import type { BrowserContext, Page } from 'playwright'

interface Processes {
  processInfo: { type: string; id: number; cpuTime: number }[]
}

const BUSY_MS = 200

async function renderers(context: BrowserContext): Promise<Map<number, number>> {
  const browser = context.browser()
  if (!browser) throw new Error('the browser does not tell of its processes')
  const session = await browser.newBrowserCDPSession()
  const { processInfo }: Processes = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return new Map(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id, cpuTime }) => [id, cpuTime * 1000]),
  )
}

/** The process of a tab. Where another was nearly as busy meanwhile, nobody can tell yet: it is asked again. */
export async function processOf(context: BrowserContext, page: Page): Promise<number> {
  for (;;) {
    const before = await renderers(context)
    await page.evaluate((ms) => {
      const end = performance.now() + ms
      while (performance.now() < end);
    }, BUSY_MS)
    const after = await renderers(context)
    const spent = [...after].map(([id, ms]) => ({ id, ms: ms - (before.get(id) ?? 0) }))
    const [first, second] = spent.toSorted((a, b) => b.ms - a.ms)
    if (first && first.ms > BUSY_MS / 4 && first.ms > 3 * (second?.ms ?? 0)) return first.id
  }
}

export const kill = (pid: number): void => void process.kill(pid, 'SIGKILL')
export const stop = (pid: number): void => void process.kill(pid, 'SIGSTOP')
export const goOn = (pid: number): void => void process.kill(pid, 'SIGCONT')
