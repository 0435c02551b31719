// The title of the process in `ps`, from `proc-title-template`.

export interface TitleFacts {
  title: string
  listenAddress: string
  serverMode: string
  port: number
  tlsPort: number
  unixSocket: string
  configFile: string
}

/** `{title} {listen-addr} {server-mode}` with the facts put in. */
export function processTitle(template: string, facts: TitleFacts): string {
  const values: Record<string, string | number> = {
    title: facts.title,
    'listen-addr': facts.listenAddress,
    'server-mode': facts.serverMode,
    port: facts.port,
    'tls-port': facts.tlsPort,
    unixsocket: facts.unixSocket,
    'config-file': facts.configFile,
  }
  return template.replace(/\{([a-z-]+)\}/g, (_, name: string) => String(values[name] ?? '')).trim()
}

/** The address that the title shows: the first one, without the dash of an optional one. */
export function listenAddress(bind: string, port: number, unixSocket: string): string {
  if (!port) return unixSocket ? `unixsocket:${unixSocket}` : ''
  const first = bind.split(' ')[0]?.replace(/^-/, '') || '*'
  return `${first}:${port}`
}
