// A session of the engine for the time of an HTTP request.

import { Pipeline } from '../../core/remote/pipeline.ts'
import type { Argument } from '../../core/encode.ts'
import type { Reply } from '../../core/decode.ts'
import type { Clients, LocalConnection } from '../clients.ts'

/** No further client is taken. */
export class FullError extends Error {
  override name = 'FullError'
}

export class HttpSession {
  readonly #connection: LocalConnection
  readonly #pipeline: Pipeline

  /** @param peer `address:port` of who asks @throws {FullError} */
  constructor(clients: Clients, peer: string) {
    this.#pipeline = new Pipeline({
      send: (bytes) => this.#connection.send(bytes),
      push: () => undefined,
    })
    const connection = clients.join(`${peer} ${peer} -1`, {
      receive: (bytes) => this.#pipeline.receive(bytes),
      closed: () => this.#pipeline.fail(new Error('the session was closed')),
    })
    if (!connection) throw new FullError('max number of clients reached')
    this.#connection = connection
  }

  /** The reply of a command. @throws {ReplyError} */
  call(...args: Argument[]): Promise<Reply> {
    return this.#pipeline.call(args, false)
  }

  close(): void {
    this.#connection.close()
  }
}
