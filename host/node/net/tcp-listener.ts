// One port on all addresses of `bind`.

import type { Socket } from 'node:net'
import type { Logger } from '../logger.ts'
import { systemMessage } from '../system-error.ts'
import type { BindAddress } from './address.ts'
import { bind, type Bound, type ClientHandle } from './bind.ts'

/** Where clients connect. */
export interface TcpPlace {
  addresses: readonly BindAddress[]
  port: number
  backlog: number
}

/** What this machine cannot do at all is passed over; an address that it merely lacks, if optional. */
const UNSUPPORTED = /^E(NOPROTOOPT|PROTONOSUPPORT|SOCKTNOSUPPORT|PFNOSUPPORT|AFNOSUPPORT)$/

/** An address cannot be had; the log says which. */
export class ListenError extends Error {
  override name = 'ListenError'
}

export class TcpListener {
  readonly #arrival: (client: ClientHandle | Socket) => void
  readonly #log: Logger
  #bound: Bound[] = []
  #place: TcpPlace | undefined

  constructor(arrival: (client: ClientHandle | Socket) => void, log: Logger) {
    this.#arrival = arrival
    this.#log = log
  }

  /** The port it listens on; 0 when there is none. */
  get port(): number {
    return this.#bound[0]?.port ?? 0
  }

  /**
   * Listens at a place instead of the one before.
   *
   * @throws {ListenError} it cannot be had: the one before is kept
   */
  listen(place: TcpPlace): void {
    const before = this.#place
    if (before && JSON.stringify(before) === JSON.stringify(place)) return
    this.close()
    try {
      this.#bound = this.#bindAll(place)
      this.#place = { ...place, port: this.port }
    } catch (error) {
      if (before) {
        this.#bound = this.#bindAll(before)
        this.#place = before
      }
      throw error
    }
  }

  close(): void {
    for (const socket of this.#bound) socket.close()
    this.#bound = []
    this.#place = undefined
  }

  /** Binds all addresses, or none of them. */
  #bindAll(place: TcpPlace): Bound[] {
    const bound: Bound[] = []
    for (const address of place.addresses) {
      try {
        bound.push(this.#bindOne(address, place))
      } catch (error) {
        const reason = `bind: ${systemMessage(error)}`
        const where = `${address.name}:${place.port}`
        this.#log.warning(
          `Warning: Could not create server TCP listening socket ${where}: ${reason}`,
        )
        const { code = '' } = error as NodeJS.ErrnoException
        if ((address.optional && code === 'EADDRNOTAVAIL') || UNSUPPORTED.test(code)) continue
        for (const socket of bound) socket.close()
        throw new ListenError(reason, { cause: error })
      }
    }
    return bound
  }

  #bindOne({ host, family }: BindAddress, { port, backlog }: TcpPlace): Bound {
    return bind({
      place: { host, port, family },
      backlog,
      accept: this.#arrival,
      failed: (error) => this.#log.warning(`Accepting client connection: ${systemMessage(error)}`),
    })
  }
}
