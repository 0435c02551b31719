// Tokens: a connection given to a stranger. Whoever has the key signs what the bearer may do and until when; the
// bearer logs in with `AUTH <token>`. They are JWTs signed with HMAC SHA-256, so any JWT library makes them.
//
//   const token = await signToken(key, { acl: '~cart:7:* +@read', expiresIn: 300 })
//
// This file is an entry of its own, since it needs jose: homes that take no tokens do without it.

import { errors, jwtVerify, SignJWT } from 'jose'
import { ReplyError } from './errors.ts'
import type { InternalSession } from './internal.ts'

/** The shortest key that is taken: as long as the signature. */
const KEY_BYTES = 32

/** What a token grants: to act as a user, or as nobody known with rules of its own. */
export interface TokenGrant {
  /** The user to act as. */
  user?: string
  /** Rules as ACL SETUSER takes them, in one text or one a word. */
  acl?: string | readonly string[]
  /** The database that the connection begins in; 0 unless told. */
  db?: number
  /** What the bearer of rules is called in ACL WHOAMI, CLIENT LIST and ACL LOG. */
  name?: string
}

export interface TokenOptions extends TokenGrant {
  /** Seconds until it ends. */
  expiresIn?: number
  /** When it ends, in seconds of Unix time. */
  expiresAt?: number
}

/** What a token says that is right. */
export interface TokenLogin extends TokenGrant {
  /** When it ends, in ms of Unix time. */
  endsMs: number
}

/** A token is not right: forged, over, or not one of ours. */
export class TokenError extends Error {
  override name = 'TokenError'
}

/** The keys of the directive `token-key`: the first one signs, all of them verify. */
export function tokenKeys(directive: string): string[] {
  return directive.split(/\s+/).filter(Boolean)
}

/** Why these keys will not do. */
export function tokenKeyProblem(directive: string): string | undefined {
  const isShort = tokenKeys(directive).some((key) => secretOf(key).length < KEY_BYTES)
  return isShort ? `a token key must have at least ${KEY_BYTES} bytes` : undefined
}

/**
 * Makes a token.
 *
 * @throws {TokenError} the key is too short, or it is not said what is granted or for how long
 */
export async function signToken(
  key: string,
  options: TokenOptions,
  nowMs = Date.now(),
): Promise<string> {
  const { user, acl, db, name, expiresIn, expiresAt } = options
  const problem = tokenKeyProblem(key)
  if (problem) throw new TokenError(problem)
  if ((user === undefined) === (acl === undefined)) {
    throw new TokenError('a token needs a user or rules, and not both')
  }
  const now = Math.floor(nowMs / 1000)
  const ends = expiresAt ?? (expiresIn === undefined ? undefined : now + expiresIn)
  if (ends === undefined) throw new TokenError('a token needs an end')
  const grant = { user, acl: typeof acl === 'object' ? acl.join(' ') : acl, db, name }
  const claims = Object.fromEntries(
    Object.entries(grant).filter(([, value]) => value !== undefined),
  )
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt(now)
    .setExpirationTime(ends)
    .sign(secretOf(key))
}

/**
 * Looks whether a token was signed with one of the keys and still holds.
 *
 * @throws {TokenError}
 */
export async function verifyToken(
  keys: readonly string[],
  token: string,
  nowMs = Date.now(),
): Promise<TokenLogin> {
  let failure: unknown
  for (const key of keys) {
    if (secretOf(key).length < KEY_BYTES) continue
    try {
      const { payload } = await jwtVerify(token, secretOf(key), {
        algorithms: ['HS256'],
        requiredClaims: ['exp'],
        currentDate: new Date(nowMs),
      })
      return loginOf(payload)
    } catch (error) {
      failure = error
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break
    }
  }
  const reason = failure instanceof Error ? failure.message : 'there is no key'
  throw new TokenError(`the token is refused: ${reason}`, { cause: failure })
}

/** What the claims say. @throws {TokenError} */
function loginOf(claims: Record<string, unknown>): TokenLogin {
  const { user, acl, db = 0, name, exp } = claims
  const rules =
    Array.isArray(acl) && acl.every((rule) => typeof rule === 'string') ? acl : undefined
  const isRight =
    (user === undefined) !== (acl === undefined) &&
    (user === undefined || typeof user === 'string') &&
    (acl === undefined || typeof acl === 'string' || rules !== undefined) &&
    (name === undefined || typeof name === 'string') &&
    Number.isSafeInteger(db) &&
    Number.isSafeInteger(Math.floor((exp as number) * 1000))
  if (!isRight) throw new TokenError('the claims of the token are not ours')
  return {
    ...(typeof user === 'string' && { user }),
    ...(acl !== undefined && { acl: rules ?? (acl as string) }),
    ...(typeof name === 'string' && { name }),
    db: db as number,
    endsMs: Math.floor((exp as number) * 1000),
  }
}

function secretOf(key: string): Uint8Array {
  return new TextEncoder().encode(key)
}

const decoder = new TextDecoder()

/**
 * Answers the engine's question `WADI.TOKEN`: tells it whether the token is right, which ends the wait of the
 * session. `args` are the arguments of the host command.
 */
export async function answerToken(
  internal: InternalSession,
  keys: readonly string[],
  args: readonly Uint8Array[],
  nowMs = Date.now(),
): Promise<void> {
  const [, id, token, protocol, clientName] = args as [never, ...Uint8Array[]]
  const verdict = await verifyToken(keys, decoder.decode(token), nowMs).then(wordsOf, () => null)
  const words = verdict ? ['YES', protocol!, clientName!, ...verdict] : ['NO']
  try {
    internal.call('WADI.VERDICT', id!, ...words)
  } catch (error) {
    // Who asked is gone.
    if (!(error instanceof ReplyError)) throw error
  }
}

function wordsOf({ user, acl = '', db = 0, name = '', endsMs }: TokenLogin): (string | number)[] {
  if (user !== undefined) return [db, endsMs, 'USER', user]
  const rules = typeof acl === 'string' ? acl.split(/\s+/).filter(Boolean) : acl
  return [db, endsMs, 'RULES', name, ...rules]
}
