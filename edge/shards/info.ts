// INFO of a store: what its shards say, as one. Counts and sizes are added up, times and states are the largest, ratios
// are made anew, and what describes one process is that of the first shard.

type Fields = Map<string, string>
type Sections = Map<string, Fields>

/** These are of the first shard: they tell what every shard is. */
const OF_ONE = new Set(['server', 'replication', 'modules', 'cluster'])

const LARGEST =
  /(_time_sec|_in_progress|_enabled|_scheduled|last_save_time|loading|_since|in_seconds|active_defrag_running|uptime_in_days)$/
const FIRST = /^(maxclients|maxmemory_policy|mem_allocator|cluster_connections)$/

/** @param texts of the shards, in their order */
export function mergeInfo(texts: readonly string[], isWhole: boolean): string {
  const all = texts.map(sectionsOf)
  const [first = new Map<string, Fields>()] = all
  const names = [...new Set(all.flatMap((sections) => [...sections.keys()]))]
  const merged: Sections = new Map()
  for (const name of names) {
    if (OF_ONE.has(name.toLowerCase())) merged.set(name, first.get(name) ?? new Map())
    else merged.set(name, mergeSection(all.map((sections) => sections.get(name) ?? new Map())))
  }
  if (isWhole) merged.set('Shards', new Map(all.map((one, shard) => [`shard${shard}`, brief(one)])))
  return [...merged]
    .map(([name, fields]) => `# ${name}\r\n${[...fields].map(lineOf).join('')}`)
    .join('\r\n')
}

const lineOf = ([field, value]: [string, string]): string => `${field}:${value}\r\n`

function sectionsOf(text: string): Sections {
  const sections: Sections = new Map()
  let fields: Fields = new Map()
  for (const line of text.split('\r\n')) {
    if (line.startsWith('# ')) sections.set(line.slice(2), (fields = new Map()))
    else if (line) fields.set(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1))
  }
  return sections
}

function mergeSection(all: readonly Fields[]): Fields {
  const names = [...new Set(all.flatMap((fields) => [...fields.keys()]))]
  const merged: Fields = new Map()
  for (const name of names) {
    const values = all.flatMap((fields) => fields.get(name) ?? [])
    merged.set(name, mergeField(name, values))
  }
  remake(merged)
  return merged
}

function mergeField(name: string, values: readonly string[]): string {
  const [first = ''] = values
  if (first.includes('=')) return mergeList(name, values)
  const numbers = values.map(Number)
  if (FIRST.test(name) || numbers.some(Number.isNaN)) return first
  if (LARGEST.test(name)) return values[numbers.indexOf(Math.max(...numbers))]!
  const places = Math.max(...values.map((value) => value.split('.')[1]?.length ?? 0))
  return numbers.reduce((sum, value) => sum + value, 0).toFixed(places)
}

/** A line of its own fields: `keys=1,expires=0,avg_ttl=0`. */
function mergeList(name: string, values: readonly string[]): string {
  const lists = values.map((value) => new Map(value.split(',').map(pairOf)))
  const names = [...new Set(lists.flatMap((list) => [...list.keys()]))]
  const sum = (field: string): number =>
    lists.reduce((all, list) => all + Number(list.get(field) ?? 0), 0)
  const largest = (field: string): string =>
    Math.max(...lists.map((list) => Number(list.get(field) ?? 0))).toFixed(3)
  const shown = names.map((field) => {
    if (field === 'avg_ttl') {
      const weighted = lists.reduce(
        (all, list) => all + Number(list.get('avg_ttl')) * Number(list.get('expires')),
        0,
      )
      return `avg_ttl=${Math.round(weighted / Math.max(sum('expires'), 1))}`
    }
    if (field === 'usec_per_call')
      return `usec_per_call=${(sum('usec') / Math.max(sum('calls'), 1)).toFixed(2)}`
    // Percentiles do not add up: of the slowest shard.
    if (name.startsWith('latency_percentiles')) return `${field}=${largest(field)}`
    return `${field}=${sum(field)}`
  })
  return shown.join(',')
}

const pairOf = (pair: string): [string, string] => {
  const at = pair.indexOf('=')
  return [pair.slice(0, at), pair.slice(at + 1)]
}

/** Percentages, ratios and sizes with units follow from the sums. */
function remake(fields: Fields): void {
  const value = (name: string): number => Number(fields.get(name) ?? 0)
  const ratio = (name: string, above: string, below: string, unit = 1): void => {
    if (!fields.has(name)) return
    const share = (value(above) / Math.max(value(below), 1)) * unit
    fields.set(name, share.toFixed(2) + (unit === 100 ? '%' : ''))
  }
  for (const name of fields.keys()) {
    const base = name.replace(/_human$/, '')
    if (base !== name && fields.has(base)) fields.set(name, human(value(base)))
  }
  ratio('used_memory_peak_perc', 'used_memory', 'used_memory_peak', 100)
  ratio('allocator_frag_ratio', 'allocator_active', 'allocator_allocated')
  ratio('allocator_rss_ratio', 'allocator_resident', 'allocator_active')
  if (fields.has('used_memory_dataset_perc')) {
    const net = value('used_memory') - value('used_memory_startup')
    const share = (value('used_memory_dataset') / Math.max(net, 1)) * 100
    fields.set('used_memory_dataset_perc', `${Math.min(share, 100).toFixed(2)}%`)
  }
}

function human(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), 4)
  return `${(bytes / 1024 ** power).toFixed(2)}${'BKMGT'[power]}`
}

/** What tells shards apart that have more than their share. */
function brief(sections: Sections): string {
  const field = (section: string, name: string): string => sections.get(section)?.get(name) ?? '0'
  let keys = 0
  for (const line of sections.get('Keyspace')?.values() ?? [])
    keys += Number(/keys=(\d+)/.exec(line)?.[1] ?? 0)
  const memory = field('Memory', 'used_memory')
  const log = field('Persistence', 'edge_log_bytes')
  return `keys=${keys},used_memory=${memory},log_bytes=${log}`
}
