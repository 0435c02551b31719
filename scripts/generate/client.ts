/**
 * The typed client: an interface with a method for every command and subcommand, and the grammar of
 * each, from which `host/core/arguments.ts` makes the arguments of a call.
 *
 * What must be given becomes parameters, in their order; what may be left out becomes properties of
 * an options object, named after the tokens.
 */
import type { Argument, Command } from './commands.ts'

/** Commands that are no call with a reply: they change what a connection is. */
const LEFT_OUT = new Set([
  'SUBSCRIBE',
  'PSUBSCRIBE',
  'SSUBSCRIBE',
  'UNSUBSCRIBE',
  'PUNSUBSCRIBE',
  'SUNSUBSCRIBE',
  'MONITOR',
  'SYNC',
  'PSYNC',
  'REPLCONF',
])

const TYPES: Record<string, string> = {
  string: 'Argument',
  key: 'Argument',
  pattern: 'Argument',
  integer: 'Integer',
  'unix-time': 'Integer',
  double: 'Double',
}

const RESERVED = new Set(['arguments', 'default', 'delete', 'eval', 'function', 'import', 'new'])

/** Commands that answer null, with a count too, where there is no such key. */
const NULL_LISTS = new Set(['LPOP', 'RPOP'])

interface Parameter {
  name: string
  type: string
  isOptional: boolean
  isList: boolean
}

class Unsuited extends Error {}

export function client(commands: Command[]): string {
  const shown = commands.filter(
    (command) => command.handler && !command.flags.has('INTERNAL') && !LEFT_OUT.has(command.name),
  )
  const methods = shown.map((command) => ({ command, method: new Method(command) }))
  return `// Made by scripts/generate.ts from assembly/table/commands; do not edit.

import type { Argument } from '../encode.ts'
import type { Reply } from '../decode.ts'

type Integer = number | bigint
/** \`inf\`, \`-inf\` and the open ends of ranges are texts. */
type Double = number | string

/** One, or a list. */
export type Many<T> = T | readonly T[]

/** Names and values, as an object, a \`Map\` or one after the other. */
export type Pairs =
  | Readonly<Record<string, Argument>>
  | ReadonlyMap<Argument, Argument>
  | readonly Argument[]
  | Argument

type Word<T extends string> = T | Lowercase<T>

/** What a method answers: a reply, or the promise of one. */
export type Answer<T, IsAsync extends boolean> = IsAsync extends true ? Promise<T> : T

/** A method for every command. */
export interface Commands<IsAsync extends boolean> {
${methods.map(({ command, method }) => method.declaration(command)).join('\n')}
}

/** What each method sends; see \`arguments.ts\`. */
export const grammars: Readonly<Record<keyof Commands<boolean>, string>> = {
${methods.map(({ method }) => `  ${method.name}: ${quoted(method.grammar)},`).join('\n')}
}
`
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`\'`)}'`
const words = (name: string): string[] =>
  name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)

/** \`numkeys\` → numkeys, \`unix-time-seconds\` → unixTimeSeconds. */
function camel(name: string): string {
  const [first = 'value', ...rest] = words(name)
  const joined = first + rest.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
  return RESERVED.has(joined) ? `${joined}_` : joined
}

const isToken = ({ type }: Argument): boolean => type === 'pure-token'
const isGroup = ({ type }: Argument): boolean => type === 'oneof' || type === 'block'
const isCount = ({ name, type }: Argument): boolean =>
  type === 'integer' && /^num(keys|fields|ids)$/.test(name)
const optionName = (token: string): string => words(token).join('')
const literals = (list: Argument[]): string => list.map(({ token }) => quoted(token!)).join(' | ')

/** The signature and the grammar of one command. */
class Method {
  readonly name: string
  readonly grammar: string
  #parameters: Parameter[] = []
  #options: string[] = []
  /** Unions of which one must be given. */
  #required: string[] = []
  #steps: string[] = []

  constructor(command: Command) {
    this.name = camel(command.name).replace(/_$/, '')
    const name = command.name.split(' ')
    this.#steps.push(...name)
    try {
      this.#list(command.arguments ?? [], false, false)
    } catch (error) {
      if (!(error instanceof Unsuited)) throw error
      this.#options = []
      this.#required = []
      this.#steps = [...name, '$']
      this.#parameters = [{ name: 'args', type: 'Argument', isOptional: true, isList: true }]
    }
    this.grammar = this.#steps.join(' ')
  }

  declaration(command: Command): string {
    const { summary, since, complexity } = command
    const facts = [`since ${since}`, complexity].filter(Boolean).join(', ')
    const about = `  /** ${summary}. (${facts}) */`
    return this.#overloads(command)
      .map(
        ([parameters, options, reply]) =>
          `${about}
  ${this.name}(${this.#signature(parameters, options)}): Answer<${reply}, IsAsync>`,
      )
      .join('\n')
  }

  /**
   * What a call answers where its arguments tell: one item or, with a count, a list; items or, with their scores,
   * pairs. The last is for what is known only when it runs.
   */
  #overloads({ name, reply = 'Reply' }: Command): [Parameter[], string[], string][] {
    const all: [Parameter[], string[], string] = [this.#parameters, this.#options, reply]
    const types = membersOf(reply)
    const pair = types.find((type) => /^\[string, \w+\]\[\]$/.test(type))
    const option = this.#options.find((each) => /^with(scores|values)\?/.test(each))
    const withPairs = this.#options.map((each) =>
      each === option ? each.replace('?: boolean', ': true') : each,
    )
    const plain = this.#options.filter((each) => each !== option)
    if (reply.startsWith('(string | [')) {
      const pairs = `${reply.slice('(string | '.length, -')[]'.length)}[]`
      return [[this.#parameters, plain, 'string[]'], [this.#parameters, withPairs, pairs], all]
    }
    const count = this.#parameters.findIndex((each) => each.name === 'count' && each.isOptional)
    const isList = (type: string): boolean => type.length > 2 && type.endsWith('[]')
    const lists = types.filter((type) => isList(type) && (!option || type !== pair))
    const items = types.filter((type) => !isList(type))
    if (count < 0 || lists.length === 0 || items.length === 0) return [all]
    const counted = this.#parameters.map((each, i) =>
      i === count ? { ...each, isOptional: false } : each,
    )
    const isNull = NULL_LISTS.has(name)
    return [
      [this.#parameters.slice(0, count), [], items.join(' | ')],
      [counted, plain, [...lists, ...(isNull ? ['null'] : [])].join(' | ')],
      ...(option ? [[counted, withPairs, pair!] as [Parameter[], string[], string]] : []),
      all,
    ]
  }

  #signature(list: Parameter[], given: string[]): string {
    const hasOptions = given.length > 0 || this.#required.length > 0
    const takesOptions = this.#options.length > 0 || this.#required.length > 0
    const parameters = list.map(({ name, type, isOptional, isList }, i) => {
      const isLast = i === list.length - 1
      if (isList && isLast && !takesOptions) return `...${name}: ${many(type)}[]`
      return `${name}${isOptional ? '?' : ''}: ${isList ? many(type) : type}`
    })
    if (hasOptions) {
      const options = given.length ? [`{ ${given.join('; ')} }`] : []
      const type = [...options, ...this.#required].join(' & ')
      const isNeeded = this.#required.length > 0 || given.some((each) => !each.includes('?:'))
      parameters.push(`options${isNeeded ? '' : '?'}: ${type}`)
    }
    return parameters.join(', ')
  }

  #list(list: Argument[], isOptional: boolean, isFollowed: boolean): void {
    for (const [i, argument] of list.entries()) {
      const next = list.slice(i + 1).some((later) => !later.optional && later.token === undefined)
      const isLeftOut = argument.optional === true
      this.#one(argument, isOptional || isLeftOut, isFollowed || (isLeftOut && next))
    }
  }

  /** `isFollowed`: something that must be given comes after it, so it is no optional parameter. */
  #one(argument: Argument, isOptional: boolean, isFollowed: boolean): void {
    if (isCount(argument)) this.#steps.push('#')
    else if (argument.type === 'block') this.#block(argument, isOptional, isFollowed)
    else if (argument.type === 'oneof') this.#choice(argument, isOptional, isFollowed)
    else if (argument.token !== undefined) this.#tokened(argument, isOptional)
    else if (isOptional && isFollowed) this.#option(argument.name, TYPES[argument.type]!, '$')
    else this.#parameter(argument, TYPES[argument.type]!, isOptional)
  }

  #parameter(argument: Argument, type: string, isOptional: boolean, fields = ''): void {
    let name = camel(argument.display ?? argument.name)
    if (this.#parameters.some((other) => other.name === name)) name = camel(argument.name)
    while (this.#parameters.some((other) => other.name === name)) name += '2'
    this.#parameters.push({ name, type, isOptional, isList: argument.multiple === true })
    this.#steps.push(`$${fields}`)
  }

  /** An option that has a value, written by the rest of its step. */
  #option(name: string, type: string, rest: string): void {
    const option = optionName(name)
    if (this.#options.some((other) => other.startsWith(`${option}?`))) throw new Unsuited()
    this.#options.push(`${option}?: ${type}`)
    const isInToken = rest.split('$')[0]!.toLowerCase() === option
    this.#steps.push(isInToken ? `?${rest}` : `?${option}=${rest}`)
  }

  #tokened(argument: Argument, isOptional: boolean): void {
    const { token = '', multiple, multipleToken } = argument
    if (isToken(argument)) {
      if (isOptional) this.#option(token, 'boolean', token)
      else this.#steps.push(token)
      return
    }
    const type = TYPES[argument.type]!
    if (isOptional) {
      this.#option(token, multiple ? many(type) : type, `${token}$${multipleToken ? '*' : ''}`)
    } else {
      this.#steps.push(token)
      this.#parameter(argument, type, false)
    }
  }

  #choice(argument: Argument, isOptional: boolean, isFollowed: boolean): void {
    const { token, name, arguments: list = [] } = argument
    if (argument.multiple) throw new Unsuited()
    if (list.every(isToken)) {
      const type = `Word<${literals(list)}>`
      // Tokens in small letters are values, as units are; others name options.
      const isWordy = list.every((each) => /[A-Z]/.test(each.token!))
      if (token !== undefined && isOptional) this.#option(token, type, `${token}$`)
      else if (token !== undefined) throw new Unsuited()
      else if (!isOptional) this.#parameter(argument, type, false)
      else if (isWordy) for (const each of list) this.#tokened(each, true)
      else if (isFollowed) this.#option(name, literals(list), '$')
      else this.#parameter(argument, literals(list), true)
      return
    }
    if (list.every((each) => each.token !== undefined || each.type === 'block')) {
      if (token !== undefined) throw new Unsuited()
      this.#choiceOfOptions(list, isOptional)
      return
    }
    if (list.some(isGroup) || token !== undefined) throw new Unsuited()
    if (list.some((each) => each.token !== undefined && !isToken(each))) throw new Unsuited()
    const types = list.map((each) => (isToken(each) ? quoted(each.token!) : TYPES[each.type]!))
    this.#parameter(argument, [...new Set(types)].join(' | '), isOptional)
  }

  /** Each choice is an option; when one must be given, the options are a union. */
  #choiceOfOptions(list: Argument[], isOptional: boolean): void {
    const before = this.#options.length
    for (const each of list) this.#one(each, true, true)
    if (isOptional) return
    if (this.#options.length - before > list.length) throw new Unsuited()
    const own = this.#options.splice(before)
    this.#required.push(`(${own.map((option) => `{ ${option.replace('?', '')} }`).join(' | ')})`)
  }

  #block(argument: Argument, isOptional: boolean, isFollowed: boolean): void {
    const { token, name, multiple, arguments: list = [] } = argument
    if (multiple) {
      const isPlain = list.every((each) => !isGroup(each) && !each.multiple)
      if (isOptional || token !== undefined || !isPlain) throw new Unsuited()
      const fields = list.map((each) => camel(each.name)).join()
      this.#parameter(argument, itemType(list), false, fields)
      return
    }
    const [head, ...rest] = list
    if (token !== undefined && isOptional) {
      this.#option(token, objectType(list), `${token}$${list.map(nestedField).join()}`)
    } else if (isOptional && isBehindToken(head!, rest)) {
      // The token of the first one stands for all: `byradius: [5, 'km']`.
      const all = [{ ...head!, token: undefined }, ...rest]
      this.#option(head!.token!, objectType(all), `${head!.token}$${all.map(nestedField).join()}`)
    } else if (isOptional && isFollowed && !list.every(isNamed)) {
      this.#option(name, objectType(list), `$${list.map(nestedField).join()}`)
    } else {
      if (token !== undefined) this.#steps.push(token)
      this.#list(list, isOptional, isFollowed)
    }
  }
}

/** Whether a token gives the argument the name of an option. */
function isNamed({ token, type, arguments: list = [] }: Argument): boolean {
  return token !== undefined || (type === 'oneof' && list.every(isToken))
}

function isBehindToken(head: Argument, rest: Argument[]): boolean {
  const isPlain = (each: Argument): boolean => each.token === undefined && !each.optional
  return head.token !== undefined && !isToken(head) && rest.length > 0 && rest.every(isPlain)
}

/** The members of a union of types without unions in them. */
const membersOf = (type: string): string[] => (/[({]/.test(type) ? [] : type.split(' | '))

const many = (type: string): string => `Many<${type}>`

/** An item of several values: names with values are pairs, others objects or tuples. */
function itemType(list: Argument[]): string {
  const [first, second] = list
  if (list.length === 2 && second!.name === 'value' && first!.type !== 'integer') return 'Pairs'
  return objectType(list)
}

/** Values in their order, or by their names; only by their names when some may be left out. */
function objectType(list: Argument[]): string {
  const members = list.map((each) => ({ ...each, type: memberType(each), name: nestedName(each) }))
  const properties = members.map(
    ({ name, type, optional }) => `${name}${optional ? '?' : ''}: ${type}`,
  )
  const object = `{ ${properties.join('; ')} }`
  if (members.some(({ optional, token }) => optional || token !== undefined)) return object
  return `readonly [${members.map(({ type }) => type).join(', ')}] | ${object}`
}

function memberType(argument: Argument): string {
  const { type, multiple, arguments: list } = argument
  if (type === 'block' || multiple) throw new Unsuited()
  if (isToken(argument)) return 'boolean'
  if (!list) return TYPES[type]!
  if (!list.every(isToken)) throw new Unsuited()
  const isWordy = list.every(({ token }) => optionName(token!) !== '')
  return isWordy ? `Word<${literals(list)}>` : literals(list)
}

const nestedName = ({ token, name }: Argument): string =>
  token === undefined ? camel(name) : optionName(token)

function nestedField(argument: Argument): string {
  const name = nestedName(argument)
  const { token, optional } = argument
  if (token !== undefined) return `${name}:${token}${isToken(argument) ? '!' : ''}`
  // Without a token of its own, what may be left out has an empty one.
  return optional ? `${name}:` : name
}
