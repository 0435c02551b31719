// Places on a plain sheet: north is up, both directions have one scale, and names keep clear of each other.

import { useWide } from '../ui/hooks.ts'

export interface Place {
  member: string
  longitude: number
  latitude: number
}

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

interface Label extends Place {
  x: number
  y: number
  /** Where the name stands, from the place. */
  dx: number
  dy: number
  anchor: 'start' | 'end' | 'middle'
}

const EDGE = 40
const LETTER = 7.4
const LINE = 17
const SPOT = 9

const overlaps = (a: Box, b: Box) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

/** Puts each name right of its place, or left, below or above it, where the others leave room. */
function arrange(places: Place[], width: number, height: number): Label[] {
  const longitudes = places.map(({ longitude }) => longitude)
  const latitudes = places.map(({ latitude }) => latitude)
  const middle = (list: number[]) => (Math.min(...list) + Math.max(...list)) / 2
  const span = (list: number[]) => Math.max(...list) - Math.min(...list) || 0.01
  const narrowing = Math.cos((middle(latitudes) * Math.PI) / 180)
  const scale = Math.min(
    (width - 2 * EDGE - 100) / (span(longitudes) * narrowing),
    (height - 2 * EDGE) / span(latitudes),
  )
  const points = places.map((place) => ({
    ...place,
    x: width / 2 + (place.longitude - middle(longitudes)) * narrowing * scale,
    y: height / 2 - (place.latitude - middle(latitudes)) * scale,
  }))
  const taken: Box[] = points.map(({ x, y }) => ({
    left: x - SPOT,
    right: x + SPOT,
    top: y - SPOT,
    bottom: y + SPOT,
  }))
  return points.map((point, i) => {
    const length = point.member.length * LETTER
    const choices = [
      { dx: 12, dy: 5, anchor: 'start' as const, left: 12 },
      { dx: -12, dy: 5, anchor: 'end' as const, left: -12 - length },
      { dx: 0, dy: 24, anchor: 'middle' as const, left: -length / 2 },
      { dx: 0, dy: -14, anchor: 'middle' as const, left: -length / 2 },
    ]
    const boxOf = ({ left, dy }: (typeof choices)[number]): Box => ({
      left: point.x + left,
      right: point.x + left + length,
      top: point.y + dy - LINE + 4,
      bottom: point.y + dy + 4,
    })
    const free = choices.find((choice) => {
      const box = boxOf(choice)
      const isInside = box.left > 0 && box.right < width
      return isInside && !taken.some((other, j) => j !== i && overlaps(box, other))
    })
    const { left: _, ...label } = free ?? choices[0]!
    taken.push(boxOf(free ?? choices[0]!))
    return { ...point, ...label }
  })
}

export function PlaceMap({ places }: { places: Place[] }) {
  const isWide = useWide(820)
  const [width, height] = isWide ? [640, 300] : [360, 260]
  // Beyond both ends, too: where there is more room the sheet is wider than what is drawn for.
  const lines = (length: number) =>
    Array.from({ length: Math.ceil(length / 60) + 40 }, (_, i) => (i - 20) * 60)
  return (
    <svg
      class="plot"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`A map of ${places.map(({ member }) => member).join(', ')}`}
    >
      <path
        class="grid"
        d={[
          ...lines(width).map((x) => `M${x + 20} -1200v${height + 2400}`),
          ...lines(height).map((y) => `M-1200 ${y + 30}h${width + 2400}`),
        ].join('')}
      />
      {arrange(places, width, height).map(({ member, x, y, dx, dy, anchor }) => (
        <g key={member} transform={`translate(${x} ${y})`}>
          <circle r="5" />
          <text x={dx} y={dy} text-anchor={anchor}>
            {member}
          </text>
        </g>
      ))}
    </svg>
  )
}
