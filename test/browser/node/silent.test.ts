/** A Worker that is no Worker of ours. */
import { expect, test } from 'vitest'
import { type TabParts, Tab } from '../../../host/browser/tie.ts'
import { nodeRuntime } from '../../../host/node/runtime.ts'

test('a Worker that never says a word is told apart from one that is slow', async () => {
  const waits: (() => void)[] = []
  let isEnded = false
  const ignore = (): void => undefined
  const tab = new Tab({
    init: { name: 'silent', mode: 'worker', ownerTimeoutMs: 5000 } as TabParts['init'],
    worker: {
      postMessage: ignore,
      onmessage: null,
      onerror: null,
      terminate: () => (isEnded = true),
    },
    workerUrl: '/my-worker.js',
    surroundings: {
      runtime: {
        ...nodeRuntime(),
        later(ms, callback) {
          if (ms >= 60_000) waits.push(callback)
          return { cancel: ignore }
        },
      },
      locks: undefined,
      indexedDB: undefined,
      keeping: undefined,
      page: undefined,
    },
    openChannel: undefined,
    onEvent: ignore,
    onOwner: ignore,
    onFailed: ignore,
    onFound: ignore,
    onLog: ignore,
  })
  expect(waits).toHaveLength(1)
  waits[0]!()
  await expect(tab.ready).rejects.toThrow(
    /could not be started from \/my-worker\.js: it has said nothing for 60 s; .* calls serve\(\)/,
  )
  expect(isEnded).toBe(true)
})
