// The frame: which page is shown, the theme, and the state of the store.

import type { ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { BenchPage } from './bench/bench-page.tsx'
import { ConsolePage } from './console/console-page.tsx'
import { DataPage } from './data/data-page.tsx'
import { LivePage } from './live/live-page.tsx'
import { StorePage } from './store/store-page.tsx'
import { StoreState } from './store/store-state.tsx'
import { sentence } from './ui/format.ts'
import { Icon, type IconName } from './ui/icon.tsx'
import { keep } from './ui/kept.ts'
import { Toasts } from './ui/toast.tsx'

interface Page {
  id: string
  label: string
  icon: IconName
  component: ComponentType<{ path: string }>
}

const pages: Page[] = [
  { id: 'console', label: 'Console', icon: 'console', component: ConsolePage },
  { id: 'data', label: 'Data', icon: 'data', component: DataPage },
  { id: 'live', label: 'Live', icon: 'live', component: LivePage },
  { id: 'bench', label: 'Benchmark', icon: 'bench', component: BenchPage },
  { id: 'store', label: 'Store', icon: 'store', component: StorePage },
]

/** `#/data/some:key` → the page's name and the rest. */
function address(): [string, string] {
  const [, id = '', path = ''] = /^#\/([^/]*)\/?(.*)$/.exec(location.hash) ?? []
  try {
    return [id, decodeURIComponent(path)]
  } catch {
    return [id, path] // typed by hand, with a % of its own
  }
}

export function App() {
  const [[id, path], setAddress] = useState(address)
  const main = useRef<HTMLElement>(null)
  const page = pages.find((each) => each.id === id) ?? pages[0]!
  useEffect(() => {
    const moved = () => setAddress(address())
    addEventListener('hashchange', moved)
    return () => removeEventListener('hashchange', moved)
  }, [])
  useEffect(() => {
    document.title = `${page.label} · Wadi`
  }, [page])
  const Shown = page.component
  return (
    <>
      <a
        class="skip button primary"
        href="#content"
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip to the page
      </a>
      <header class="rail">
        <div class="top">
          <a class="brand" href="#/console">
            <img src="./icon.svg" alt="" />
            Wadi
          </a>
          <ThemeButton />
        </div>
        <nav class="pages" aria-label="Pages">
          {pages.map(({ id, label, icon }) => (
            <a key={id} href={`#/${id}`} aria-current={id === page.id ? 'page' : undefined}>
              <Icon name={icon} />
              {label}
            </a>
          ))}
        </nav>
        <div class="spread" />
        <StoreState />
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        <Shown path={path} />
      </main>
      <Toasts />
    </>
  )
}

function ThemeButton() {
  const [isDark, setDark] = useState(
    () =>
      (document.documentElement.dataset['theme'] ??
        (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark',
  )
  const change = () => {
    const theme = isDark ? 'light' : 'dark'
    document.documentElement.dataset['theme'] = theme
    keep('theme', theme)
    setDark(!isDark)
    dispatchEvent(new Event('theme'))
  }
  const label = isDark ? 'Use the light theme' : 'Use the dark theme'
  return (
    <button class="button bare square" aria-label={label} title={label} onClick={change}>
      <Icon name={isDark ? 'sun' : 'moon'} />
    </button>
  )
}

export function Failed({ error }: { error: unknown }) {
  return (
    <div class="starting">
      <div class="panel empty" role="alert">
        <h1>The store did not open</h1>
        <p>{sentence(error)}</p>
        <button class="button primary" onClick={() => location.reload()}>
          Try again
        </button>
      </div>
    </div>
  )
}
