// A modal form; the browser's own <dialog> keeps the focus inside and gives it back.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type Given, givenIn } from './form.ts'
import { complain } from './toast.tsx'

interface Props {
  title: string
  /** What the button that ends it says. */
  action: string
  danger?: boolean
  onClose: () => void
  onSubmit: (given: Given) => Promise<void>
  children?: ComponentChildren
}

export function Dialog({ title, action, danger, onClose, onSubmit, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    try {
      await onSubmit(givenIn(event.currentTarget as HTMLFormElement))
      onClose()
    } catch (error) {
      complain(error)
    }
  }
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button class={danger ? 'button danger' : 'button primary'}>{action}</button>
        </div>
      </form>
    </dialog>
  )
}
