// The store as a whole: export and import, other tabs, the browser's storage, installing, emptying.

import { useEffect, useRef, useState } from 'preact/hooks'
import { Dialog } from '../ui/dialog.tsx'
import { bytes, sentence } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { attempt, say } from '../ui/toast.tsx'
import { addSample } from './sample.ts'
import { call, notKept, store } from './store.ts'

export function StorePage() {
  const [isEmptying, setEmptying] = useState(false)
  return (
    <div class="page">
      <div class="page-head">
        <div>
          <h1>Store</h1>
          <p>Take the data out, bring some in, and see where it is kept.</p>
        </div>
      </div>
      <div class="cards">
        <ExportCard />
        <ImportCard />
        <TabsCard />
        <KeptCard />
        <InstallCard />
        <section class="panel card">
          <h2>Start over</h2>
          <p class="soft">
            Put the sample keys back as they were on your first visit, or remove every key of the
            store.
          </p>
          <div class="row wrap">
            <button
              class="button"
              onClick={() => attempt(async () => addSample().then(() => say('The sample is back')))}
            >
              Restore the sample
            </button>
            <button class="button danger" onClick={() => setEmptying(true)}>
              Remove all keys
            </button>
          </div>
        </section>
      </div>
      {isEmptying && (
        <Dialog
          title="Remove all keys?"
          action="Remove all"
          danger
          onClose={() => setEmptying(false)}
          onSubmit={async () => {
            await call('FLUSHALL')
            say('The store is empty')
          }}
        >
          <p>They will be gone from this browser, in all tabs. Export first to keep a copy.</p>
        </Dialog>
      )}
    </div>
  )
}

function ExportCard() {
  const save = async () => {
    const file = await store.export()
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([file], { type: 'application/octet-stream' }))
    link.download = 'dump.rdb'
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
    say(`dump.rdb has ${bytes(file.length)}`)
  }
  return (
    <section class="panel card">
      <h2>Export</h2>
      <p class="soft">
        All keys as <code>dump.rdb</code>, the file that a Redis server starts from.
      </p>
      <div class="row">
        <button class="button primary" onClick={() => attempt(save)}>
          <Icon name="download" />
          Download dump.rdb
        </button>
      </div>
    </section>
  )
}

function ImportCard() {
  const input = useRef<HTMLInputElement>(null)
  const [keeps, setKeeps] = useState(true)
  const load = async (file: File) => {
    try {
      await store.import(file, { keep: keeps })
    } catch (error) {
      throw new Error(`Nothing was changed: ${file.name} cannot be read. ${sentence(error)}`, {
        cause: error,
      })
    }
    const count = (await call('DBSIZE')) as number
    say(`Loaded: the store has ${count.toLocaleString('en')} keys now`)
  }
  return (
    <section class="panel card">
      <h2>Import</h2>
      <p class="soft">The keys of an RDB file, from here or from a Redis server.</p>
      <label class="check">
        <input
          type="checkbox"
          checked={keeps}
          onChange={({ currentTarget }) => setKeeps(currentTarget.checked)}
        />
        Keep the keys that are here
      </label>
      <div class="row">
        <input
          ref={input}
          type="file"
          class="hidden"
          tabIndex={-1}
          aria-label="RDB file"
          accept=".rdb,application/octet-stream"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? []
            currentTarget.value = ''
            if (file) attempt(() => load(file))
          }}
        />
        <button class="button" onClick={() => input.current?.click()}>
          <Icon name="upload" />
          Choose a file
        </button>
      </div>
    </section>
  )
}

function TabsCard() {
  return (
    <section class="panel card">
      <h2>Two tabs, one store</h2>
      <p class="soft">
        Open a second tab beside this one and change a value in either: both show it at once. Close
        the first, and the second goes on.
      </p>
      <div class="row">
        <a class="button" href="#/data" target="_blank" rel="noreferrer">
          <Icon name="tab" />
          Open another tab
        </a>
      </div>
    </section>
  )
}

function KeptCard() {
  const [estimate, setEstimate] = useState<StorageEstimate>({})
  const [isPersistent, setPersistent] = useState<boolean>()
  const read = async () => {
    setEstimate((await navigator.storage?.estimate()) ?? {})
    setPersistent(await navigator.storage?.persisted())
  }
  useEffect(() => attempt(read), [])
  const persist = async () => {
    const isGranted = await navigator.storage.persist()
    say(
      isGranted
        ? 'The browser will keep the store'
        : 'The browser did not agree: visit more often, or install the app',
    )
    await read()
  }
  if (notKept) {
    return (
      <section class="panel card">
        <h2>Not kept</h2>
        <p class="soft">It will be gone when this tab is closed. {sentence(notKept)}</p>
      </section>
    )
  }
  return (
    <section class="panel card">
      <h2>Kept by this browser</h2>
      <dl class="facts">
        <div>
          <dt>Used</dt>
          <dd class="numbers">{bytes(estimate.usage ?? 0)}</dd>
        </div>
        <div>
          <dt>Allowed</dt>
          <dd class="numbers">{bytes(estimate.quota ?? 0)}</dd>
        </div>
      </dl>
      <p class="soft">
        {isPersistent
          ? 'The browser has promised not to remove it by itself.'
          : 'The browser may remove it when the disk is full. It can be asked not to.'}
      </p>
      {isPersistent === false && (
        <div class="row">
          <button class="button" onClick={() => attempt(persist)}>
            Ask it to keep the store
          </button>
        </div>
      )}
    </section>
  )
}

interface InstallEvent extends Event {
  prompt(): Promise<void>
}

let offered: InstallEvent | undefined
addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  offered = event as InstallEvent
  dispatchEvent(new Event('installable'))
})

function InstallCard() {
  const [event, setEvent] = useState(offered)
  useEffect(() => {
    const changed = () => setEvent(offered)
    addEventListener('installable', changed)
    return () => removeEventListener('installable', changed)
  }, [])
  const isApp = matchMedia('(display-mode: standalone)').matches
  return (
    <section class="panel card">
      <h2>Without a network</h2>
      <p class="soft">
        {isApp
          ? 'This is the installed app: it starts without a network, and the data is on this device.'
          : 'Once loaded, the demo starts without a network, and the data is on this device. It can be installed like an app.'}
      </p>
      {event && (
        <div class="row">
          <button class="button" onClick={() => attempt(() => event.prompt())}>
            <Icon name="download" />
            Install
          </button>
        </div>
      )}
    </section>
  )
}
