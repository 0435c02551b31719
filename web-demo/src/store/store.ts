// The one store of this page. Everything else asks it through these few calls.

import {
  type Argument,
  type AsyncConnection,
  type AsyncStore,
  open,
  type Reply,
  type Warning,
} from 'wadi/browser'

export type { Argument, Reply }
export type Session = AsyncConnection

export let store: AsyncStore

/** What the store could not do as it was asked: kept in memory only, say. */
export const warnings: Warning[] = []

/** Opens the store; called once, before anything is drawn. */
export async function start(): Promise<void> {
  store = await open('wadi-demo')
  store.on('warning', (warning) => warnings.push(warning))
}

/** One command; the reply as text. */
export const call = async (...args: Argument[]): Promise<Reply> => store.call(...args)

/** A reply that is a list of texts. */
export const texts = async (...args: Argument[]): Promise<string[]> =>
  ((await call(...args)) as string[] | null) ?? []
