// The sockets that clients connect to: one for each address of `bind`, and a Unix socket.

import { chmodSync, existsSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Socket } from 'node:net'
import type { Logger } from '../logger.ts'
import { systemMessage } from '../system-error.ts'
import type { BindAddress } from './address.ts'
import { bind, type Bound, type ClientHandle } from './bind.ts'

/** A client connects, over TCP or through the Unix socket of that path. */
export type Arrival = (client: ClientHandle | Socket, unixPath: string | undefined) => void

/** Where TCP clients connect. */
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

export class Listeners {
  readonly #arrival: Arrival
  readonly #log: Logger
  #tcp: Bound[] = []
  #place: TcpPlace | undefined
  #unix: { bound: Bound; path: string } | undefined

  constructor(arrival: Arrival, log: Logger) {
    this.#arrival = arrival
    this.#log = log
  }

  /** The port of TCP clients; 0 when there are none. */
  get port(): number {
    return this.#tcp[0]?.port ?? 0
  }

  /**
   * Listens at a place instead of the one before.
   *
   * @throws {ListenError} it cannot be had: the one before is kept
   */
  listenTcp(place: TcpPlace): void {
    const before = this.#place
    this.closeTcp()
    try {
      this.#tcp = this.#bindAll(place)
      this.#place = { ...place, port: this.port }
    } catch (error) {
      if (before) {
        this.#tcp = this.#bindAll(before)
        this.#place = before
      }
      throw error
    }
  }

  closeTcp(): void {
    for (const socket of this.#tcp) socket.close()
    this.#tcp = []
    this.#place = undefined
  }

  /** @throws {ListenError} */
  listenUnix(path: string, permissions: number, backlog: number): void {
    removeFile(path)
    try {
      const bound = bind({
        place: { path },
        backlog,
        accept: (client) => this.#arrival(client, path),
        failed: (error) => this.#failed(error),
      })
      if (permissions) chmodSync(path, permissions)
      this.#unix = { bound, path }
    } catch (error) {
      // libuv calls a missing directory a missing permission.
      const isMissing = !existsSync(dirname(path))
      const reason = isMissing ? systemMessage({ code: 'ENOENT' }) : systemMessage(error)
      throw new ListenError(`bind: ${reason}`, { cause: error })
    }
  }

  /** Answers whether there was a Unix socket; its file is gone. */
  closeUnix(): boolean {
    if (!this.#unix) return false
    this.#unix.bound.close()
    removeFile(this.#unix.path)
    this.#unix = undefined
    return true
  }

  /** Binds all addresses, or none of them. */
  #bindAll(place: TcpPlace): Bound[] {
    const bound: Bound[] = []
    for (const address of place.addresses) {
      try {
        bound.push(this.#bindTcp(address, place))
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

  #bindTcp({ host, family }: BindAddress, { port, backlog }: TcpPlace): Bound {
    return bind({
      place: { host, port, family },
      backlog,
      accept: (client) => this.#arrival(client, undefined),
      failed: (error) => this.#failed(error),
    })
  }

  #failed(error: Error): void {
    this.#log.warning(`Accepting client connection: ${systemMessage(error)}`)
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Nothing was there.
  }
}
