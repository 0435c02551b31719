// What can go wrong between a host and the engine, as classes with the facts in fields.

/** The reply of a command was an error; the message is Redis's own text, code first. */
export class ReplyError extends Error {
  override name = 'ReplyError'

  /** The first word: `ERR`, `WRONGTYPE`, `NOAUTH` … */
  get code(): string {
    return this.message.slice(0, (this.message + ' ').indexOf(' '))
  }
}

/**
 * The engine trapped. That is a bug in the engine, never a reply: its memory cannot be trusted any
 * more, so every later call on it throws the same error, and the host starts again from storage.
 */
export class EngineCrash extends Error {
  override name = 'EngineCrash'
  /** The arguments of the command that ran, as far as they are known and no secrets. */
  readonly command: string[]

  constructor(message: string, command: string[], cause: unknown) {
    const shown = withoutSecrets(command)
    super(shown.length ? `${message} (while running ${shown.join(' ')})` : message, { cause })
    this.command = shown
  }
}

/** Commands whose arguments may be passwords and tokens. */
const TELLS_SECRETS = /^(auth|hello|acl|config|migrate|wadi\..*)$/i

/** A command as a log may have it. */
function withoutSecrets(command: string[]): string[] {
  const [name = '', ...rest] = command
  if (!TELLS_SECRETS.test(name)) return command
  return [name, ...rest.map(() => '(redacted)')]
}

/** The engine has no room for what was asked: more sessions, or a buffer of that size. */
export class NoRoomError extends Error {
  override name = 'NoRoomError'
}

/** A file or a payload that is no RDB, or is broken: where, and what is wrong there. */
export class RdbError extends Error {
  override name = 'RdbError'
  readonly reason: string
  /** Bytes in front of the place. */
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(`${reason} (at byte ${offset})`)
    this.reason = reason
    this.offset = offset
  }
}

/** A snapshot could not begin, or was given up. */
export class SnapshotError extends Error {
  override name = 'SnapshotError'
}

/** The other side went away before it answered, and nobody can tell whether the command was carried out. */
export class MaybeAppliedError extends Error {
  override name = 'MaybeAppliedError'
  readonly command: string

  constructor(command: string) {
    super(`the connection was lost before ${command} was answered: it may have been carried out`)
    this.command = command
  }
}
