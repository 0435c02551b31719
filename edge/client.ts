// Stores for code in the same deployment:
//
//   const sessions = stores(env).get('sessions')
//   await sessions.set('user:1', 'Ada', { ex: 3600 })
//   await sessions.call(['HGETALL', 'profile:1'])
//
// Another worker binds the entrypoint `Wadi` as a service, and says the same:
//
//   await env.WADI.get('sessions').call(['GET', 'user:1'])

import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers'
import type { Reply } from '../host/core/decode.ts'
import type { Argument } from '../host/core/encode.ts'
import { ReplyError } from '../host/core/errors.ts'
import { commandMethods } from '../host/core/typed.ts'
import { decodeReplies, encodeCommands, type Store } from '../host/http/index.ts'
import type { WadiEnv } from './settings.ts'
import { storeOf } from './store-of.ts'

export class StoreClient extends commandMethods<never, true>() {
  readonly #store: Store

  constructor(store: Store) {
    super()
    this.#store = store
  }

  /**
   * Runs one command, given as a list or one by one; replies are those of RESP3.
   *
   * @throws {ReplyError} the reply is an error
   */
  async call(...command: Argument[] | [readonly Argument[]]): Promise<Reply> {
    const [first] = command
    const args = Array.isArray(first) ? first : (command as Argument[])
    const [reply] = await this.#run([args])
    if (reply instanceof ReplyError) throw reply
    return reply!
  }

  /** Runs commands one after the other, in one turn; the reply of each may be a `ReplyError`. */
  pipeline(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    return this.#run(commands)
  }

  /**
   * Runs commands as one, or none of them.
   *
   * @throws {ReplyError} a command was refused, so none has run
   */
  async transaction(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    const replies = await this.#run([['MULTI'], ...commands, ['EXEC']])
    const results = replies.at(-1)
    if (results instanceof ReplyError) throw results
    return results as Reply[]
  }

  async #run(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    if (commands.some((command) => command.length === 0)) throw new ReplyError('ERR empty command')
    const bytes = await this.#store.exchange(encodeCommands([['HELLO', 3], ...commands]), {})
    return decodeReplies(bytes, commands.length + 1, 'text').slice(1)
  }
}

/** The stores of a worker, by their names. */
export function stores(env: WadiEnv): { get(name: string): StoreClient } {
  return { get: (name) => new StoreClient(storeOf(env, name)) }
}

/** A store for another worker, which calls it over a service binding. */
class RemoteStore extends RpcTarget {
  readonly #client: StoreClient

  constructor(client: StoreClient) {
    super()
    this.#client = client
  }

  call(command: readonly Argument[]): Promise<unknown> {
    return this.#client.call(command)
  }

  pipeline(commands: readonly (readonly Argument[])[]): Promise<unknown> {
    return this.#client.pipeline(commands)
  }

  transaction(commands: readonly (readonly Argument[])[]): Promise<unknown> {
    return this.#client.transaction(commands)
  }
}

/** The entrypoint that other workers bind as a service. */
export class Wadi extends WorkerEntrypoint<WadiEnv> {
  get(name: string): RemoteStore {
    return new RemoteStore(stores(this.env).get(name))
  }
}
