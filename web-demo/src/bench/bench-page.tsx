// A benchmark that runs in the visitor's own browser.

import { useState } from 'preact/hooks'
import { short } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { attempt } from '../ui/toast.tsx'
import { type Results, runAll, type Test, tests } from './run.ts'
import { contenders } from './stores.ts'

export function BenchPage() {
  const [results, setResults] = useState<Results>({})
  const [running, setRunning] = useState<[string, string]>()

  const run = () =>
    attempt(async () => {
      setResults({})
      try {
        await runAll(
          (test, store) => setRunning([test, store]),
          (test, store, rate) =>
            setResults((old) => ({ ...old, [test]: { ...old[test], [store]: rate } })),
        )
      } finally {
        setRunning(undefined)
      }
    })

  return (
    <div class="page">
      <div class="page-head">
        <div>
          <h1>Benchmark</h1>
          <p>
            The same small records in three stores, in this browser, now. It takes about ten
            seconds; a longer bar is faster.
          </p>
        </div>
        <span class="spread" />
        <button class="button primary" disabled={running !== undefined} onClick={run}>
          <Icon name="play" />
          {running ? 'Running…' : Object.keys(results).length ? 'Run again' : 'Run'}
        </button>
      </div>
      <div class="bench" aria-busy={running !== undefined}>
        {tests.map((test) => (
          <Comparison
            key={test.id}
            test={test}
            rates={results[test.id] ?? {}}
            running={running?.[0] === test.id ? running[1] : undefined}
          />
        ))}
      </div>
      <section class="panel fine-print small soft">
        <h2>What is compared</h2>
        <dl>
          {contenders.map(({ id, name, note }) => (
            <div key={id}>
              <dt>{name}</dt>
              <dd>{note}</dd>
            </div>
          ))}
        </dl>
        <p>
          Wadi and idb-keyval are awaited; localStorage answers at once, blocks the page while it
          does, holds texts only and ends at five megabytes. Records of 70 bytes, 1,000 keys, half a
          second for each figure. The bars of a group share one scale.
        </p>
      </section>
      <p class="hidden" role="status">
        {running ? '' : Object.keys(results).length ? 'The benchmark is done.' : ''}
      </p>
    </div>
  )
}

interface ComparisonProps {
  test: Test
  rates: Record<string, number>
  running: string | undefined
}

function Comparison({ test, rates, running }: ComparisonProps) {
  const best = Math.max(0, ...Object.values(rates))
  const ours = rates['wadi']
  const theirs = rates['idb']
  return (
    <section class="panel comparison">
      <div class="comparison-head">
        <div>
          <h2>{test.title}</h2>
          <p class="small soft">{test.note}</p>
        </div>
        {ours !== undefined && theirs !== undefined && (
          <span class={`badge ${ours >= theirs ? 'good' : 'warning'}`}>
            {short(Number((ours / theirs).toPrecision(2)))} × idb-keyval
          </span>
        )}
      </div>
      <dl>
        {contenders.map(({ id, name }) => (
          <div class={`lane ${id}`} key={id}>
            <dt>{name}</dt>
            <dd>
              <span class="track">
                <span style={{ width: `${best ? ((rates[id] ?? 0) / best) * 100 : 0}%` }} />
              </span>
              <span class="rate numbers">
                {rates[id] !== undefined ? `${short(rates[id])}/s` : running === id ? '…' : '–'}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
