// A call that waited took an element, and its client is not there any more: what puts the element back where it was.
//
// Commands that move elements to another key, and those of streams, lose nothing: there is nothing to put back.

import { isInvalidation, itemsOf, splitReplies, valueOf } from './replies.ts'
import type { Args } from './session-state.ts'

/** The command that puts back what another one takes; empty: that takes nothing. */
export type GivesBack = 'LPUSH' | 'RPUSH' | 'ZADD' | ''

const decoder = new TextDecoder('latin1')

export function givesBack(command: Args): GivesBack {
  const words = command.slice(0, 3).map((arg) => decoder.decode(arg).toLowerCase())
  switch (words[0]) {
    case 'blpop':
      return 'LPUSH'
    case 'brpop':
      return 'RPUSH'
    case 'blmpop': {
      const side = command[Number(words[2]) + 3]
      return side && decoder.decode(side).toLowerCase() === 'left' ? 'LPUSH' : 'RPUSH'
    }
    case 'bzpopmin':
    case 'bzpopmax':
    case 'bzmpop':
      return 'ZADD'
    default:
      return ''
  }
}

/** The whole command, by what was replied; undefined: nothing was taken. */
export function giveBack(name: GivesBack, output: Uint8Array): (string | Uint8Array)[] | undefined {
  const reply = splitReplies(output).find((one) => !isInvalidation(one))
  // An error, or the time was over.
  if (!name || !reply || !isArray(reply)) return undefined
  // One element stands behind its key as it is, several in an array.
  const [key, ...rest] = itemsOf(reply)
  const isMany = isArray(rest[0]!)
  const taken = isMany ? itemsOf(rest[0]!) : rest
  // What was taken first goes back last; a score stands in front of its member.
  if (name !== 'ZADD') return [name, valueOf(key!), ...taken.map(valueOf).reverse()]
  const pairs = isMany ? taken.map(itemsOf) : [taken]
  return [name, valueOf(key!), 'NX', ...pairs.flatMap((pair) => pair.map(valueOf).reverse())]
}

const isArray = (reply: Uint8Array): boolean => reply[0] === ARRAY && reply[1] !== MINUS

const ARRAY = 42
const MINUS = 45
