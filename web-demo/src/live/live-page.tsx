// What the store does right now: rates, memory, hit rate, and the commands behind them.

import { useEffect, useMemo } from 'preact/hooks'
import { bytes, short } from '../ui/format.ts'
import { useInterval, useRedraw } from '../ui/hooks.ts'
import { Icon } from '../ui/icon.tsx'
import { attempt, complain } from '../ui/toast.tsx'
import { Chart } from './chart.tsx'
import { Measures, type Sample } from './measures.ts'
import { Traffic } from './traffic.ts'

const measures = new Measures()
const traffic = new Traffic()

export function LivePage() {
  const redraw = useRedraw()
  const take = () => {
    measures.take().then(redraw, complain)
  }
  useInterval(1000, take)
  useEffect(take, [])

  const { samples } = measures
  const last = samples.at(-1)
  const lastRate = samples.findLast(({ hitRate }) => hitRate !== null)?.hitRate
  const toggle = () => {
    attempt(() => (traffic.isOn ? traffic.stop() : traffic.start()))
    redraw()
  }

  return (
    <div class="page">
      <div class="page-head">
        <div>
          <h1>Live</h1>
          <p>The store's own INFO, once a second. All tabs count.</p>
        </div>
        <span class="spread" />
        <button class="button" aria-pressed={traffic.isOn} onClick={toggle}>
          <Icon name={traffic.isOn ? 'stop' : 'play'} />
          {traffic.isOn ? 'Stop the traffic' : 'Make some traffic'}
        </button>
      </div>
      <div class="charts">
        <Figure
          title="Commands a second"
          value={last ? short(Math.round(last.opsPerSecond)) : '–'}
          samples={samples}
          of={({ opsPerSecond }) => opsPerSecond}
          color="--stream"
          format={short}
          top={10}
        />
        <Figure
          title="Memory"
          value={last ? bytes(last.memoryBytes) : '–'}
          samples={samples}
          of={({ memoryBytes }) => memoryBytes}
          color="--hash"
          format={bytes}
          top={262_144}
          isBinary
        />
        <Figure
          title="Lookups that hit"
          value={lastRate === undefined || lastRate === null ? '–' : `${lastRate.toFixed(0)} %`}
          samples={samples}
          of={({ hitRate }) => hitRate}
          color="--list"
          format={(value) => `${value} %`}
          top={100}
        />
        <Figure
          title="Keys"
          value={last ? last.keys.toLocaleString('en') : '–'}
          samples={samples}
          of={({ keys }) => keys}
          color="--set"
          format={short}
          top={10}
        />
      </div>
      <TopCommands top={measures.top(8)} />
    </div>
  )
}

interface FigureProps {
  title: string
  value: string
  samples: Sample[]
  of: (sample: Sample) => number | null
  color: string
  format: (value: number) => string
  top: number
  isBinary?: boolean
}

function Figure({ title, value, samples, of, ...scale }: FigureProps) {
  const latest = samples.at(-1)?.at
  const [times, values] = useMemo(
    () => [samples.map(({ at }) => at), samples.map(of)] as const,
    [latest, samples.length],
  )
  return (
    <section class="panel figure">
      <div class="figure-head">
        <h2>{title}</h2>
        <strong class="numbers">{value}</strong>
      </div>
      <Chart label={`${title}: ${value} now`} times={times} values={values} {...scale} />
    </section>
  )
}

function TopCommands({ top }: { top: [string, number][] }) {
  const most = top[0]?.[1] ?? 1
  return (
    <section class="panel top-commands">
      <h2>Commands of the last two minutes</h2>
      {top.length === 0 ? (
        <p class="soft">None yet.</p>
      ) : (
        <table>
          <thead class="hidden">
            <tr>
              <th scope="col">Command</th>
              <th scope="col">Share</th>
              <th scope="col">Calls</th>
            </tr>
          </thead>
          <tbody>
            {top.map(([name, count]) => (
              <tr key={name}>
                <th scope="row" class="mono">
                  {name.toUpperCase().replace('|', ' ')}
                </th>
                <td class="bar">
                  <span style={{ width: `${(count / most) * 100}%` }} />
                </td>
                <td class="numbers">{count.toLocaleString('en')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
