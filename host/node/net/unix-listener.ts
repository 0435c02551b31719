// The Unix socket.

import { chmodSync, existsSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Socket } from 'node:net'
import type { Logger } from '../logger.ts'
import { systemMessage } from '../system-error.ts'
import { bind, type Bound, type ClientHandle } from './bind.ts'
import { ListenError } from './tcp-listener.ts'

/** A client connects through the Unix socket of that path. */
export type UnixArrival = (client: ClientHandle | Socket, path: string) => void

export class UnixListener {
  readonly #arrival: UnixArrival
  readonly #log: Logger
  #bound: Bound | undefined
  #path = ''

  constructor(arrival: UnixArrival, log: Logger) {
    this.#arrival = arrival
    this.#log = log
  }

  /** @throws {ListenError} */
  listen(path: string, permissions: number, backlog: number): void {
    removeFile(path)
    try {
      const bound = bind({
        place: { path },
        backlog,
        accept: (client) => this.#arrival(client, path),
        failed: (error) =>
          this.#log.warning(`Accepting client connection: ${systemMessage(error)}`),
      })
      if (permissions) chmodSync(path, permissions)
      this.#bound = bound
      this.#path = path
    } catch (error) {
      // libuv calls a missing directory a missing permission.
      const isMissing = !existsSync(dirname(path))
      const reason = isMissing ? systemMessage({ code: 'ENOENT' }) : systemMessage(error)
      throw new ListenError(`bind: ${reason}`, { cause: error })
    }
  }

  /** Removes its file; the log says so. */
  close(): void {
    if (!this.#bound) return
    this.#bound.close()
    removeFile(this.#path)
    this.#bound = undefined
    this.#log.notice('Removing the unix socket file.')
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Nothing was there.
  }
}
