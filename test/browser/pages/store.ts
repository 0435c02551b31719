// The page of the tests: it has the library at hand, and what a test gives it to run finds that.

import * as wadi from '../../../host/browser/index.ts'

const library = { ...wadi, open: wadi.open }
const codecWorker = (): Worker =>
  new Worker(new URL('./codec-worker.ts', import.meta.url), { type: 'module' })
const trapWorker = (): Worker =>
  new Worker(new URL('./trap-worker.ts', import.meta.url), { type: 'module' })
Object.assign(globalThis, { wadi: library, codecWorker, trapWorker, isReady: true })

export type Library = typeof library
