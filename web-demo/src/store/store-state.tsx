// A small sign in the frame: where the engine runs, how many tabs share it, and whether it is kept.

import { useEffect, useState } from 'preact/hooks'
import { useInterval } from '../ui/hooks.ts'
import { call, notKept, store } from './store.ts'

const tabs = new BroadcastChannel('wadi-demo-tabs')
const me = `${Date.now()} ${Math.random()}`
const seen = new Map<string, number>()
const CALL_MS = 2000

tabs.addEventListener('message', ({ data }: MessageEvent<string>) => seen.set(data, Date.now()))

/** How many tabs have said within the last calls that they are there, this one included. */
function count(): number {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no target
  tabs.postMessage(me)
  for (const [tab, at] of seen) if (Date.now() - at > 2.5 * CALL_MS) seen.delete(tab)
  return seen.size + 1
}

export function StoreState() {
  const [tabs, setTabs] = useState(1)
  const [isOwner, setOwner] = useState(store.isOwner)
  const [keys, setKeys] = useState<number>()
  const look = () => {
    setTabs(count())
    setOwner(store.isOwner)
    call('DBSIZE').then(
      (size) => setKeys(size as number),
      () => undefined,
    )
  }
  useEffect(look, [])
  useEffect(() => store.on('owner', look), [])
  useInterval(CALL_MS, look)
  return (
    <div class="state" title={notKept}>
      <strong>
        <span class={notKept ? 'light warning' : 'light'} />
        {notKept ? 'In memory only' : tabs > 1 ? `Shared by ${tabs} tabs` : 'Kept in this browser'}
      </strong>
      <span class="soft">
        {isOwner ? 'The engine runs in this tab' : 'The engine runs in another tab'}
      </span>
      {keys !== undefined && (
        <span class="soft numbers">
          {keys.toLocaleString('en')} {keys === 1 ? 'key' : 'keys'}
        </span>
      )}
    </div>
  )
}
