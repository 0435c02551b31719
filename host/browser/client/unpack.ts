// Errors that came from the owner, as the classes they were there.

import { EngineCrash, RdbError, ReplyError, SnapshotError } from '../../core/errors.ts'
import * as errors from '../errors.ts'
import type { SentError } from '../protocol.ts'

const classes: { [name: string]: { prototype: Error } } = {
  ...errors,
  EngineCrash,
  RdbError,
  ReplyError,
  SnapshotError,
}

export function unpackError({ name, message, fields }: SentError): Error {
  const error = Object.create((classes[name] ?? Error).prototype) as Error
  const stack = new Error(message).stack
  return Object.defineProperties(
    Object.assign(error, fields),
    Object.fromEntries(
      Object.entries({ name, message, stack }).map(([key, value]) => [
        key,
        { value, configurable: true, writable: true },
      ]),
    ),
  )
}
