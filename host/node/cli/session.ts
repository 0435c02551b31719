// What one talks to a server about: who one is, the database, the protocol, and commands with what they print.

import { encodeCommand } from '../../core/encode.ts'
import type { Frame } from '../../core/decode.ts'
import { quote } from '../config/quoting.ts'
import { formatReply, isError, textOf } from './format.ts'
import { Link, LinkError } from './link.ts'
import type { Options } from './options.ts'

/** Where the output goes: latin1 texts. */
export interface Terminal {
  print(text: string): void
  complain(text: string): void
}

/** Commands whose reply is a text for people, which is written as it is. */
const VERBATIM =
  /^(info|lolwut|debug htstats(-key)?|debug client-eviction|memory (malloc-stats|doctor)|cluster (nodes|info)|client (list|info)|latency (graph|doctor))$/

/** How an error begins when there was no connection at all. */
const REFUSED = 'Could not connect'

const LISTENING = /^(monitor|[ps]?subscribe)$/i

export class Session {
  readonly options: Options
  readonly terminal: Terminal
  /** The database that is selected. */
  db: number
  /** Inside MULTI. */
  isQueuing = false
  /** Whether the last reply was an error. */
  hasFailed = false
  #link: Link | undefined

  constructor(options: Options, terminal: Terminal) {
    this.options = options
    this.terminal = terminal
    this.db = options.db
  }

  get isConnected(): boolean {
    return this.#link?.isOpen === true
  }

  /** @throws {LinkError} */
  async connect(): Promise<Link> {
    if (this.#link?.isOpen) return this.#link
    const link = await Link.open(this.options)
    this.#link = link
    this.isQueuing = false
    link.onPush = (push) => {
      if (this.options.showsPushes) this.#printPush(push)
    }
    await this.#introduce(link)
    return link
  }

  close(): void {
    const link = this.#link
    this.#link = undefined
    link?.close()
  }

  /** The reply of a command, which is not printed. @throws {LinkError} */
  async ask(...args: (string | number)[]): Promise<Frame> {
    const link = await this.connect()
    link.send(encode(args.map(String)))
    return link.next()
  }

  /** The replies of commands that leave together. @throws {LinkError} */
  async askAll(commands: readonly (string | number)[][]): Promise<Frame[]> {
    const link = await this.connect()
    link.send(Buffer.concat(commands.map((args) => encode(args.map(String)))))
    const replies: Frame[] = []
    while (replies.length < commands.length) replies.push(await link.next())
    return replies
  }

  /** Runs a command and prints its reply; false when the connection is gone. */
  async run(args: readonly string[]): Promise<boolean> {
    try {
      const link = await this.connect()
      link.send(encode(args))
      await this.#printReplies(link, args)
      return true
    } catch (error) {
      if (!(error instanceof LinkError)) throw error
      const isExpected = /^shutdown$/i.test(args[0]!)
      // Who closes the session while a command waits knows it.
      const isClosedHere = this.#link === undefined && !error.message.startsWith(REFUSED)
      if (!isExpected && !isClosedHere) this.#complain(error)
      this.close()
      return isExpected
    }
  }

  async #printReplies(link: Link, args: readonly string[]): Promise<void> {
    const name = args[0]!.toLowerCase()
    if (LISTENING.test(name)) return this.#listen(link, name)
    const reply = await link.next()
    this.hasFailed = isError(reply)
    if (this.hasFailed && this.options.failsOnError) {
      this.terminal.complain(`${textOf(reply)}\n`)
      return undefined
    }
    this.#print(reply, args)
    if (this.hasFailed) {
      if (name === 'exec' || name === 'discard') this.isQueuing = false
      return undefined
    }
    if (name === 'select' && textOf(reply) === 'OK' && args.length === 2)
      this.db = Number.parseInt(args[1]!) || 0
    else if (name === 'multi') this.isQueuing = true
    else if (name === 'exec' || name === 'discard') this.isQueuing = false
    else if (name === 'reset') {
      this.isQueuing = false
      this.db = 0
    }
    return undefined
  }

  /** Prints what comes until the connection ends or the first word is an error. */
  async #listen(link: Link, name: string): Promise<void> {
    if (name !== 'monitor' && this.options.output !== 'raw')
      this.terminal.print('Reading messages... (press Ctrl-C to quit)\n')
    link.onPush = undefined
    for (;;) {
      const frame = await link.next()
      this.#print(frame, [name])
      this.hasFailed = isError(frame)
      if (this.hasFailed) return
    }
  }

  #print(frame: Frame, args: readonly string[]): void {
    const { output, partDelimiter: parts, replyDelimiter: replies } = this.options
    const words = args.map((word) => word.toLowerCase())
    const isVerbatim = VERBATIM.test(words[0]!) || VERBATIM.test(words.slice(0, 2).join(' '))
    this.terminal.print(
      formatReply(frame, output, { verbatim: isVerbatim, delimiters: { parts, replies } }),
    )
  }

  #printPush(push: Frame): void {
    const [kind, keys] = push.items ?? []
    if (this.options.output === 'standard' && kind && textOf(kind) === 'invalidate') {
      const names = keys?.items?.map((key) => quote(textOf(key))).join(', ') ?? ''
      this.terminal.print(`-> invalidate: ${names}\n`)
    } else {
      this.#print(push, [''])
    }
  }

  #complain(error: LinkError): void {
    const isRefused = error.message.startsWith(REFUSED)
    this.terminal.complain(isRefused ? `${error.message}\n` : `Error: ${error.message}\n`)
  }

  /** Logs in, chooses the database and the protocol, until something fails, which is told. */
  async #introduce(link: Link): Promise<void> {
    const { user, password, protocol } = this.options
    const steps: { args: string[]; name: string }[] = []
    if (password !== undefined) {
      const words = user === undefined ? [password] : [user, password]
      steps.push({ args: ['AUTH', ...words], name: 'AUTH' })
    }
    if (this.db) steps.push({ args: ['SELECT', String(this.db)], name: `SELECT ${this.db}` })
    if (protocol) steps.push({ args: ['HELLO', String(protocol)], name: `HELLO ${protocol}` })
    for (const { args, name } of steps) {
      link.send(encode(args))
      const reply = await link.next()
      if (!isError(reply)) continue
      this.terminal.complain(`${name} failed: ${textOf(reply)}\n`)
      return
    }
  }
}

/** Arguments are latin1. */
export function encode(args: readonly string[]): Uint8Array {
  return encodeCommand(args.map((arg) => Buffer.from(arg, 'latin1')))
}
