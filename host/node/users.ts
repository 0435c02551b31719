// Where users are kept: as `user` lines of the configuration file, or in an ACL file of their own.

import { readFileSync } from 'node:fs'
import { ReplyError } from '../core/errors.ts'
import type { InternalSession } from '../core/internal.ts'
import { type HostReply, OK } from '../core/reply.ts'
import type { HostCommands } from './commands.ts'
import type { Directive } from './config/directives.ts'
import { replaceFile } from './files.ts'
import type { Logger } from './logger.ts'
import type { Settings } from './settings.ts'
import { systemMessage } from './system-error.ts'

const BOTH =
  'Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is ' +
  'invalid. This setup is very likely to lead to configuration errors and security holes, please ' +
  'define either an ACL file or declare users directly in your redis.conf, but not both.'

const NO_FILE =
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via ' +
  'the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration ' +
  'file set) in order to store users in the Redis configuration.'

export interface UsersParts {
  internal: InternalSession
  settings: Settings
  log: Logger
  /** The ACL file as an absolute path. */
  path: () => string
}

export class Users {
  readonly #parts: UsersParts
  #hasLines = false

  constructor(parts: UsersParts) {
    this.#parts = parts
  }

  /** ACL LOAD and ACL SAVE answer later, since they ask the engine. */
  register(commands: HostCommands): void {
    commands.onLate('acl|load', async () => {
      await Promise.resolve()
      this.#requireFile()
      return this.#load()
    })
    commands.onLate('acl|save', async () => {
      await Promise.resolve()
      this.#requireFile()
      return this.#save()
    })
  }

  /** Takes a `user` line; a text says what is wrong with it. */
  declare({ args }: Directive): string | undefined {
    if (!args.length) return 'Bad directive or wrong number of arguments'
    this.#hasLines = true
    try {
      this.#parts.internal.call('WADI.USER', ...args.map((word) => Buffer.from(word, 'latin1')))
      return undefined
    } catch (error) {
      if (error instanceof ReplyError) return withoutCode(error)
      throw error
    }
  }

  /** Reads the ACL file at the start; a text, which is in the log, says why the server cannot start. */
  begin(): string | undefined {
    const { settings, log } = this.#parts
    if (!settings.get('aclfile')) return undefined
    const reason = this.#hasLines ? BOTH : this.#problem()
    if (reason) log.warning(reason)
    return reason
  }

  #problem(): string | undefined {
    try {
      this.#load()
      return undefined
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error
      return `Aborting Redis startup because of ACL errors: ${withoutCode(error)}`
    }
  }

  /** Whether the default user needs no password. */
  isOpenToAll(): boolean {
    const [, flags] = this.#parts.internal.call('ACL', 'GETUSER', 'default') as [string, string[]]
    return flags.includes('nopass')
  }

  #requireFile(): void {
    if (!this.#parts.settings.get('aclfile')) throw new ReplyError(NO_FILE)
  }

  #load(): HostReply {
    const { internal, settings, path } = this.#parts
    const name = settings.get('aclfile')
    let text: Buffer
    try {
      text = readFileSync(path())
    } catch (error) {
      const reason = systemMessage(error)
      throw new ReplyError(`ERR Error loading ACLs, opening file '${name}': ${reason}`, {
        cause: error,
      })
    }
    internal.call('WADI.USERS', name, text)
    return OK
  }

  #save(): HostReply {
    const { internal, log, path } = this.#parts
    const lines = internal.callBytes('ACL', 'LIST') as Uint8Array[]
    try {
      replaceFile(path(), Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])))
    } catch (error) {
      log.warning(`Opening temp ACL file for ACL SAVE: ${systemMessage(error)}`)
      throw new ReplyError(
        'ERR There was an error trying to save the ACLs. Please check the server logs for more information',
        { cause: error },
      )
    }
    return OK
  }
}

function withoutCode(error: ReplyError): string {
  return error.message.replace(/^ERR /, '')
}
