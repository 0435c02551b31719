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
  // Most calls are a name and one, two or more plain values: they need no grammar.
  const command = named[0]!
  return function (first, second, ...others) {
    if (others.length === 0 && isPlain(first)) {
      if (second === undefined) return this.call(command, first)
      if (isPlain(second)) return this.call(command, first, second)
    }
    const values = [first, second, ...others].slice(0, arguments.length)
    return values.every(isPlain) ? this.call(command, ...values) : general.apply(this, values)
  }
}

function isPlain(value: unknown): value is Argument {
  return typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array
}

/**
 * A base for classes that have `call`: a method for every command. `Taken` are names that the class
 * uses for something else; `IsAsync` says whether `call` answers promises.
 */
export function commandMethods<Taken extends string = never, IsAsync extends boolean = false>() {
  return Methods as unknown as abstract new () => Omit<Commands<IsAsync>, Taken>
}

abstract class Methods implements Caller {
  abstract call(...args: Argument[]): unknown
}

for (const [name, text] of Object.entries(grammars)) {
  Object.defineProperty(Methods.prototype, name, { value: method(text), writable: true })
}
