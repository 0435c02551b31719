// Opens the store, fills it on the first visit, and draws the page.

import 'uplot/dist/uPlot.min.css'
import './styles/fonts.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/console.css'
import './styles/data.css'
import './styles/live.css'
import './styles/bench.css'
import './styles/store.css'
import { render } from 'preact'
import { App, Failed } from './app.tsx'
import { welcome } from './store/sample.ts'
import { start } from './store/store.ts'
import { complain } from './ui/toast.tsx'

const root = document.querySelector('#app')!
/** Who waits for so long is told that it is not the rule. */
const PATIENCE_MS = 6000
const patience = setTimeout(
  () => document.querySelector('#slow')?.removeAttribute('hidden'),
  PATIENCE_MS,
)

try {
  await start()
  await welcome()
  root.replaceChildren()
  render(<App />, root)
} catch (error) {
  root.replaceChildren()
  render(<Failed error={error} />, root)
}
clearTimeout(patience)

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  navigator.serviceWorker.register('./service-worker.js').catch(complain)
}
