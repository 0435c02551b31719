// A call from outside that is no connection: commands go in as RESP, and their replies come back once the last
// of them has answered. A call that waits (BLPOP) is waited for.

import type { Kind } from '../../host/core/abi.ts'
import { concat } from '../../host/core/bytes.ts'
import { NoRoomError } from '../../host/core/errors.ts'
import type { Dataset } from '../store/dataset.ts'
import type { Outlet } from './outlet.ts'
import type { Turns } from './turns.ts'

export class Exchange implements Outlet {
  readonly #pieces: Uint8Array[] = []
  #isDone = false
  #resolve: (() => void) | undefined

  send(bytes: Uint8Array): void {
    this.#pieces.push(bytes)
  }

  close(): void {
    this.#finish()
  }

  settled(isBlocked: boolean): void {
    if (!isBlocked) this.#finish()
  }

  #finish(): void {
    this.#isDone = true
    this.#resolve?.()
  }

  get isDone(): boolean {
    return this.#isDone
  }

  get done(): Promise<void> {
    if (this.#isDone) return Promise.resolve()
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get replies(): Uint8Array {
    return concat(this.#pieces)
  }
}

/** Runs commands on a session of their own. @throws {NoRoomError} */
export async function exchange(
  parts: { data: Dataset; turns: Turns },
  commands: Uint8Array,
  kind: Kind,
  origin: string,
  login: (session: number) => void,
): Promise<Uint8Array> {
  const { data, turns } = parts
  const session = data.engine.open(kind, origin)
  if (!session) throw new NoRoomError('no room for another session')
  const end = new Exchange()
  turns.attach(session, end)
  try {
    login(session)
    turns.feed(session, commands)
    if (!end.isDone) await end.done
  } finally {
    turns.close(session)
  }
  return end.replies
}
