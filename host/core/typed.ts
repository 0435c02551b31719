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
  const needed = words.filter((word) => !word.startsWith('?'))
  const plain = needed.findIndex((word) => word !== '$' && !/^[A-Z]/.test(word)) < 0
  const named = needed.filter((word) => word !== '$')
  const isNameFirst = named.every((word, i) => word === words[i])
  const areOptionsLast = needed.every((word, i) => word === words[i])
  let grammar: Grammar | undefined
  const general: Method = function (...values) {
    grammar ??= new Grammar(text)
    return this.call(...grammar.arguments(values))
  }
  if (!plain || !isNameFirst || !areOptionsLast || named.length !== 1) return general
  // Most calls are a name and one, two or more plain values: they need no grammar.
  const command = named[0]!
  // What is behind the values of a command with options is no value.
  const most = needed.length < words.length ? needed.length - 1 : Infinity
  return function (first, second, ...others) {
    if (others.length === 0 && isPlain(first)) {
      if (second === undefined) return this.call(command, first)
      if (most > 1 && isPlain(second)) return this.call(command, first, second)
    }
    const values = [first, second, ...others].slice(0, arguments.length)
    return values.length <= most && values.every(isPlain)
      ? this.call(command, ...values)
      : general.apply(this, values)
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
