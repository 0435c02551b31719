/** Two servers that are sent the same commands: the reference and the one under test. */
import { Connection, type Command, type Reply } from '../support/resp.ts'
import { formatLine } from '../support/command-line.ts'
import type { TestServer } from '../support/process.ts'
import { compareStates, readState } from './state.ts'
import { type Accepts, Judge } from './rules.ts'

/** A command and which of the stream's two connections sends it. */
export interface Sent {
  readonly on: 0 | 1
  readonly command: Command
}

/** A side: its server, two connections that speak RESP2 and RESP3, and one that only looks. */
class Side {
  readonly #start: () => Promise<TestServer>
  #server: TestServer
  #control: Connection
  clients: readonly Connection[] = []

  private constructor(start: () => Promise<TestServer>, server: TestServer, control: Connection) {
    this.#start = start
    this.#server = server
    this.#control = control
  }

  static async start(start: () => Promise<TestServer>): Promise<Side> {
    const server = await start()
    return new Side(start, server, await Connection.connect(server.port))
  }

  /** Empties the server and opens new connections; starts it again when it is gone. */
  async reset(): Promise<void> {
    for (const client of this.clients) client.close()
    await this.#control.exchange([['FLUSHALL']], 5000).catch(() => this.#control.close())
    if (this.#control.closed) {
      await this.#server.stop()
      this.#server = await this.#start()
      this.#control = await Connection.connect(this.#server.port)
    }
    const { port } = this.#server
    this.clients = await Promise.all([Connection.connect(port), Connection.connect(port)])
    await this.clients[1]!.exchange([['HELLO', 3]])
  }

  state(databases?: number): ReturnType<typeof readState> {
    return readState(this.#control, databases)
  }

  /** What the server has printed, for the report of a crash. */
  output(): string {
    return this.#server.output()
  }

  async stop(): Promise<void> {
    await this.#server.stop()
  }
}

/** Where two servers went apart. */
export interface Divergence {
  /** How many commands had been sent when it was seen. */
  readonly after: number
  readonly report: string
}

const STATE_EVERY = 8
const PATIENCE_MS = 5000

export interface PairOptions {
  /** How many databases are compared. */
  readonly databases?: number
  /** What is right although it differs, beside the differences of all. */
  readonly accepts?: Accepts
}

export class Pair {
  readonly #reference: Side
  readonly #subject: Side
  readonly #options: PairOptions

  private constructor(reference: Side, subject: Side, options: PairOptions) {
    this.#reference = reference
    this.#subject = subject
    this.#options = options
  }

  static async start(
    reference: () => Promise<TestServer>,
    subject: () => Promise<TestServer>,
    options: PairOptions = {},
  ): Promise<Pair> {
    const sides = await Promise.all([Side.start(reference), Side.start(subject)])
    return new Pair(...sides, options)
  }

  async stop(): Promise<void> {
    await Promise.all([this.#reference.stop(), this.#subject.stop()])
  }

  /** Runs commands on empty servers, in pipelines, and compares replies and the keys after some. */
  async compare(stream: readonly Sent[]): Promise<Divergence | undefined> {
    await Promise.all([this.#reference.reset(), this.#subject.reset()])
    const judges = [0, 1].map(() => new Judge(this.#options.accepts))
    let at = 0
    for (let batch = 1; at < stream.length; batch++) {
      const { on } = stream[at]!
      let end = at + 1
      while (end < stream.length && stream[end]!.on === on) end++
      const commands = stream.slice(at, end).map((sent) => sent.command)
      const [expected, got] = await Promise.all(
        [this.#reference, this.#subject].map((side) => replies(side, on, commands)),
      )
      const found = firstDifference(judges[on]!, commands, expected!, got!)
      if (found) {
        const lost = got!.length < commands.length ? `\n${this.#subject.output().slice(-2000)}` : ''
        return { after: at + found.index + 1, report: found.report + lost }
      }
      at = end
      if (batch % STATE_EVERY === 0 || at === stream.length) {
        const report = await this.#compareStates()
        if (report) return { after: at, report }
      }
    }
    return undefined
  }

  async #compareStates(): Promise<string> {
    const [expected, got] = await Promise.all(
      [this.#reference, this.#subject].map((side) => side.state(this.#options.databases)),
    )
    return compareStates(expected!, got!).join('\n')
  }
}

async function replies(side: Side, on: 0 | 1, commands: readonly Command[]): Promise<Reply[]> {
  const client = side.clients[on]!
  // What hangs is reported at the first command without a reply.
  const frames = await client.exchange(commands, PATIENCE_MS).catch(() => client.take())
  return frames.filter((frame) => !frame.isPush)
}

function firstDifference(
  judge: Judge,
  commands: readonly Command[],
  expected: readonly Reply[],
  got: readonly Reply[],
): { index: number; report: string } | undefined {
  for (const [index, command] of commands.entries()) {
    const [wanted, seen] = [expected[index], got[index]]
    if (wanted && seen && judge.equal(command, wanted, seen)) continue
    return {
      // Replies are held back while a later command hangs: the whole batch is to blame.
      index: wanted && seen ? index : commands.length - 1,
      report:
        `${formatLine(command)}\n` +
        `  expected ${String(wanted ?? 'a reply, but the reference gives none')}\n` +
        `  got      ${String(seen ?? 'no reply')}`,
    }
  }
  return undefined
}
