// Prometheus' text format: families of samples, each with its HELP and TYPE.
//
//   # HELP redis_db_keys Keys of a database
//   # TYPE redis_db_keys gauge
//   redis_db_keys{db="db0"} 42

export type Labels = Readonly<Record<string, string | number>>
export type MetricType = 'gauge' | 'counter' | 'summary' | 'histogram'

interface Family {
  readonly type: MetricType
  readonly help: string
  readonly lines: string[]
}

export class MetricsText {
  readonly #prefix: string
  readonly #families = new Map<string, Family>()

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#add({ name, type: 'gauge', help }, '', value, labels)
  }

  counter(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#add({ name, type: 'counter', help }, '', value, labels)
  }

  /** Values below which so many of 100 are, and how many there are with which sum. */
  summary(
    name: string,
    help: string,
    all: { quantiles: readonly (readonly [string, number])[]; sum: number; count: number },
    labels: Labels,
  ): void {
    const family = { name, type: 'summary', help } as const
    for (const [quantile, value] of all.quantiles)
      this.#add(family, '', value, { ...labels, quantile })
    this.#add(family, '_sum', all.sum, labels)
    this.#add(family, '_count', all.count, labels)
  }

  /** How many were at most so large, from the smallest limit on. */
  histogram(
    name: string,
    help: string,
    all: { buckets: readonly (readonly [number, number])[]; sum: number; count: number },
    labels: Labels,
  ): void {
    const family = { name, type: 'histogram', help } as const
    for (const [le, count] of all.buckets) this.#add(family, '_bucket', count, { ...labels, le })
    this.#add(family, '_bucket', all.count, { ...labels, le: '+Inf' })
    this.#add(family, '_sum', all.sum, labels)
    this.#add(family, '_count', all.count, labels)
  }

  toString(): string {
    let text = ''
    for (const [name, { type, help, lines }] of this.#families) {
      text += `# HELP ${name} ${escape(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`
    }
    return text
  }

  /** What is not a number is left out. */
  #add(
    { name, type, help }: { name: string; type: MetricType; help: string },
    suffix: string,
    value: number,
    labels: Labels,
  ): void {
    if (Number.isNaN(value)) return
    const full = this.#prefix + name
    let family = this.#families.get(full)
    if (!family) this.#families.set(full, (family = { type, help, lines: [] }))
    const pairs = Object.entries(labels).map(
      ([label, text]) => `${label}="${escape(String(text)).replaceAll('"', '\\"')}"`,
    )
    const inBraces = pairs.length ? `{${pairs.join(',')}}` : ''
    family.lines.push(`${full}${suffix}${inBraces} ${numberText(value)}\n`)
  }
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
