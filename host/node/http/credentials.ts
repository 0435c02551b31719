// Who asks, from the header Authorization: `Basic` with user and password, or `Bearer user:password`, or
// `Bearer` with what AUTH takes by itself: the password of the default user, or a token.

/** The arguments of AUTH; undefined: nobody said who they are. */
export function credentials(header: string | undefined): string[] | undefined {
  const [, scheme = '', given = ''] = /^(\w+) +(\S+) *$/.exec(header ?? '') ?? []
  switch (scheme.toLowerCase()) {
    case 'basic':
      return userAndPassword(Buffer.from(given, 'base64').toString())
    case 'bearer':
      return tokenCredentials(given)
    default:
      return undefined
  }
}

/** The arguments of AUTH for a token that came by itself. */
export function tokenCredentials(token: string): string[] {
  return token.includes(':') ? userAndPassword(token) : [token]
}

function userAndPassword(text: string): string[] {
  const colon = text.indexOf(':')
  return [text.slice(0, colon) || 'default', text.slice(colon + 1)]
}
