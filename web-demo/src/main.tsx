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

const root = document.querySelector('#app')!

try {
  render(<p class="starting">Opening the store…</p>, root)
  await start()
  await welcome()
  render(<App />, root)
} catch (error) {
  render(<Failed error={error} />, root)
}

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  await navigator.serviceWorker.register('./service-worker.js')
}
