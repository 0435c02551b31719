// A method for every command, over the one call that takes arguments as they are.

import { Grammar } from './arguments.ts'
import type { Argument } from './encode.ts'
import { type Commands, grammars } from './generated/commands.ts'

/** What runs a command. */
interface Caller {
  call(...args: Argument[]): unknown
}

type Method = (this: Caller, ...values: unknown[]) => unknown

function method(text: string): Method {
  const words = text.split(' ')
  const plain = words.findIndex((word) => word !== '$' && !/^[A-Z]/.test(word)) < 0
  const named = words.filter((word) => word !== '$')
  const isNameFirst = named.every((word, i) => word === words[i])
  let grammar: Grammar | undefined
  const general: Method = function (...values) {
    grammar ??= new Grammar(text)
    return this.call(...grammar.arguments(values))
  }
  if (!plain || !isNameFirst || named.length !== 1) return general
  // Most calls are a name and plain values: they need no grammar.
  const command = named[0]!
  return function (...values) {
    for (const value of values) if (!isPlain(value)) return general.apply(this, values)
    return this.call(command, ...(values as Argument[]))
  }
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array
}

/**
 * A base for classes that have `call`: a method for every command. `Taken` are names that the class
 * uses for something else.
 */
export function commandMethods<Taken extends string = never>() {
  return Methods as unknown as abstract new () => Omit<Commands<false>, Taken>
}

abstract class Methods implements Caller {
  abstract call(...args: Argument[]): unknown
}

for (const [name, text] of Object.entries(grammars)) {
  Object.defineProperty(Methods.prototype, name, { value: method(text), writable: true })
}
