// A component that shows a key and its neighbours, and counts how often it was drawn.

import { createElement, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import * as wadi from '../../../host/browser/index.ts'
import { useKey, useKeys } from '../../../host/browser/react.ts'

const mode = new URL(location.href).searchParams.get('mode') ?? 'here'
const db = await wadi.open(`react-${mode}`, { mode: mode as 'here' })
db.call('FLUSHALL')
const shown = {
  value: undefined as unknown,
  odd: undefined as unknown,
  keys: [] as readonly string[],
  draws: 0,
}

function Show(): string {
  shown.value = useKey(db, 'user:1')
  shown.odd = useKey<string>(db, 'odd[1]*')
  shown.keys = useKeys(db, 'user:*')
  shown.draws++
  return `${JSON.stringify(shown.value)} ${shown.keys.join()} odd ${String(shown.odd)}`
}

const { document } = globalThis as unknown as {
  document: { getElementById(id: string): Parameters<typeof createRoot>[0] }
}
createRoot(document.getElementById('root')).render(
  createElement(StrictMode, {}, createElement(Show)),
)
Object.assign(globalThis, { wadi, db, shown, isReady: true })
