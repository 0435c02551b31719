/** How a script of cases/ runs against a server, and how two runs are compared. */
import { Connection, type Command, encode, type Reply } from '../support/resp.ts'
import { compareStates, readState, type State } from './state.ts'
import { type Accepts, Judge } from './rules.ts'
import { type Action, actionsOf, type Case } from './steps.ts'

export type { Case, Step } from './steps.ts'

/** What arrived on each connection because of one step. */
type Arrivals = Map<string, Reply[]>

export interface Run {
  readonly actions: readonly Action[]
  readonly arrivals: readonly Arrivals[]
  /** What was looked at after each step. */
  readonly seen: readonly string[]
  readonly closed: ReadonlySet<string>
  readonly state: State
}

/** The connections of one script to one server. */
class Stage {
  readonly connections = new Map<string, Connection>()
  readonly #ids = new Map<string, string>()
  readonly #port: number
  readonly #control: Connection
  readonly #protocol: 2 | 3
  readonly #named: ReadonlySet<string>

  /** `named` are the connections whose id the script needs. */
  constructor(port: number, control: Connection, protocol: 2 | 3, named: ReadonlySet<string>) {
    this.#port = port
    this.#control = control
    this.#protocol = protocol
    this.#named = named
  }

  async connection(name: string): Promise<Connection> {
    const known = this.connections.get(name)
    if (known) return known
    const connection = await Connection.connect(this.#port)
    this.connections.set(name, connection)
    if (this.#protocol === 3) await connection.exchange([['HELLO', 3]])
    if (this.#named.has(name)) this.#ids.set(name, (await connection.call('CLIENT', 'ID')).text)
    return connection
  }

  /** Puts ids and addresses of connections in place of `{id:x}` and `{addr:x}`. */
  async fill(command: Command): Promise<Command> {
    const filled: (Buffer | string | number)[] = []
    for (const argument of command) {
      const match = /^\{(id|addr):(\w+)\}$/.exec(String(argument))
      filled.push(match ? await this.#fact(match[1]!, match[2]!) : argument)
    }
    return filled
  }

  async #fact(kind: string, name: string): Promise<string> {
    const connection = await this.connection(name)
    return kind === 'addr' ? connection.address : (this.#ids.get(name) ?? '')
  }

  /**
   * Two round trips of another client: the server has then read what was sent before the first, and
   * has answered it before the second; one turn of the event loop later it has arrived here.
   */
  async settle(): Promise<void> {
    await this.#control.exchange([['PING']])
    await this.#control.exchange([['PING']])
    await new Promise((resolve) => setImmediate(resolve))
    for (const connection of this.connections.values()) await connection.wholeFrames()
  }

  /** What has arrived, without what MONITOR tells of the client that settles. */
  take(): Arrivals {
    const arrivals: Arrivals = new Map()
    const ours = ` ${this.#control.address}] "PING"\r\n`
    for (const [name, connection] of this.connections) {
      const replies = connection.take().filter(({ bytes }) => !bytes.includes(ours))
      if (replies.length > 0) arrivals.set(name, replies)
    }
    return arrivals
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close()
  }
}

const LARGE_BYTES = 8192
const PATIENCE_MS = 2000

export interface SubjectOptions {
  /** How many databases are looked at in the end. */
  readonly databases?: number
  /** What is asked after each step, until it is what the reference answered; undefined: nothing. */
  readonly look?: (control: Connection) => Promise<string>
}

/** A server as scripts use it: its port, and a client that prepares and looks afterwards. */
export class Subject {
  readonly port: number
  readonly control: Connection
  readonly #options: SubjectOptions

  private constructor(port: number, control: Connection, options: SubjectOptions) {
    this.port = port
    this.control = control
    this.#options = options
  }

  static async connect(port: number, options: SubjectOptions = {}): Promise<Subject> {
    return new Subject(port, await Connection.connect(port), options)
  }

  close(): void {
    this.control.close()
  }

  /**
   * Runs a script on an empty server. With the run of the reference as `pattern`, each step waits
   * until as many frames have arrived as there, for at most two seconds. What a step waits for has its
   * own time, so it counts as arrived with the wait, even where it was there before.
   */
  async run(commands: Case['commands'], protocol: 2 | 3, pattern?: Run): Promise<Run> {
    await this.control.exchange([['FLUSHALL']])
    const actions = actionsOf(commands)
    const named = new Set(actions.flatMap(({ line }) => line.match(/(?<=\{id:)\w+/g) ?? []))
    const stage = new Stage(this.port, this.control, protocol, named)
    const arrivals: Arrivals[] = []
    const seen: string[] = []
    const closed = new Set<string>()
    try {
      for (const [i, step] of actions.entries()) {
        await this.#perform(stage, step)
        if (actions[i + 1]?.kind === 'await') {
          arrivals.push(new Map())
          continue
        }
        await stage.settle()
        for (const [name, replies] of pattern?.arrivals[i] ?? []) {
          await (await stage.connection(name)).arrival(replies.length, PATIENCE_MS)
        }
        seen.push(await this.#look(pattern?.seen[i]))
        arrivals.push(stage.take())
      }
      await stage.settle()
      for (const [name, connection] of stage.connections) {
        if (pattern?.closed.has(name)) await connection.closing()
        if (connection.closed) closed.add(name)
      }
      const state = await readState(this.control, this.#options.databases)
      return { actions, arrivals, seen, closed, state }
    } finally {
      stage.close()
    }
  }

  async #look(wanted: string | undefined): Promise<string> {
    const { look } = this.#options
    if (!look) return ''
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const seen = await look(this.control)
      if (wanted === undefined || seen === wanted || performance.now() > deadline) return seen
    }
  }

  async #perform(stage: Stage, step: Action): Promise<void> {
    if (step.kind === 'sleep') {
      await new Promise((resolve) => setTimeout(resolve, step.ms))
      return
    }
    const connection = await stage.connection(step.on)
    if (step.kind === 'raw') {
      connection.write(step.bytes)
    } else if (step.kind === 'await') {
      await connection.arrival(1, 5000)
    } else {
      const bytes = encode(await stage.fill(step.command))
      connection.write(bytes)
      // A large command takes the server more turns than settling gives it.
      if (bytes.length > LARGE_BYTES) await connection.arrival(1, 5000)
    }
  }
}

/**
 * Replies in their order and pushes in theirs: where a command causes a push to its own connection,
 * 7.0 sends it before the reply and 7.2 behind.
 */
function sameArrivals(
  judge: Judge,
  command: Command,
  expected: readonly Reply[],
  got: readonly Reply[],
): boolean {
  const [wanted, seen] = [expected, got].map((all) => [
    ...all.filter((reply) => !reply.isPush),
    ...all.filter((reply) => reply.isPush),
  ])
  return (
    wanted!.length === seen!.length &&
    wanted!.every((reply, i) => judge.equal(command, reply, seen![i]!))
  )
}

/**
 * What differs between two runs of one script, a paragraph each.
 *
 * @param ordered brings what arrived with one step on another connection into the order in which it is compared
 */
export function compareRuns(
  expected: Run,
  got: Run,
  accepts?: Accepts,
  ordered: (arrived: readonly Reply[]) => readonly Reply[] = (arrived) => arrived,
): string[] {
  const found: string[] = []
  const judges = new Map<string, Judge>()
  expected.actions.forEach((step, i) => {
    const [left, right] = [expected.arrivals[i]!, got.arrivals[i]!]
    for (const name of new Set([...left.keys(), ...right.keys()])) {
      const judge = judges.get(name) ?? new Judge(accepts)
      judges.set(name, judge)
      const isOwn = name === (step.kind === 'sleep' ? '' : step.on)
      const [wanted, seen] = [left, right].map((all) => {
        const arrived = all.get(name) ?? []
        return isOwn ? arrived : ordered(arrived)
      }) as [readonly Reply[], readonly Reply[]]
      const command = step.kind === 'command' ? step.command : []
      if (sameArrivals(judge, command, wanted, seen)) continue
      const where = isOwn ? '' : ` (arriving on ${name})`
      found.push(
        `step ${i + 1}: ${step.line}${where}\n` +
          `  expected ${wanted.join(' then ') || 'nothing'}\n` +
          `  got      ${seen.join(' then ') || 'nothing'}`,
      )
    }
    if (expected.seen[i] !== got.seen[i])
      found.push(`step ${i + 1}: ${step.line}: ${expected.seen[i]}, but ${got.seen[i]}`)
  })
  for (const name of new Set([...expected.closed, ...got.closed])) {
    if (expected.closed.has(name) === got.closed.has(name)) continue
    found.push(`connection ${name} was ${got.closed.has(name) ? '' : 'not '}closed`)
  }
  return [
    ...found,
    ...compareStates(expected.state, got.state).map((line) => `at the end, ${line}`),
  ]
}
