// What a session is, as far as its owner would have to be told again: followed from the commands that were
// answered, and replayed to the next owner.

import type { Reply } from '../decode.ts'
import type { Argument } from '../encode.ts'

type Follow = (state: SessionState, args: readonly Argument[], reply: Reply) => void

export class SessionState {
  db = 0
  auth: readonly Argument[] | undefined
  name: Argument | undefined
  tracking: readonly Argument[] | undefined
  readonly channels = new Set<string>()
  readonly patterns = new Set<string>()
  /** A transaction is open. */
  inMulti = false
  /** The transaction began on another owner: its EXEC fails. */
  isAborted = false
  isWatching = false
  /** What was watched may have changed while nobody looked: EXEC answers nothing. */
  isBroken = false

  /** A command was answered without an error. */
  follow(args: readonly Argument[], reply: Reply): void {
    followers.get(commandName(args))?.(this, args, reply)
  }

  /** The commands that make another session what this one is. The session has lost its watches and transaction. */
  replay(): Argument[][] {
    const commands: Argument[][] = this.auth ? [[...this.auth]] : []
    commands.push(['HELLO', '3'])
    if (this.name !== undefined) commands.push(['CLIENT', 'SETNAME', this.name])
    if (this.db) commands.push(['SELECT', this.db])
    if (this.tracking) commands.push([...this.tracking])
    if (this.channels.size) commands.push(['SUBSCRIBE', ...this.channels])
    if (this.patterns.size) commands.push(['PSUBSCRIBE', ...this.patterns])
    if (this.isWatching) this.isBroken = true
    if (this.inMulti) {
      this.isAborted = true
      commands.push(['MULTI'])
    }
    return commands
  }

  /** What to send instead of EXEC, and what to answer: nothing of the transaction is left. */
  get endsTransaction(): boolean {
    return this.isAborted || this.isBroken
  }

  endTransaction(): void {
    this.inMulti = this.isAborted = this.isWatching = this.isBroken = false
  }
}

const text = (value: Argument | undefined): string =>
  typeof value === 'object' ? new TextDecoder().decode(value) : String(value ?? '')

const names = new Map<Argument, string>()

/** A command's name in capitals. */
export function commandName(args: readonly Argument[]): string {
  const name = args[0]!
  const known = names.get(name)
  if (known !== undefined) return known
  const upper = text(name).toUpperCase()
  if (names.size < 512 && typeof name === 'string') names.set(name, upper)
  return upper
}

const follow = (set: 'channels' | 'patterns', isOn: boolean): Follow => {
  return (state, args) => {
    const list = args.slice(1).map(text)
    if (isOn) for (const name of list) state[set].add(name)
    else if (list.length) for (const name of list) state[set].delete(name)
    else state[set].clear()
  }
}

const end: Follow = (state) => state.endTransaction()

const followers = new Map<string, Follow>([
  ['SELECT', (state, args) => !state.inMulti && (state.db = Number(text(args[1])))],
  ['AUTH', (state, args) => (state.auth = args)],
  [
    'HELLO',
    (state, args) => {
      const at = args.findIndex((arg) => text(arg).toUpperCase() === 'AUTH')
      if (at > 0) state.auth = ['AUTH', args[at + 1]!, args[at + 2]!]
    },
  ],
  [
    'CLIENT',
    (state, args) => {
      const word = text(args[1]).toUpperCase()
      if (word === 'SETNAME') state.name = args[2]
      if (word === 'TRACKING')
        state.tracking = text(args[2]).toUpperCase() === 'ON' ? args : undefined
    },
  ],
  ['SUBSCRIBE', follow('channels', true)],
  ['UNSUBSCRIBE', follow('channels', false)],
  ['PSUBSCRIBE', follow('patterns', true)],
  ['PUNSUBSCRIBE', follow('patterns', false)],
  ['MULTI', (state) => (state.inMulti = true)],
  ['EXEC', end],
  ['DISCARD', end],
  ['WATCH', (state) => (state.isWatching = true)],
  [
    'UNWATCH',
    (state) => {
      if (!state.inMulti) state.isWatching = state.isBroken = false
    },
  ],
  [
    'RESET',
    (state) => {
      state.endTransaction()
      state.db = 0
      state.auth = state.name = state.tracking = undefined
      state.channels.clear()
      state.patterns.clear()
    },
  ],
] as [string, Follow][])

/** Whether replies of a command must be followed. */
export const isFollowed = (args: readonly Argument[]): boolean => followers.has(commandName(args))

/** Whether a command asks that commands be not answered. */
export const silences = ([name, word, how]: readonly Argument[]): boolean =>
  text(name).toUpperCase() === 'CLIENT' &&
  text(word).toUpperCase() === 'REPLY' &&
  text(how).toUpperCase() !== 'ON'
