// Who sends a request.

import type { Context } from 'hono'
import type { Access, Identity } from './access.ts'
import type { Caller } from './store.ts'

export interface CallerOptions<Env> {
  access(env: Env): Access
  /** Where a request comes from. */
  address(context: Context): string | undefined
  /** Throws when there were too many requests. */
  admit?(env: Env, caller: Caller): Promise<void>
}

/** The credential that a request brings in its header. */
export function bearer(context: Context): string | undefined {
  const header = context.req.header('authorization')
  return header === undefined ? undefined : /^bearer +(\S+) *$/i.exec(header)?.[1]
}

/** The parameter of a URL that can bring the credential. */
export const TOKEN_PARAMETER = '_token'

/**
 * The credential in the URL, for what cannot set a header. Pages in browsers can, and keep the URLs that they have been to:
 * theirs is not read.
 */
export function urlToken({ req }: Context): string | undefined {
  const isOfBrowser =
    req.header('origin') !== undefined || req.header('sec-fetch-site') !== undefined
  return isOfBrowser ? undefined : req.query(TOKEN_PARAMETER)
}

/**
 * Who comes with that token; undefined: nobody whom we know.
 *
 * @throws {RefusedError} too many requests
 */
export async function callerOf<Env extends object>(
  c: Context,
  env: Env,
  options: CallerOptions<Env>,
  token: string | undefined,
): Promise<(Required<Pick<Caller, 'identity'>> & Caller) | undefined> {
  const access = options.access(env)
  const identity: Identity | undefined =
    token === undefined ? access.guest : await access.identify(token)
  const caller = addressed(c, options, identity)
  await options.admit?.(env, caller)
  return identity && { ...caller, identity }
}

/** A caller from where the request comes from. */
export function addressed<Env extends object>(
  c: Context,
  options: CallerOptions<Env>,
  identity?: Identity,
): Caller {
  const address = options.address(c)
  return { ...(identity && { identity }), ...(address !== undefined && { address }) }
}
