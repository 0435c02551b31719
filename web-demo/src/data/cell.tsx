// A value in a table that becomes a field when it is clicked.

import { useEffect, useRef, useState } from 'preact/hooks'
import { escaped, text } from '../ui/format.ts'
import { attempt } from '../ui/toast.tsx'

interface Props {
  value: Uint8Array
  /** What the value is, for those who cannot see the head of its column. */
  label: string
  /** Without it the value can only be read. */
  onSave?: (text: string) => Promise<unknown>
}

export function Cell({ value, label, onSave }: Props) {
  const asText = text(value)
  const [isEdited, setEdited] = useState(false)
  if (!onSave || asText === undefined)
    return <span class="value mono">{asText ?? escaped(value)}</span>
  if (isEdited) {
    return <Editor start={asText} label={label} onSave={onSave} onEnd={() => setEdited(false)} />
  }
  return (
    <button
      class="value mono"
      onClick={() => setEdited(true)}
      title="Edit"
      aria-label={`${label}: ${asText}`}
    >
      {asText || <span class="soft">(empty)</span>}
    </button>
  )
}

interface EditorProps {
  start: string
  label: string
  onSave: (text: string) => Promise<unknown>
  onEnd: () => void
}

function Editor({ start, label, onSave, onEnd }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const isDone = useRef(false)
  useEffect(() => {
    area.current?.focus()
    area.current?.select()
  }, [])
  const end = (isSaved: boolean) => {
    if (isDone.current) return
    isDone.current = true
    const typed = area.current!.value
    onEnd()
    if (isSaved && typed !== start) attempt(() => onSave(typed))
  }
  return (
    <textarea
      ref={area}
      class="field mono"
      aria-label={label}
      rows={Math.min(8, start.split('\n').length)}
      defaultValue={start}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') end(false)
        if (event.key === 'Enter' && !event.shiftKey) {
          event.preventDefault()
          end(true)
        }
      }}
    />
  )
}
