// The table that the collections share: rows of cells, a way to take one out, a form that adds one.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Given, givenIn } from '../ui/form.ts'
import { Icon } from '../ui/icon.tsx'
import { attempt, complain } from '../ui/toast.tsx'

export const PAGE = 200

/** What an editor is given: the key, and a number that grows whenever it changes. */
export interface EditorProps {
  name: string
  changes: number
}

/** Reads a value whenever its key changes; `undefined` until it is there. */
export function useValue<T>(
  { name, changes }: EditorProps,
  read: (limit: number) => Promise<T>,
): { value: T | undefined; limit: number; more: () => void } {
  const [value, setValue] = useState<T>()
  const [limit, setLimit] = useState(PAGE)
  useEffect(() => {
    let isOld = false
    read(limit).then(
      (found) => isOld || setValue(() => found),
      (error: unknown) => isOld || complain(error),
    )
    return () => {
      isOld = true
    }
  }, [name, changes, limit])
  return { value, limit, more: () => setLimit(limit + PAGE) }
}

interface TableProps {
  head: string[]
  rows: {
    key: string
    cells: ComponentChildren[]
    /** Buttons in front of the one that removes. */
    actions?: ComponentChildren
    onDelete?: () => Promise<unknown>
  }[]
  /** How many there are, shown or not. */
  total: number
  onMore: () => void
}

export function Table({ head, rows, total, onMore }: TableProps) {
  const region = useRef<HTMLDivElement>(null)
  const removed = useRef<number | undefined>(undefined)
  useEffect(() => {
    if (removed.current === undefined || document.activeElement !== document.body) return
    // The button that was pressed has gone with its row: the next one is in its place.
    const buttons = region.current!.querySelectorAll<HTMLButtonElement>('.act .danger')
    const next = buttons[Math.min(removed.current, buttons.length - 1)] ?? region.current!
    next.focus()
    removed.current = undefined
  })
  return (
    <div ref={region} class="elements" tabIndex={0} role="region" aria-label="Elements">
      <table>
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
            <th>
              <span class="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells, actions, onDelete }, row) => (
            <tr key={key}>
              {cells.map((cell, i) => (
                <td key={i}>{cell}</td>
              ))}
              <td class="act">
                {actions}
                {onDelete && (
                  <button
                    class="button bare square danger"
                    aria-label={`Remove ${key}`}
                    title="Remove"
                    onClick={() => {
                      removed.current = row
                      attempt(onDelete)
                    }}
                  >
                    <Icon name="trash" />
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length < total && (
        <p class="rest soft">
          {rows.length.toLocaleString('en')} of {total.toLocaleString('en')}
          <button class="button" onClick={onMore}>
            More
          </button>
        </p>
      )}
    </div>
  )
}

interface AddProps {
  fields: { name: string; label: string; isNumber?: boolean }[]
  action: string
  onAdd: (given: Given) => Promise<unknown>
  children?: ComponentChildren
}

/** A line of fields and a button; the fields are empty again once it worked. */
export function Add({ fields, action, onAdd, children }: AddProps) {
  return (
    <form
      class="add"
      onSubmit={(event) => {
        event.preventDefault()
        const form = event.currentTarget
        const given = givenIn(form)
        attempt(async () => {
          await onAdd(given)
          form.reset()
          form.querySelector('input')?.focus()
        })
      }}
    >
      {fields.map(({ name, label, isNumber }) => (
        <input
          key={name}
          class="field mono"
          name={name}
          inputMode={isNumber ? 'decimal' : 'text'}
          placeholder={label}
          aria-label={label}
          required
          spellcheck={false}
          autocapitalize="off"
        />
      ))}
      {children}
      <button class="button">
        <Icon name="plus" />
        {action}
      </button>
    </form>
  )
}
