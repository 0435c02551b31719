// A console as redis-cli is one, on a session of its own.

import { useEffect, useRef, useState } from 'preact/hooks'
import { type Reply as Value, type Session, store } from '../store/store.ts'
import { useRedraw } from '../ui/hooks.ts'
import { Icon } from '../ui/icon.tsx'
import { Prompt } from './prompt.tsx'
import { hasScores, Reply } from './reply.tsx'
import { words } from './words.ts'

interface Entry {
  line: string
  /** `undefined` while it runs. */
  value?: Value | Error
  took?: number
  /** Its numbers are scores. */
  isScored?: boolean
}

const TRIES = [
  ['HGETALL station:rum', 'a hash, field by field'],
  ['ZRANGE trail:longest 0 -1 REV WITHSCORES', 'the longest trails first'],
  ['GEOSEARCH places FROMMEMBER Petra BYRADIUS 80 km WITHDIST', 'what lies near Petra'],
  ['XREVRANGE sightings + - COUNT 2', 'the last two sightings'],
  ['PFCOUNT visitors:unique', 'about 340 visitors, counted in a few bytes'],
  ['SET lamp on EX 20', 'gone in twenty seconds'],
] as const

const MOST_ENTRIES = 200

/** What was said stays when another page is looked at. */
const entries: Entry[] = []
let session: Session | undefined
let database = 0
let inTransaction = false
let pushed: () => void = () => undefined

function connection(): Session {
  session ??= store.connect()
  session.onPush = (push) => {
    entries.push({ line: '', value: push })
    pushed()
  }
  return session
}

/** Keeps what the prompt tells: the database, and whether a transaction is open. */
function follow(name: string, argument: string, reply: Value): void {
  if (name === 'SELECT' && reply === 'OK') database = Number(argument)
  if (name === 'MULTI' && reply === 'OK') inTransaction = true
  if (/^(EXEC|DISCARD|RESET)$/.test(name)) inTransaction = false
  if (name === 'RESET') database = 0
}

/** Ends what waits, by ending the session: the next line begins another. */
function stop(): void {
  session?.close()
  session = undefined
  database = 0
  inTransaction = false
}

export function ConsolePage() {
  const redraw = useRedraw()
  const [draft, setDraft] = useState('')
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    pushed = redraw
    return () => {
      pushed = () => undefined
    }
  }, [redraw])
  useEffect(() => end.current?.scrollIntoView({ block: 'end' }))

  const run = async (line: string): Promise<void> => {
    if (/^\s*clear\s*$/i.test(line)) entries.length = 0
    else await enter(line, redraw)
    redraw()
  }

  return (
    <div class="page full console">
      <h1 class="hidden">Console</h1>
      <div class="panel terminal">
        <div class="transcript" role="log" aria-label="Commands and replies" tabIndex={0}>
          {entries.length === 0 && <Welcome onTry={(line) => void run(line)} />}
          {entries.map((entry, i) => (
            <EntryView key={i} entry={entry} onStop={stop} />
          ))}
          <div ref={end} />
        </div>
        <Prompt
          label={`${inTransaction ? 'MULTI ' : ''}${database ? `db ${database} ` : ''}`}
          line={draft}
          onLine={setDraft}
          onEnter={(line) => void run(line)}
          onClear={() => void run('clear')}
          onStop={stop}
        />
      </div>
    </div>
  )
}

async function enter(line: string, started: () => void): Promise<void> {
  const entry: Entry = { line }
  entries.push(entry)
  entries.splice(0, entries.length - MOST_ENTRIES)
  started()
  const began = performance.now()
  try {
    const args = words(line).map(({ value }) => value)
    const reply = await connection().callBytes(...args)
    const name = String(args[0]).toUpperCase()
    follow(name, String(args[1]), reply)
    entry.isScored = hasScores(name)
    entry.value = reply
  } catch (error) {
    entry.value = error as Error
  }
  entry.took = performance.now() - began
}

/** What takes longer can be stopped. */
const PATIENCE_MS = 600

interface EntryProps {
  entry: Entry
  onStop: () => void
}

function EntryView({ entry: { line, value, took, isScored }, onStop }: EntryProps) {
  const [isSlow, setSlow] = useState(false)
  const isWaiting = value === undefined
  useEffect(() => {
    if (!isWaiting) return undefined
    const timer = setTimeout(() => setSlow(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [isWaiting])
  return (
    <div class="entry">
      {line && (
        <div class="said">
          <span class="caret" aria-hidden="true">
            ›
          </span>
          <span class="line">{line}</span>
          {took !== undefined && <span class="took numbers">{took.toFixed(1)} ms</span>}
        </div>
      )}
      <div class={line ? 'reply' : 'reply pushed'}>
        {!isWaiting && <Reply value={value as Value} areDoubles={isScored} />}
        {isWaiting && <span class="nil">…</span>}
        {isWaiting && isSlow && (
          <button class="button stop" onClick={onStop}>
            <Icon name="stop" />
            Stop waiting
          </button>
        )}
      </div>
    </div>
  )
}

function Welcome({ onTry }: { onTry: (line: string) => void }) {
  return (
    <div class="welcome">
      <Icon name="console" />
      <h2>A whole Redis, in this tab</h2>
      <p>
        Every command runs here, in WebAssembly, and the data stays in this browser. Start typing,
        or run one of these:
      </p>
      <ul>
        {TRIES.map(([line, why]) => (
          <li key={line}>
            <button class="try" onClick={() => onTry(line)}>
              <code>{line}</code>
              <span>{why}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
