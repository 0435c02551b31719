// From a typed call to the arguments of a command. Each command has a grammar, made from the table:
//
//   SET $ $ ?NX ?XX ?EX$ ?KEEPTTL            set('k', 'v', { ex: 10 })
//   ZADD $ ?NX … $score,member               zadd('z', { score: 1, member: 'a' })
//   ZUNION # $ ?WEIGHTS$                     zunion(['a', 'b'], { weights: [1, 2] })
//
//   WORD             the word itself
//   $                the next value of the call; lists become many arguments, maps their pairs
//   $a,b             the same, where an object with these properties gives them in this order;
//                    `a:TOKEN` puts a token before one, and `a:TOKEN!` stands for the token alone
//   #                how many items the next value has
//   ?TOKEN           the token, if the option of its name, in small letters, is set
//   ?TOKEN$          the token and the option's value; `$*`: the token before each item
//   ?name=TOKEN      the same, where the option has another name, or no token
//
// Options are the properties of an object behind the values.

import type { Argument } from './encode.ts'

interface Field {
  name: string
  token?: string
  isFlag: boolean
}

type Step =
  | { kind: 'word'; word: string }
  | { kind: 'count' }
  | { kind: 'value'; fields: Field[] }
  | {
      kind: 'option'
      name: string
      token: string
      hasValue: boolean
      each: boolean
      fields: Field[]
    }

export class Grammar {
  readonly #steps: Step[]
  readonly #values: number
  readonly #hasOptions: boolean

  constructor(text: string) {
    this.#steps = text.split(' ').map(step)
    this.#values = this.#steps.filter((each) => each.kind === 'value').length
    this.#hasOptions = this.#steps.some((each) => each.kind === 'option')
  }

  /** The arguments of a call. */
  arguments(call: readonly unknown[]): Argument[] {
    const options = (call[this.#values] ?? {}) as Record<string, unknown>
    const out: Argument[] = []
    let next = 0
    let countAt = -1
    for (const one of this.#steps) {
      if (one.kind === 'word') {
        out.push(one.word)
      } else if (one.kind === 'count') {
        countAt = out.push(0) - 1
      } else if (one.kind === 'option') {
        addOption(out, one, options[one.name])
      } else {
        const before = out.length
        // The last value of a call without options may be given one by one.
        const isLast = ++next === this.#values && !this.#hasOptions
        const values = isLast ? given(call.slice(next - 1)) : [call[next - 1]]
        if (values.length > 1) addItem(out, values, one.fields)
        else add(out, values[0], one.fields)
        if (countAt >= 0) out[countAt] = (out.length - before) / Math.max(one.fields.length, 1)
        countAt = -1
      }
    }
    return out
  }
}

function step(text: string): Step {
  if (text === '#') return { kind: 'count' }
  if (text.startsWith('$')) return { kind: 'value', fields: fields(text.slice(1)) }
  const option = /^\?(?:(\w+)=)?([^$]*)(\$)?(\*)?(.*)$/.exec(text)
  if (!option) return { kind: 'word', word: text }
  const [, name, token = '', hasValue, each, rest = ''] = option
  return {
    kind: 'option',
    name: name ?? token.toLowerCase(),
    token,
    hasValue: hasValue !== undefined,
    each: each !== undefined,
    fields: fields(rest),
  }
}

function fields(text: string): Field[] {
  if (!text) return []
  return text.split(',').map((field) => {
    const [name = '', token] = field.split(':')
    if (token === undefined) return { name, isFlag: false }
    return { name, token: token.replace('!', ''), isFlag: token.endsWith('!') }
  })
}

function addOption(out: Argument[], option: Step & { kind: 'option' }, value: unknown): void {
  if (value === undefined || value === null || value === false) return
  if (option.each) {
    for (const item of Array.isArray(value) ? value : [value]) {
      out.push(option.token)
      add(out, item, option.fields)
    }
    return
  }
  if (option.token) out.push(option.token)
  if (option.hasValue) add(out, value, option.fields)
}

/** Values without those at the end that were left out. */
function given(values: unknown[]): unknown[] {
  return values.slice(0, values.findLastIndex((value) => value !== undefined && value !== null) + 1)
}

/** What is left out is no argument: options, and what stands behind the last one that was given. */
function add(out: Argument[], value: unknown, order: readonly Field[]): void {
  if (value !== undefined && value !== null) addItem(out, value, order)
}

/** @throws {TypeError} it would be left out, or come apart, and those behind it be taken for something else */
function addItem(out: Argument[], value: unknown, order: readonly Field[]): void {
  if (value === undefined || value === null) throw new TypeError(`${value} is no argument`)
  if (typeof value !== 'object' || value instanceof Uint8Array) {
    out.push(value as Argument)
  } else if (Symbol.iterator in value) {
    for (const item of value as Iterable<unknown>) addItem(out, item, order)
  } else if (order.length === 0) {
    throw new TypeError('an object is no argument: JSON.stringify makes a text of it')
  } else if (order.every(({ name, token }) => token !== undefined || name in value)) {
    for (const field of order) addField(out, field, (value as Record<string, unknown>)[field.name])
  } else {
    for (const [name, item] of Object.entries(value)) {
      out.push(name)
      addItem(out, item, [])
    }
  }
}

function addField(out: Argument[], field: Field, value: unknown): void {
  if (value === undefined || value === null || value === false) return
  if (field.token) out.push(field.token)
  if (!field.isFlag) add(out, value, [])
}
