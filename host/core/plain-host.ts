// The host of a database in a program: it has no files, no processes and no keys of tokens, and says so.

import { Answered } from './abi.ts'
import { encodeReply, type HostReply } from './reply.ts'
import type { Engine } from './engine.ts'
import type { EngineHost } from './engine-host.ts'
import { ReplyError } from './errors.ts'
import { hostCommands } from './generated/host-commands.ts'

export class PlainHost implements EngineHost {
  readonly #engine: () => Engine

  constructor(engine: () => Engine) {
    this.#engine = engine
  }

  log(): void {}

  info(): string {
    return ''
  }

  configure(name: string, value: string): string | undefined {
    return refusesTokens(name, value)
  }

  command(session: number, number: number): typeof Answered.now {
    this.#engine().answer(session, encodeReply(answerTo(hostCommands.get(number) ?? '')))
    return Answered.now
  }
}

/** Nobody else has what was written: there is neither replica nor file. */
function answerTo(name: string): HostReply {
  if (name === 'wait') return 0
  if (name === 'waitaof') return [0, 0]
  return new ReplyError(`ERR ${name.toUpperCase()} is not available in an embedded database`)
}

/** Why a home that cannot verify tokens takes no key for them. */
export function refusesTokens(name: string, value: string): string | undefined {
  return name === 'token-key' && value ? 'nothing here verifies tokens' : undefined
}
