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
