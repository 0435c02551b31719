// The interactive mode: lines from a terminal, with history, completion and hints, or from a file.

import { appendFileSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import readline from 'node:readline'
import { splitArguments } from '../config/quoting.ts'
import { isError } from './format.ts'
import { type CommandDoc, completions, help, hintFor, readDocs } from './hints.ts'
import { LinkError } from './link.ts'
import type { Session } from './session.ts'

const HISTORY_LINES = 1000
/** A command that took longer says how long. */
const SLOW_MS = 500
const CLEAR_TO_END = '\x1b[K'
const GREY = '\x1b[0;90m'
const PLAIN = '\x1b[0m'

/** Lines with secrets, which do not go into the history. */
const SECRET =
  /^\s*(\d+\s+)?(auth\b|acl\s+(setuser|deluser)\b|config\s+set\s+.*(pass|auth)|hello\b.*\bauth\b|migrate\b.*\bauth2?\b)/i

export class Repl {
  readonly #session: Session
  readonly #input: NodeJS.ReadStream
  readonly #output: NodeJS.WriteStream
  #docs = new Map<string, CommandDoc>()
  #hasDocs = false
  #showsHints = true

  constructor(session: Session, input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#session = session
    this.#input = input
    this.#output = output
  }

  /** Until the input ends or someone says quit. Answers the exit code. */
  async run(): Promise<number> {
    const isTerminal = this.#input.isTTY
    await this.#connect()
    if (isTerminal) await this.#learn()
    const lines = this.#open(isTerminal)
    let isOpen = true
    lines.once('close', () => (isOpen = false))
    const ask = () => {
      if (!isTerminal || !isOpen) return
      lines.setPrompt(this.prompt())
      lines.prompt()
    }
    ask()
    for await (const line of lines) {
      if (isTerminal) this.#remember(line)
      if (!(await this.#take(Buffer.from(line).toString('latin1')))) break
      ask()
    }
    lines.close()
    this.#session.close()
    return 0
  }

  prompt(): string {
    const { options, db, isConnected, isQueuing } = this.#session
    if (!isConnected) return 'not connected> '
    const host = options.host.includes(':') ? `[${options.host}]` : options.host
    const where =
      options.socket === undefined ? `${host}:${options.port}` : `redis ${options.socket}`
    return `${where}${db ? `[${db}]` : ''}${isQueuing ? '(TX)' : ''}> `
  }

  async #connect(): Promise<void> {
    try {
      await this.#session.connect()
    } catch (error) {
      if (!(error instanceof LinkError)) throw error
      this.#session.terminal.complain(`${error.message}\n`)
    }
  }

  /** The server's documentation, for hints; a server that has none gives none. */
  async #learn(): Promise<void> {
    if (!this.#session.isConnected || this.#hasDocs) return
    const reply = await this.#session.ask('COMMAND', 'DOCS')
    if (isError(reply)) return
    this.#hasDocs = true
    this.#docs = readDocs(reply)
  }

  #open(isTerminal: boolean): readline.Interface {
    const lines = readline.createInterface({
      input: this.#input,
      output: isTerminal ? this.#output : undefined,
      terminal: isTerminal,
      history: isTerminal ? readHistory() : [],
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string) => [completions(this.#docs, line), line],
    })
    if (!isTerminal) return lines
    // Before readline hears of a key its hint goes, and afterwards the next one comes.
    this.#input.prependListener('keypress', () => this.#output.write(CLEAR_TO_END))
    this.#input.on('keypress', () => setImmediate(() => this.#hint(lines)))
    // Control-C ends all, whatever a command waits for.
    lines.on('SIGINT', () => {
      lines.close()
      this.#session.close()
    })
    return lines
  }

  /** Writes what may follow behind the line, and goes back. */
  #hint(lines: readline.Interface): void {
    const { line, cursor } = lines
    if (!this.#showsHints || !line || cursor !== line.length) return
    const room = (this.#output.columns || 80) - this.prompt().length - line.length - 1
    const hint = hintFor(this.#docs, line).slice(0, Math.max(room, 0))
    if (hint) this.#output.write(`${GREY}${hint}${PLAIN}\x1b[${hint.length}D`)
  }

  /** Runs a line; false ends all. */
  async #take(line: string): Promise<boolean> {
    const { terminal } = this.#session
    const words = splitArguments(line)
    if (!words) {
      terminal.print('Invalid argument(s)\n')
      return true
    }
    const [first] = words
    if (first === undefined) return true
    switch (first.toLowerCase()) {
      case 'quit':
      case 'exit':
        return false
      case 'clear':
        this.#output.write('\x1b[H\x1b[2J')
        return true
      case 'help':
      case '?':
        await this.#learn()
        terminal.print(help(this.#docs, words.slice(1)))
        return true
      case 'connect':
        if (words.length !== 3) break
        this.#session.close()
        this.#session.options.host = words[1]!
        this.#session.options.port = Number(words[2])
        await this.#connect()
        return true
      case ':set':
        this.#showsHints = words[1] !== 'nohints'
        return true
      default:
    }
    await this.#repeat(words)
    return true
  }

  /** `5 INCR x` runs it five times. */
  async #repeat(words: string[]): Promise<void> {
    const isCount = words.length > 1 && /^\d+$/.test(words[0]!)
    const command = isCount ? words.slice(1) : words
    for (let left = isCount ? Number(words[0]) : 1; left > 0; left--) {
      const startedMs = performance.now()
      if (!(await this.#session.run(command))) return
      const tookMs = performance.now() - startedMs
      if (tookMs >= SLOW_MS && this.#session.options.output === 'standard')
        this.#session.terminal.print(`(${(tookMs / 1000).toFixed(2)}s)\n`)
    }
  }

  #remember(line: string): void {
    const file = historyFile()
    if (!file || !line.trim() || SECRET.test(line)) return
    try {
      appendFileSync(file, `${line}\n`, { mode: 0o600 })
    } catch {
      // A history that cannot be kept is none.
    }
  }
}

function historyFile(): string | undefined {
  const file = process.env['REDISCLI_HISTFILE'] ?? join(homedir(), '.rediscli_history')
  return file === '/dev/null' ? undefined : file
}

/** The newest line first, as readline wants it. */
function readHistory(): string[] {
  const file = historyFile()
  if (!file) return []
  try {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
    return [...new Set(lines.slice(-HISTORY_LINES).reverse())]
  } catch {
    return []
  }
}
