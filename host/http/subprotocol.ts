// How a browser's page says who it is when it opens a WebSocket, since it can set no header:
//
//   new WebSocket(url, ['wadi', 'wadi-token.' + base64url(token)])
//
// The server answers with the protocol `wadi` alone, so that the token is not sent back.

export const PROTOCOL = 'wadi'
const TOKEN_PREFIX = 'wadi-token.'

/** The token among the protocols that a client offers. */
export function subprotocolToken(offered: string | undefined): string | undefined {
  const word = protocols(offered).find((protocol) => protocol.startsWith(TOKEN_PREFIX))
  if (word === undefined) return undefined
  try {
    const text = word.slice(TOKEN_PREFIX.length).replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    return new TextDecoder().decode(bytes)
  } catch {
    return ''
  }
}

/** The protocol to answer with; undefined when the client offers none of ours. */
export function acceptedProtocol(offered: string | undefined): string | undefined {
  return protocols(offered).includes(PROTOCOL) ? PROTOCOL : undefined
}

function protocols(offered: string | undefined): string[] {
  return (offered ?? '').split(',').map((protocol) => protocol.trim())
}
