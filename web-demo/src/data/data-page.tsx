// Keys on the left, the chosen one on the right; on a phone one after the other.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { addSample } from '../store/sample.ts'
import { call } from '../store/store.ts'
import { bytes } from '../ui/format.ts'
import { useWide } from '../ui/hooks.ts'
import { Icon } from '../ui/icon.tsx'
import { attempt } from '../ui/toast.tsx'
import { describe, type Key, onChanges, scan, type Type, TYPES } from './keys.ts'
import { Left } from './lifetime.tsx'
import { NewKey } from './new-key.tsx'
import { Value } from './value.tsx'

const open = (name: string) => {
  location.hash = `/data/${encodeURIComponent(name)}`
}

/** Matches as the engine's patterns do, near enough for keys that appear while the list is shown. */
function matches(pattern: string, name: string): boolean {
  const source = (pattern || '*').replace(/[.+^${}()|\\]/g, '\\$&')
  try {
    return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(name)
  } catch {
    return false
  }
}

function useKeys(pattern: string, type: Type | '') {
  const [keys, setKeys] = useState<Map<string, Key>>(new Map())
  const [cursor, setCursor] = useState('')
  const [total, setTotal] = useState(0)
  const asked = useRef(0)

  const read = async (from: string, before: Map<string, Key>) => {
    const turn = ++asked.current
    const [found, size] = await Promise.all([scan(pattern, type, from), call('DBSIZE')])
    if (turn !== asked.current) return
    setKeys(new Map([...before, ...found.keys.map((key) => [key.name, key] as const)]))
    setCursor(found.cursor)
    setTotal(size as number)
  }

  useEffect(() => attempt(() => read('0', new Map())), [pattern, type])

  useEffect(
    () =>
      onChanges((names) => {
        if (!names) return attempt(() => read('0', new Map()))
        const known = names.filter((name) => matches(pattern, name)).slice(0, 500)
        attempt(async () => {
          const [size, fresh] = await Promise.all([
            call('DBSIZE'),
            Promise.all(known.map(async (name) => [name, await describe(name)] as const)),
          ])
          setTotal(size as number)
          setKeys((old) => {
            const next = new Map(old)
            for (const [name, key] of fresh) {
              if (!key || (type && key.type !== type)) next.delete(name)
              else next.set(name, { ...key, changes: (old.get(name)?.changes ?? 0) + 1 })
            }
            return next
          })
        })
      }),
    [pattern, type],
  )

  return { keys, total, cursor, more: () => attempt(() => read(cursor, keys)) }
}

export function DataPage({ path }: { path: string }) {
  const [pattern, setPattern] = useState('')
  const [type, setType] = useState<Type | ''>('')
  const [isAdding, setAdding] = useState(false)
  const isWide = useWide(1000)
  const { keys, total, cursor, more } = useKeys(pattern, type)
  const sorted = useMemo(
    () => [...keys.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    [keys],
  )
  const search = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isTyping = (event.target as Element).closest('input, textarea, select, dialog')
      if (event.key !== '/' || isTyping || !search.current) return
      event.preventDefault()
      search.current.focus()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
  const chosen = keys.get(path)
  const showsList = isWide || !path
  const showsValue = isWide || path

  return (
    <div class="page full data">
      {!showsList && <h1 class="hidden">Data</h1>}
      {showsList && (
        <section class="panel browse" aria-label="Keys">
          <div class="browse-head">
            <div class="row">
              <h1>Data</h1>
              <span class="soft small numbers">
                {total.toLocaleString('en')} {total === 1 ? 'key' : 'keys'}
              </span>
              <span class="spread" />
              <button class="button" onClick={() => setAdding(true)}>
                <Icon name="plus" />
                New key
              </button>
            </div>
            <label class="search">
              <Icon name="search" />
              <span class="hidden">Pattern of the keys</span>
              <input
                ref={search}
                aria-keyshortcuts="/"
                class="field mono"
                type="search"
                placeholder="Pattern, like station:*"
                spellcheck={false}
                autocapitalize="off"
                onInput={({ currentTarget }) => setPattern(asPattern(currentTarget.value))}
              />
            </label>
            <div class="types" role="group" aria-label="Type">
              {(['', ...TYPES] as const).map((each) => (
                <button
                  key={each}
                  class={`chip ${each}`}
                  aria-pressed={type === each}
                  onClick={() => setType(each)}
                >
                  {each || 'all'}
                </button>
              ))}
            </div>
          </div>
          {sorted.length === 0 ? (
            <NoKeys isFiltered={pattern !== '' || type !== ''} />
          ) : (
            <ul class="keys">
              {sorted.map((key) => (
                <Row key={key.name} entry={key} isChosen={key.name === path} />
              ))}
              {cursor !== '0' && cursor !== '' && (
                <li class="more">
                  <button class="button" onClick={more}>
                    More keys
                  </button>
                </li>
              )}
            </ul>
          )}
        </section>
      )}
      {showsValue && (
        <section class="panel shown" aria-label={path ? `Value of ${path}` : 'Value'}>
          {path ? (
            <Value name={path} changes={chosen?.changes ?? 0} onOpen={open} />
          ) : (
            <div class="empty">
              <Icon name="data" />
              <p>Choose a key to see its value, and to change it.</p>
            </div>
          )}
        </section>
      )}
      {isAdding && <NewKey onClose={() => setAdding(false)} onMade={open} />}
    </div>
  )
}

/** What has no pattern in it is looked for anywhere in the name. */
function asPattern(typed: string): string {
  return !typed || /[*?[]/.test(typed) ? typed : `*${typed}*`
}

function Row({ entry, isChosen }: { entry: Key; isChosen: boolean }) {
  const { name, type, sizeBytes, expiresAt, changes } = entry
  return (
    <li>
      <a
        class="key"
        href={`#/data/${encodeURIComponent(name)}`}
        aria-current={isChosen ? 'true' : undefined}
      >
        {changes > 0 && <span class="flash" key={changes} />}
        <span class={`badge ${type}`}>{type}</span>
        <span class="name mono">{name}</span>
        {expiresAt !== undefined && (
          <span class="ttl numbers" title="Time to live">
            <Icon name="clock" />
            <Left until={expiresAt} />
          </span>
        )}
        <span class="size numbers">{bytes(sizeBytes)}</span>
      </a>
    </li>
  )
}

function NoKeys({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <div class="empty">
      <Icon name="search" />
      <p>No key matches.</p>
    </div>
  ) : (
    <div class="empty">
      <Icon name="data" />
      <p>This store is empty.</p>
      <button class="button" onClick={() => attempt(addSample)}>
        Add sample data
      </button>
    </div>
  )
}
