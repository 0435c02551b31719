// How long a key or a field of a hash still lives, and the form that changes it.

import { Dialog } from '../ui/dialog.tsx'
import { lifetime } from '../ui/format.ts'
import { useInterval, useRedraw } from '../ui/hooks.ts'

/** What is left until a time, counted down. */
export function Left({ until }: { until: number }) {
  useInterval(1000, useRedraw())
  return <>{lifetime(until - Date.now())}</>
}

interface Props {
  title: string
  /** What stays for ever without a time. */
  what: string
  /** When it expires now, in ms since 1970. */
  until: number | undefined
  onClose: () => void
  /** Without seconds it stays for ever. */
  onSet: (seconds: string | undefined) => Promise<unknown>
}

export function LifetimeDialog({ title, what, until, onClose, onSet }: Props) {
  const left =
    until === undefined ? '' : String(Math.max(1, Math.ceil((until - Date.now()) / 1000)))
  return (
    <Dialog
      title={title}
      action="Set"
      onClose={onClose}
      onSubmit={async (given) => {
        await onSet(given('seconds').trim() || undefined)
      }}
    >
      <label class="label">
        Seconds, or nothing for a {what} that stays
        <input class="field mono" name="seconds" type="number" min="1" defaultValue={left} />
      </label>
    </Dialog>
  )
}
