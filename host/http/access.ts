// Who may come in: tokens, each of which stands for a user of the engine.

export interface Identity {
  /** Names the credential in limits and logs; it is not secret. */
  id: string
  user: string
  /** The rules of a user that only this credential has, as ACL SETUSER takes them. */
  rules?: string
  /** The database that a session of it begins in. */
  db?: number
  /** When the credential runs out, Unix time in ms; 0: it does not. */
  expiresMs: number
}

export interface Access {
  /** Undefined: nobody knows this token. */
  identify(token: string): Identity | undefined | Promise<Identity | undefined>
  /** Who comes without a token; undefined: nobody may. */
  readonly guest: Identity | undefined
}

const encoder = new TextEncoder()

const EVERYBODY: Identity = { id: 'everybody', user: 'default', expiresMs: 0 }

/** Everybody may do everything: for a machine of one's own. */
export const openAccess: Access = {
  identify: () => EVERYBODY,
  guest: EVERYBODY,
}

/** Fixed tokens, several of a kind so that they can be replaced one after the other. */
export class Tokens implements Access {
  readonly guest = undefined
  readonly #tokens: readonly { bytes: Uint8Array; identity: Identity }[]

  /** @param tokens tokens by the user that they stand for */
  constructor(tokens: Record<string, readonly string[]>) {
    this.#tokens = Object.entries(tokens).flatMap(([user, all]) =>
      all.map((token, index) => ({
        identity: { id: `${user}:${index}`, user, expiresMs: 0 },
        bytes: encoder.encode(token),
      })),
    )
  }

  get isEmpty(): boolean {
    return this.#tokens.length === 0
  }

  /** Takes as long for a wrong token as for a right one: all are compared, to their ends. */
  identify(token: string): Identity | undefined {
    const given = encoder.encode(token)
    let found: Identity | undefined
    for (const { bytes, identity } of this.#tokens) if (isEqual(given, bytes)) found = identity
    return found
  }
}

function isEqual(given: Uint8Array, secret: Uint8Array): boolean {
  let difference = given.length ^ secret.length
  for (let i = 0; i < given.length; i++)
    difference |= given[i]! ^ (secret[i % Math.max(secret.length, 1)] ?? 0)
  return difference === 0
}
