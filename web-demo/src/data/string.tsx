// Strings: text, numbers, JSON, bits, bytes and HyperLogLogs.

import { useEffect, useState } from 'preact/hooks'
import { call, callBytes } from '../store/store.ts'
import { text as asText } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { attempt, say } from '../ui/toast.tsx'
import { Add, type EditorProps, useValue } from './elements.tsx'
import { Segments } from './segments.tsx'

const VIEWS = ['Text', 'Bits', 'Bytes'] as const
type View = (typeof VIEWS)[number]

/** Bytes that the views of bits and bytes show. */
const MOST_BITS = 128
const MOST_BYTES = 2048

export function StringEditor(props: EditorProps) {
  const { name } = props
  const [view, setView] = useState<View>()
  const { value } = useValue(props, async () => {
    const bytes = (await callBytes('GET', name)) as Uint8Array | null
    const isSketch = bytes !== null && String.fromCharCode(...bytes.subarray(0, 4)) === 'HYLL'
    return { bytes, count: isSketch ? ((await call('PFCOUNT', name)) as number) : undefined }
  })
  if (!value?.bytes) return null
  const { bytes, count } = value
  if (count !== undefined) return <Sketch name={name} count={count} size={bytes.length} />
  const text = asText(bytes)
  const shown = view ?? (text === undefined ? 'Bits' : 'Text')
  return (
    <>
      <Segments
        label="View"
        options={text === undefined ? VIEWS.slice(1) : VIEWS}
        chosen={shown}
        onChoose={(choice) => setView(choice as View)}
      />
      {shown === 'Text' && <TextView name={name} text={text ?? ''} />}
      {shown === 'Bits' && <BitView name={name} bytes={bytes} />}
      {shown === 'Bytes' && <ByteView bytes={bytes} />}
    </>
  )
}

function TextView({ name, text }: { name: string; text: string }) {
  const [draft, setDraft] = useState(text)
  const [before, setBefore] = useState(text)
  if (text !== before) {
    // Another tab, or a button, has changed it: that is shown, unless something is being written here.
    setBefore(text)
    if (draft === before) setDraft(text)
  }
  const isNumber = /^-?\d{1,15}$/.test(text)
  const isJson = /^\s*[[{]/.test(draft) && parses(draft)
  const save = async () => {
    await call('SET', name, draft, 'KEEPTTL')
    say('Saved')
  }
  return (
    <>
      <textarea
        class="field mono text"
        aria-label="Value"
        spellcheck={false}
        value={draft}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 's' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault()
            attempt(save)
          }
        }}
      />
      <div class="row wrap">
        {isNumber && (
          <>
            <button class="button mono" onClick={() => attempt(() => call('DECR', name))}>
              −1
            </button>
            <button class="button mono" onClick={() => attempt(() => call('INCR', name))}>
              +1
            </button>
          </>
        )}
        {isJson && (
          <button
            class="button"
            onClick={() => setDraft(JSON.stringify(JSON.parse(draft) as unknown, null, 2))}
          >
            Indent JSON
          </button>
        )}
        <span class="spread" />
        {draft !== text && (
          <button class="button" onClick={() => setDraft(text)}>
            Undo
          </button>
        )}
        <button class="button primary" disabled={draft === text} onClick={() => attempt(save)}>
          Save
        </button>
      </div>
    </>
  )
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function BitView({ name, bytes }: { name: string; bytes: Uint8Array }) {
  const shown = bytes.subarray(0, MOST_BITS)
  const [set, setSet] = useState(0)
  useEffect(() => attempt(async () => setSet((await call('BITCOUNT', name)) as number)), [bytes])
  return (
    <>
      <p class="small soft">
        {set.toLocaleString('en')} of {(bytes.length * 8).toLocaleString('en')} bits are set. A
        click turns one over.
      </p>
      <div class="bits" role="group" aria-label="Bits">
        {Array.from(shown, (byte, at) => (
          <div class="byte" key={at}>
            {Array.from({ length: 8 }, (_, bit) => {
              const i = at * 8 + bit
              const isSet = (byte >> (7 - bit)) & 1
              return (
                <button
                  key={i}
                  aria-pressed={isSet === 1}
                  aria-label={`Bit ${i}`}
                  title={`Bit ${i}`}
                  onClick={() => attempt(() => call('SETBIT', name, i, 1 - isSet))}
                />
              )
            })}
          </div>
        ))}
      </div>
      {bytes.length > MOST_BITS && (
        <p class="small soft">The first {(MOST_BITS * 8).toLocaleString('en')} bits are shown.</p>
      )}
    </>
  )
}

function ByteView({ bytes }: { bytes: Uint8Array }) {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, MOST_BYTES); at += 16) {
    const row = [...bytes.subarray(at, at + 16)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·'))
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text.join('')}`)
  }
  return (
    <>
      <pre class="bytes" tabIndex={0}>
        {lines.join('\n')}
      </pre>
      {bytes.length > MOST_BYTES && (
        <p class="small soft">The first {MOST_BYTES.toLocaleString('en')} bytes are shown.</p>
      )}
    </>
  )
}

function Sketch({ name, count, size }: { name: string; count: number; size: number }) {
  return (
    <>
      <div class="sketch">
        <Icon name="bench" />
        <p>
          <strong class="numbers">≈ {count.toLocaleString('en')}</strong> different elements
        </p>
        <p class="soft small">
          A HyperLogLog: it counts without keeping what it counted, with an error of about 0.8 %, in{' '}
          {size.toLocaleString('en')} bytes.
        </p>
      </div>
      <Add
        action="Count it"
        fields={[{ name: 'value', label: 'An element' }]}
        onAdd={(given) => call('PFADD', name, given('value'))}
      />
    </>
  )
}
