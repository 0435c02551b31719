/** The documentation pages that are made from the tables: docs/commands.md and docs/configuration.md. */
import type { Command } from './commands.ts'
import type { Directive } from './config.ts'
import { GROUPS } from './docs.ts'

const TITLES: Record<string, string> = {
  generic: 'Keys',
  string: 'Strings',
  list: 'Lists',
  set: 'Sets',
  'sorted-set': 'Sorted sets',
  hash: 'Hashes',
  pubsub: 'Publish and subscribe',
  transactions: 'Transactions',
  connection: 'Connections',
  server: 'The server',
  scripting: 'Scripts and functions',
  hyperloglog: 'HyperLogLogs',
  cluster: 'Cluster',
  sentinel: 'Sentinel',
  geo: 'Geospatial indexes',
  stream: 'Streams',
  bitmap: 'Bitmaps',
}

const MADE = '<!-- Made by scripts/generate.ts from assembly/table; do not edit. -->'

const escaped = (text: string): string => text.replaceAll('|', String.raw`\|`)

export function commandsPage(commands: Command[]): string {
  const shown = commands.filter(({ flags }) => !flags.has('INTERNAL'))
  const callable = shown.filter(({ handler }) => handler !== undefined)
  const done = callable.filter(({ supported }) => supported)
  const sections = GROUPS.filter((group) => group in TITLES).map((group) => {
    const rows = shown
      .filter((command) => command.group.replace('_', '-') === group)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(row)
    return `## ${TITLES[group]}

| command | what it does | since | complexity | |
|---|---|---|---|---|
${rows.join('\n')}
`
  })
  return `${MADE}

# Commands

${done.length} of ${callable.length} commands and subcommands are supported. *Since* is the version of Redis or
Valkey that brought the command; \`COMMAND DOCS\` tells the rest: arguments, history, key positions.

${sections.join('\n')}`
}

function row(command: Command): string {
  const { name, summary, since, complexity, deprecatedSince, replacedBy, supported } = command
  const notes: string[] = []
  if (deprecatedSince) notes.push(`deprecated, use ${replacedBy}`)
  if (!supported) notes.push('not yet supported')
  const cells = [`\`${name}\``, summary ?? '', since, complexity ?? '', notes.join('; ')]
  return `| ${cells.map(escaped).join(' | ')} |`
}

/** `isRead`: whether the engine or a host asks for the value of a directive. */
export function configurationPage(
  directives: Directive[],
  isRead: (directive: Directive) => boolean,
): string {
  const shown = directives.filter(({ flags }) => !flags.includes('hidden'))
  return `${MADE}

# Configuration

A configuration file has one directive a line, as Redis's has, and every directive may stand on the
command line too: \`--maxmemory 1gb\`. \`CONFIG SET\` changes most of them while the server runs, and
\`CONFIG REWRITE\` writes them back.

Amounts of memory take a unit: \`1k\` is 1000 bytes, \`1kb\` 1024, and so on with \`m\`, \`mb\`, \`g\` and \`gb\`.
A directive *at the start* can only be set by the file or the command line; a *protected* one by clients
only where \`enable-protected-configs\` allows it. One with *no effect* is accepted, so that configuration
files work unchanged, and means nothing here; *not yet* is said of one that is checked and kept, and that
nothing reads so far.

| directive | what it sets | value | default | |
|---|---|---|---|---|
${shown.map((directive) => directiveRow(directive, isRead(directive))).join('\n')}
`
}

const REMARKS: [flag: string, remark: string][] = [
  ['immutable', 'at the start'],
  ['protected', 'protected'],
  ['noeffect', 'no effect'],
]

function directiveRow(directive: Directive, isRead: boolean): string {
  const { name, summary, alias, flags } = directive
  const remarks = REMARKS.filter(([flag]) => flags.includes(flag)).map(([, remark]) => remark)
  if (!isRead && !flags.includes('noeffect')) remarks.push('not yet')
  if (alias) remarks.push(`formerly \`${alias}\``)
  const cells = [
    `\`${name}\``,
    summary,
    valueText(directive),
    `\`${defaultText(directive)}\``,
    remarks.join('; '),
  ]
  return `| ${cells.map(escaped).join(' | ')} |`
}

function valueText({ type, values, lowest, highest, flags }: Directive): string {
  if (type === 'bool') return '`yes`, `no`'
  if (type === 'enum') return values.map((value) => `\`${value}\``).join(', ')
  if (type === 'string') return 'text'
  if (type === 'octal') return 'octal digits'
  if (type === 'special') return flags.includes('multi-arg') ? 'words' : 'text'
  if (type === 'percent-or-memory') return 'memory, or a percentage of `maxmemory`'
  if (type === 'memory') return lowest > 0n ? `memory from ${memoryText(lowest)}` : 'memory'
  const isOpen = highest >= 0x7fff_ffffn
  return isOpen ? `number from ${lowest}` : `${lowest} to ${highest}`
}

function defaultText({ type, default: value }: Directive): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (type === 'memory') return memoryText(BigInt(value))
  return value === '' ? '""' : String(value)
}

function memoryText(bytes: bigint): string {
  for (const [unit, size] of [
    ['gb', 30n],
    ['mb', 20n],
    ['kb', 10n],
  ] as const) {
    if (bytes && bytes % (1n << size) === 0n) return `${bytes >> size}${unit}`
  }
  return String(bytes)
}
