// The command line of redis-server:
//
//   [/path/to/redis.conf] [-] [--directive value … | "--directive value"] …
//
// Options are lines of configuration that are read after the file and after standard input.

import { quote, splitArguments } from './quoting.ts'

export type CommandLine =
  | { do: 'version' | 'help' | 'check-system' }
  | { do: 'test-memory'; megabytes: string | undefined }
  | Serve

export interface Serve {
  do: 'serve'
  /** The configuration file, as it was given. */
  file: string | undefined
  /** Whether configuration comes on standard input too. */
  stdin: boolean
  /** The options as lines of configuration. */
  options: string
}

/** Directives that may stand without a value before another directive, as they could before Redis 7. */
const VALUE_OPTIONAL: Record<string, string> = { '--save': '""', '--sentinel': '' }

/** Understands the arguments after the program's name; text is latin1, a character a byte. */
export function parseArguments(argv: readonly string[]): CommandLine {
  const [first] = argv
  if (first === '-v' || first === '--version') return { do: 'version' }
  if (first === '-h' || first === '--help') return { do: 'help' }
  if (first === '--check-system') return { do: 'check-system' }
  if (first === '--test-memory') {
    return { do: 'test-memory', megabytes: argv.length === 2 ? argv[1] : undefined }
  }
  const file = first !== undefined && !first.startsWith('-') ? first : undefined
  return { do: 'serve', file, ...parseOptions(argv, file === undefined ? 0 : 1) }
}

function parseOptions(argv: readonly string[], start: number): { stdin: boolean; options: string } {
  let stdin = false
  let options = ''
  // A directive takes at least one value, even one that begins with `--`.
  let mayBeDirective = true
  for (let i = start; i < argv.length; i++) {
    const arg = argv[i]!
    const isLast = i === argv.length - 1
    if (arg === '-' && (i === 0 || isLast)) {
      stdin = true
    } else if (mayBeDirective && arg.startsWith('--')) {
      if (options) options += '\n'
      options += `${arg.slice(2)} `
      // One argument may hold both the name and the value: "--port 6380".
      mayBeDirective = splitArguments(arg)?.length !== 1
      const substitute = VALUE_OPTIONAL[arg.toLowerCase()]
      if (substitute !== undefined && (isLast || argv[i + 1]!.startsWith('--'))) {
        options += substitute
        mayBeDirective = true
      }
    } else {
      options += `${quote(arg)} `
      mayBeDirective = true
    }
  }
  return { stdin, options }
}
