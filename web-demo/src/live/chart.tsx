// One line over time, drawn by uPlot in the colours of the theme.

import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'

interface Props {
  label: string
  times: number[]
  values: (number | null)[]
  /** A custom property of the style sheet. */
  color: string
  format: (value: number) => string
  /** The least that the scale reaches up to. */
  top: number
  /** Whether the scale is divided in powers of two, as memory is. */
  isBinary?: boolean
}

const HEIGHT = 168
/** Seconds that the axis of time has at least. */
const SHORTEST_S = 10

function color(name: string): string {
  // Custom properties keep light-dark() as it is written; a property of the element resolves it.
  const probe = document.createElement('i')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const resolved = getComputedStyle(probe).color
  probe.remove()
  return resolved
}

const POWERS = Array.from({ length: 31 }, (_, i) => 2 ** i)

function options({ color: name, format, top, isBinary }: Props, width: number): uPlot.Options {
  const axis = {
    stroke: color('--ink-faint'),
    font: '12px "IBM Plex Sans Variable", sans-serif',
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width,
    height: HEIGHT,
    padding: [10, 6, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: {
        range: ({ data: [times] }) => {
          const end = times.at(-1) ?? Date.now() / 1000
          return [Math.min(times[0] ?? end, end - SHORTEST_S), end]
        },
      },
      y: { range: (_, __, max) => [0, Math.max(top, (max || 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 90,
        size: 26,
        values: (_, ticks) =>
          ticks.map((tick) =>
            new Date(tick * 1000).toLocaleTimeString(undefined, { hour12: false }),
          ),
      },
      {
        ...axis,
        size: 62,
        space: 42,
        ...(isBinary && { incrs: POWERS }),
        values: (_, ticks) => ticks.map(format),
      },
    ],
    series: [
      {},
      {
        stroke: color(name),
        fill: color(`${name}-wash`),
        width: 2,
        spanGaps: true,
        points: { show: false },
      },
    ],
  }
}

export function Chart(props: Props) {
  const { label, times, values } = props
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const data = [times, values] as uPlot.AlignedData
  useEffect(() => {
    const draw = () => {
      plot.current?.destroy()
      plot.current = new uPlot(options(props, place.current!.clientWidth), data, place.current!)
    }
    draw()
    const resized = new ResizeObserver(([entry]) =>
      plot.current?.setSize({ width: entry!.contentRect.width, height: HEIGHT }),
    )
    resized.observe(place.current!)
    addEventListener('theme', draw)
    return () => {
      resized.disconnect()
      removeEventListener('theme', draw)
      plot.current?.destroy()
    }
  }, [])
  useEffect(() => plot.current?.setData(data), [times, values])
  return <div class="chart" ref={place} role="img" aria-label={label} />
}
