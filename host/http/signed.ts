// Signed tokens, which run out by themselves: see host/core/token.ts.

import { TokenError, verifyToken } from '../core/token.ts'
import type { Access, Identity } from './access.ts'

/** header.payload.signature */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Takes tokens that one of the keys has signed, and what another access knows. */
export class SignedTokens implements Access {
  readonly guest: Identity | undefined
  readonly #others: Access
  readonly #keys: readonly string[]

  constructor(others: Access, keys: readonly string[]) {
    this.#others = others
    this.#keys = keys
    this.guest = others.guest
  }

  async identify(token: string): Promise<Identity | undefined> {
    const known = await this.#others.identify(token)
    if (known || !this.#keys.length || !JWT.test(token)) return known
    try {
      const { user, acl, db = 0, name = '', endsMs } = await verifyToken(this.#keys, token)
      const rules = typeof acl === 'object' ? acl.join(' ') : acl
      return {
        id: `signed:${user ?? name}`,
        user: user ?? name,
        ...(rules !== undefined && { rules }),
        db,
        expiresMs: endsMs,
      }
    } catch (error) {
      if (error instanceof TokenError) return undefined
      throw error
    }
  }
}
