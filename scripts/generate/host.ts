/** What hosts must know of the table: the names of the commands that they answer, by number. */
import type { Command } from './commands.ts'

/** The engine answers them, and hands over what only the host can do. */
const PARTLY = new Set(['DEBUG'])

export function hostCommands(commands: Command[]): string {
  const entries = [...commands.entries()]
    .filter(([, command]) => command.flags.has('HOST') || PARTLY.has(command.name))
    .map(([number, { name }]) => `  [${number}, '${name.toLowerCase().replace(' ', '|')}'],`)
  return `// Made by scripts/generate.ts from assembly/table/commands; do not edit.

/** Commands that the engine hands to its host: \`shutdown\`, \`config|rewrite\`, by their number. */
export const hostCommands: ReadonlyMap<number, string> = new Map([
${entries.join('\n')}
])
`
}

/** Where the keys of each command are, for hosts that send commands to where their keys are. */
export function commandKeys(commands: Command[]): string {
  const entries = commands
    .filter((command) => !command.flags.has('INTERNAL'))
    .map(
      ({ name, keySpecs = [] }) =>
        `  ['${name.toLowerCase()}', '${keySpecs.map(specText).filter(Boolean).join(' ')}'],`,
    )
  const arities = commands
    .filter((command) => !command.flags.has('INTERNAL'))
    .map(({ name, arity }) => `  ['${name.toLowerCase()}', ${arity}],`)
  const waiting = commands
    .filter(({ flags, keySpecs = [] }) => flags.has('BLOCKING') && keySpecs.length > 0)
    .map(({ name }) => `  '${name.toLowerCase()}',`)
  return `// Made by scripts/generate.ts from assembly/table/commands; do not edit.

/**
 * By command, key specs with blanks between them: \`index:find\` or \`KEYWORD@startFrom:find\`, where find is
 * \`r\` last,step,limit or \`n\` count,first,step.
 */
export const commandKeys: ReadonlyMap<string, string> = new Map([
${entries.join('\n')}
])

/** How many arguments a command has with its name; negative: at least so many. */
export const commandArity: ReadonlyMap<string, number> = new Map([
${arities.join('\n')}
])

/** Commands that may wait for what others do. */
export const waitingCommands: ReadonlySet<string> = new Set([
${waiting.join('\n')}
])
`
}

function specText(spec: NonNullable<Command['keySpecs']>[number]): string {
  const begin = spec.keyword === undefined ? spec.index : `${spec.keyword}@${spec.startFrom}`
  const find = spec.range ? `r${spec.range.join(',')}` : spec.keynum && `n${spec.keynum.join(',')}`
  return begin === undefined || find === undefined ? '' : `${begin}:${find}`
}
