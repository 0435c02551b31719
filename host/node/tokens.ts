// AUTH with a token: the engine asks, and waits for the verdict.

import { answerToken, tokenKeyProblem, tokenKeys } from '../core/token.ts'
import type { InternalSession } from '../core/internal.ts'
import { ANSWERED, type HostCommands } from './commands.ts'
import type { Settings } from './settings.ts'

export interface TokensParts {
  internal: InternalSession
  settings: Settings
  nowMs: () => number
}

export function registerTokens(commands: HostCommands, parts: TokensParts): void {
  const { internal, settings, nowMs } = parts
  settings.check('token-key', tokenKeyProblem)
  commands.onLate('wadi.token', async ({ args }) => {
    await answerToken(internal, tokenKeys(settings.get('token-key')), args, nowMs())
    return ANSWERED
  })
}
