/**
 * A small language for the commands that a family can be asked, one form a line:
 *
 *     3* SET key value {[NX|XX] [GET] [KEEPTTL]}
 *
 * Words in capitals stand for themselves; words in small letters are terms, drawn anew each time.
 * `[a|b]` is one of them or nothing, `(a|b)` one of them, `(a b)+` one to four times, `{a b c}` all
 * of them in any order. `3*` in front makes a form three times as likely. A form with `!` in front is
 * never garbled: all others sometimes lose, gain, swap or change an argument.
 */
import type { Random } from '../../support/random.ts'
import type { Argument, Command } from '../../support/frames.ts'
import { lines } from '../values.ts'

/** What a term draws from: the keys of the family in focus, and those of all families. */
export interface Source {
  readonly random: Random
  readonly keys: readonly string[]
  readonly allKeys: readonly string[]
}

export type Term = (source: Source) => Argument

export interface Family {
  readonly keys: readonly string[]
  readonly forms: string
  /** Its commands are not mixed with those of other families. */
  readonly isApart?: boolean
  readonly terms?: Readonly<Record<string, Term>>
}

type Node =
  | { kind: 'literal'; text: string }
  | { kind: 'term'; name: string; term: Term }
  | { kind: 'choice'; options: Node[][]; most: number; least: number }
  | { kind: 'shuffle'; nodes: Node[] }

export interface Form {
  readonly weight: number
  readonly garbled: boolean
  readonly nodes: readonly Node[]
}

class Parser {
  readonly #tokens: string[]
  readonly #terms: Readonly<Record<string, Term>>
  readonly #line: string
  #at = 0

  constructor(line: string, terms: Readonly<Record<string, Term>>) {
    this.#tokens = line.match(/[[\](){}|]|\+(?=\s|$|[\])}|])|[^\s[\](){}|]+/g) ?? []
    this.#terms = terms
    this.#line = line
  }

  form(): Form {
    let weight = 1
    let garbled = true
    for (;;) {
      const token = this.#tokens[this.#at] ?? ''
      if (/^\d+\*$/.test(token)) weight = Number.parseInt(token, 10)
      else if (token === '!') garbled = false
      else break
      this.#at++
    }
    const nodes = this.#sequence()
    if (this.#at < this.#tokens.length) throw new Error(`Not a form: ${this.#line}`)
    return { weight, garbled, nodes }
  }

  #sequence(): Node[] {
    const nodes: Node[] = []
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token === undefined || '])}|'.includes(token)) return nodes
      this.#at++
      if (token === '[') nodes.push(this.#choice(']', 0))
      else if (token === '(') nodes.push(this.#choice(')', 1))
      else if (token === '{') nodes.push({ kind: 'shuffle', nodes: this.#close('}') })
      else nodes.push(this.#word(token))
    }
  }

  #close(end: string): Node[] {
    const nodes = this.#sequence()
    if (this.#tokens[this.#at++] !== end) throw new Error(`No ${end} in: ${this.#line}`)
    return nodes
  }

  #choice(end: string, least: number): Node {
    const options = [this.#sequence()]
    while (this.#tokens[this.#at] === '|') {
      this.#at++
      options.push(this.#sequence())
    }
    if (this.#tokens[this.#at++] !== end) throw new Error(`No ${end} in: ${this.#line}`)
    const repeated = this.#tokens[this.#at] === '+'
    if (repeated) this.#at++
    return { kind: 'choice', options, least, most: repeated ? 4 : 1 }
  }

  #word(token: string): Node {
    if (!/^[a-z]/.test(token)) return { kind: 'literal', text: token }
    const term = this.#terms[token]
    if (!term) throw new Error(`No term ${token} in: ${this.#line}`)
    return { kind: 'term', name: token, term }
  }
}

export function parseForms(text: string, terms: Readonly<Record<string, Term>>): Form[] {
  return lines(text).map((line) => new Parser(line, terms).form())
}

function produce(nodes: readonly Node[], source: Source, into: Argument[]): void {
  const { random } = source
  for (const node of nodes) {
    if (node.kind === 'literal') {
      into.push(random.once(40) ? node.text.toLowerCase() : node.text)
    } else if (node.kind === 'term') {
      into.push(node.term(source))
    } else if (node.kind === 'shuffle') {
      const left = [...node.nodes]
      while (left.length > 0) produce(left.splice(random.below(left.length), 1), source, into)
    } else {
      const times = random.between(node.least, node.most)
      for (let i = 0; i < times; i++) produce(random.pick(node.options), source, into)
    }
  }
}

const JUNK = ['', '0', '-1', '1', 'x', 'NX', '1.5', '9223372036854775807', '-9223372036854775809']

/** A change that makes most commands wrong, or another one than was meant. */
function garble(command: Argument[], random: Random): void {
  const at = 1 + random.below(Math.max(1, command.length - 1))
  const other = 1 + random.below(Math.max(1, command.length - 1))
  switch (random.below(5)) {
    case 0:
      command.splice(at, 1)
      break
    case 1:
      command.splice(at, 0, command[other] ?? 'x')
      break
    case 2:
      if (command.length > 2) {
        const kept = command[at]!
        command[at] = command[other]!
        command[other] = kept
      }
      break
    case 3:
      if (command.length > 1) command[at] = random.pick(JUNK)
      break
    default:
      command.push(random.pick(JUNK))
  }
}

/** A command of this form. */
export function generate(form: Form, source: Source): Command {
  const command: Argument[] = []
  produce(form.nodes, source, command)
  if (form.garbled && source.random.once(20)) garble(command, source.random)
  return command
}
