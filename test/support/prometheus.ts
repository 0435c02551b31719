/** Prometheus' text format, read by a package and checked line by line for what that lets pass. */
import parse from 'parse-prometheus-text-format'
import { expect } from 'vitest'

export interface Metric {
  value?: string
  labels?: Record<string, string>
  quantiles?: Record<string, string>
  buckets?: Record<string, string>
  count?: string
  sum?: string
}

export interface Family {
  name: string
  help: string
  type: string
  metrics: Metric[]
}

const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (?:[+-]?\d[\d.e+-]*|NaN|[+-]Inf)$/

/** The families of a text by their names. */
export function readMetrics(text: string): Map<string, Family> {
  expect(text.endsWith('\n')).toBe(true)
  let family = ''
  const seen = new Set<string>()
  const samples = new Set<string>()
  for (const line of text.trimEnd().split('\n')) {
    const [, kind, name = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) \S.*$/.exec(line) ?? []
    if (kind === 'HELP') {
      expect(seen, `${name} comes once`).not.toContain(name)
      seen.add((family = name))
    } else if (kind === 'TYPE') {
      expect(name).toBe(family)
    } else {
      const sample = SAMPLE.exec(line)
      if (!sample) throw new Error(`not a sample: ${line}`)
      expect(sample[1]!.replace(/_(bucket|sum|count)$/, '')).toBe(
        family.replace(/_(sum|count)$/, ''),
      )
      const key = line.slice(0, line.lastIndexOf(' '))
      expect(samples, `${key} comes once`).not.toContain(key)
      samples.add(key)
    }
  }
  const families = parse(text) as Family[]
  expect(families.map(({ name }) => name).sort()).toEqual([...seen].sort())
  return new Map(families.map((each) => [each.name, each]))
}
