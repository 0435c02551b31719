// Line icons on a grid of 20, drawn in the colour of the text around them.

const paths = {
  console: 'M3 4.5h14v11H3zM6 8l2.5 2L6 12M10.5 12.5H14',
  data: 'M3 5.5C3 4 6 3 10 3s7 1 7 2.5S14 8 10 8 3 7 3 5.5zM3 5.5v9C3 16 6 17 10 17s7-1 7-2.5v-9M3 10c0 1.5 3 2.5 7 2.5s7-1 7-2.5',
  live: 'M2 11h3.5l2.5-7 4 12 2.5-5H18',
  bench: 'M4 16a7.5 7.5 0 1 1 12 0M10 12l3.5-4.5M10 12.5a.5.5 0 1 0 .01 0',
  store: 'M3 7l2-4h10l2 4v10H3zM3 7h14M8 10.5h4',
  sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6L16 16M4 16l1.4-1.4M14.6 5.4L16 4',
  moon: 'M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z',
  plus: 'M10 4v12M4 10h12',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.7 11h7.6l.7-11M8.5 9v5M11.5 9v5',
  pencil: 'M4 16l.6-3.2L13.5 4l2.600 2.600-8.900 8.800z',
  check: 'M4 10.5l4 4 8-9',
  close: 'M5 5l10 10M15 5L5 15',
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l4 4',
  refresh: 'M16 8A6.5 6.5 0 0 0 4 7M4 3v4h4M4 12a6.5 6.5 0 0 0 12 1M16 17v-4h-4',
  download: 'M10 3v10M6 9l4 4 4-4M4 16.5h12',
  upload: 'M10 13V3M6 7l4-4 4 4M4 16.5h12',
  tab: 'M11 4h5v5M16 4l-7 7M8 5H4v11h11v-4',
  clock: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM10 6v4l2.5 2',
  back: 'M12 4l-6 6 6 6',
  play: 'M6 4l10 6-10 6z',
  stop: 'M5.5 5.5h9v9h-9z',
  help: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM8 8a2 2 0 1 1 2.7 1.9c-.5.2-.7.6-.7 1.1v.5M10 14v.01',
} as const

export type IconName = keyof typeof paths

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
