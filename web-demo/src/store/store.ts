// The one store of this page. Everything else asks it through these few calls.

import {
  type Argument,
  type AsyncConnection,
  type AsyncStore,
  open,
  type Reply,
} from 'wadi/browser'
import { escaped, text } from '../ui/format.ts'
import { complain } from '../ui/toast.tsx'

export type { Argument, Reply }
export type Session = AsyncConnection

export let store: AsyncStore

/** Why the store is in memory only; `undefined`: it is kept. */
export let notKept: string | undefined

/** Opens the store; called once, before anything is drawn. */
export async function start(): Promise<void> {
  store = await open('wadi-demo')
  store.on('warning', ({ code, message }) => {
    if (code === 'no-indexeddb' || code === 'no-locks') notKept = message
    else complain(message)
  })
  store.on('quota', complain)
  store.on('error', complain)
}

/** Keys that are no text, by how they are shown. */
const oddKeys = new Map<string, Uint8Array>()

/** How a key is shown; that stands for it in the calls below. */
export function nameOfKey(key: Uint8Array): string {
  const name = text(key)
  if (name !== undefined) return name
  const shown = escaped(key)
  oddKeys.set(shown, key)
  return shown
}

/** Commands whose key comes behind a word of their own. */
const CONTAINERS = new Set<Argument>(['OBJECT', 'MEMORY', 'XINFO'])

function withKey(args: Argument[]): Argument[] {
  const at = CONTAINERS.has(args[0]!) ? 2 : 1
  const key = oddKeys.get(args[at] as string)
  return key ? args.with(at, key) : args
}

/** One command; the reply as text. */
export const call = async (...args: Argument[]): Promise<Reply> => store.call(...withKey(args))

/** One command; texts of the reply as bytes. */
export const callBytes = async (...args: Argument[]): Promise<Reply> =>
  store.callBytes(...withKey(args))

/** A reply that is a list of texts. */
export const texts = async (...args: Argument[]): Promise<string[]> =>
  ((await call(...args)) as string[] | null) ?? []
