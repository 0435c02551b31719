// CONFIG REWRITE, from the engine's values to the file on disk.

import { readFileSync } from 'node:fs'
import { ReplyError } from '../../core/errors.ts'
import type { InternalSession } from '../../core/internal.ts'
import { type HostReply, OK } from '../../core/reply.ts'
import { replaceFile } from '../files.ts'
import type { Logger } from '../logger.ts'
import type { Settings } from '../settings.ts'
import { systemMessage } from '../system-error.ts'
import { needsQuotes, quote } from './quoting.ts'
import { type ConfigLine, rewriteConfig } from './rewrite.ts'

export interface RewriteParts {
  /** The configuration file; '' without one. */
  configFile: string
  internal: InternalSession
  settings: Settings
  log: Logger
}

/**
 * Answers later, since the engine is asked for its values once the command has ended. With `writesAll`
 * directives that have the value they begin with get a line too.
 */
export async function configRewrite(
  parts: RewriteParts,
  options: { writesAll?: boolean } = {},
): Promise<HostReply> {
  const { configFile: path, log } = parts
  if (!path) throw new ReplyError('ERR The server is running without a config file')
  await Promise.resolve()
  try {
    const { lines, aliases } = currentLines(parts)
    const text = rewriteConfig(readOld(path), lines, aliases, options)
    replaceFile(path, Buffer.from(text, 'latin1'))
  } catch (error) {
    const reason = systemMessage(error)
    log.warning(`CONFIG REWRITE failed: ${reason}`)
    throw new ReplyError(`ERR Rewriting config file: ${reason}`, { cause: error })
  }
  log.warning('CONFIG REWRITE executed with success.')
  return OK
}

/** A file that is gone is written anew. */
function readOld(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function currentLines({ internal, settings }: RewriteParts): {
  lines: ConfigLine[]
  aliases: Map<string, string>
} {
  const lines: ConfigLine[] = []
  const aliases = new Map<string, string>()
  const texts = (internal.callBytes('WADI.DIRECTIVES') as Uint8Array[]).map((text) =>
    Buffer.from(text).toString('latin1'),
  )
  for (let i = 0; i < texts.length; i += 4) {
    const [name, alias, value, initial] = texts.slice(i, i + 4) as [string, string, string, string]
    lines.push({ name, value, initial })
    if (alias) aliases.set(alias, name)
  }
  if (!settings.get('aclfile')) lines.push(...userLines(internal))
  return { lines, aliases }
}

/** The users, where no file of their own keeps them. */
function userLines(internal: InternalSession): ConfigLine[] {
  return (internal.callBytes('ACL', 'LIST') as Uint8Array[]).map((user) => {
    const line = Buffer.from(user).toString('latin1')
    const words = line.split(' ').slice(1)
    const value = words.map((word) => (needsQuotes(word) ? quote(word) : word)).join(' ')
    return { name: 'user', value, initial: '' }
  })
}
