// Tables on the screen and in docs/benchmarks.md.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** What could not be measured, and why. */
  readonly notes?: readonly string[]
  /** What else is to be known of it. */
  readonly remarks?: readonly string[]
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

export const ratio = (value: number) => value.toFixed(2)

/** Aligned columns; it is valid Markdown, too. */
export function format({ head, rows, notes = [], remarks = [] }: Table): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(' | ')} |`
  const rule = `|${widths.map((width, i) => '-'.repeat(width + 1) + (i ? ':' : '-')).join('|')}|`
  const table = [line(head), rule, ...rows.map(line)].join('\n')
  return [table, ...remarks, ...notes.map((note) => `Not measured: ${note}`)].join('\n\n')
}

/** Puts a section between its markers in a file, or at its end. */
export function writeSection(file: string, name: string, text: string): void {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '# Benchmarks\n'
  const [from, to] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const section = `${from}\n\n${text}\n\n${to}`
  const start = old.indexOf(from)
  const end = old.indexOf(to, start)
  if (start >= 0 && end < 0) throw new Error(`${file} has ${from}, but no ${to} after it`)
  const fresh =
    start < 0
      ? `${old.trimEnd()}\n\n${section}\n`
      : old.slice(0, start) + section + old.slice(end + to.length)
  writeFileSync(file, fresh)
}
