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

const EVERYBODY: Identity = { id: 'everybody', user: 'default', expiresMs: 0 }

/** Everybody may do everything: for a machine of one's own. */
export const openAccess: Access = {
  identify: () => EVERYBODY,
  guest: EVERYBODY,
}

/** Fixed tokens, several of a kind so that they can be replaced one after the other. */
export class Tokens implements Access {
  readonly guest = undefined
  readonly #tokens: readonly { token: string; identity: Identity }[]

  /** @param tokens tokens by the user that they stand for */
  constructor(tokens: Record<string, readonly string[]>) {
    this.#tokens = Object.entries(tokens).flatMap(([user, all]) =>
      all.map((token, index) => ({
        identity: { id: `${user}:${index}`, user, expiresMs: 0 },
        token,
      })),
    )
  }

  get isEmpty(): boolean {
    return this.#tokens.length === 0
  }

  /** Takes as long for a wrong token as for a right one: all are compared, to their ends. */
  identify(token: string): Identity | undefined {
    let found: Identity | undefined
    for (const known of this.#tokens) if (isEqual(token, known.token)) found = known.identity
    return found
  }
}

function isEqual(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length
  for (let i = 0; i < given.length; i++)
    difference |= given.charCodeAt(i) ^ secret.charCodeAt(i % Math.max(secret.length, 1))
  return difference === 0
}
