// A configuration as the list of its directives: the file, standard input and options are one text, and an
// `include` stands for the directives of the files it names.

import { readFileSync } from 'node:fs'
import { systemMessage } from '../system-error.ts'
import { glob, hasWildcard } from './glob.ts'
import { splitArguments } from './quoting.ts'

export interface Directive {
  /** The line in its text, from 1. */
  line: number
  /** The line as it was written, trimmed. */
  text: string
  /** The directive's name in lower case. */
  name: string
  args: string[]
}

/** The start fails with Redis's report: the line, and what is wrong with it. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly line: number | undefined
  readonly text: string

  constructor(reason: string, at?: { line: number; text: string }) {
    super(reason)
    this.line = at?.line
    this.text = at?.text ?? ''
  }

  /** What redis-server prints on standard error before it exits with 1. */
  report(version: string): string {
    const where =
      this.line === undefined
        ? ''
        : `Reading the configuration file, at line ${this.line}\n>>> '${this.text}'\n`
    return `\n*** FATAL CONFIG FILE ERROR (Redis ${version}) ***\n${where}${this.message}\n`
  }
}

/** A configuration file cannot be opened. */
export class ConfigFileError extends Error {
  override name = 'ConfigFileError'
}

/** Files that include each other without end are refused at this depth. */
const MAX_INCLUDE_DEPTH = 64

export interface Sources {
  file: string | undefined
  /** The text of standard input, when it is configuration. */
  stdin: string | undefined
  options: string
}

/**
 * All directives in their order.
 *
 * @throws {ConfigError} a line that cannot be split
 * @throws {ConfigFileError} a file that cannot be read
 */
export function* readDirectives(sources: Sources): Generator<Directive> {
  const file = sources.file === undefined ? '' : readConfigFiles(sources.file)
  yield* directivesOf(`${file}${sources.stdin ?? ''}\n${sources.options}`, 0)
}

function* directivesOf(text: string, depth: number): Generator<Directive> {
  let number = 0
  for (const raw of text.split('\n')) {
    number++
    const line = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
    if (line === '' || line.startsWith('#')) continue
    const args = splitArguments(line)
    const at = { line: number, text: line }
    if (!args) throw new ConfigError('Unbalanced quotes in configuration line', at)
    const name = args.shift()?.toLowerCase()
    if (name === undefined) continue
    if (name === 'include' && args.length === 1) {
      if (depth >= MAX_INCLUDE_DEPTH) throw new ConfigError('Too many nested includes', at)
      yield* directivesOf(readConfigFiles(args[0]!), depth + 1)
    } else {
      yield { ...at, name, args }
    }
  }
}

/** The text of a file, or of all files that a pattern names: none is nothing. */
function readConfigFiles(path: string): string {
  return (hasWildcard(path) ? glob(path) : [path]).map(readConfigFile).join('')
}

function readConfigFile(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    throw new ConfigFileError(`can't open config file '${path}': ${systemMessage(error)}`)
  }
}
