// The command line of `wadi cli`, which is that of redis-cli. Arguments are latin1, a character a byte.

import { splitArguments } from '../config/quoting.ts'
import type { Output } from './format.ts'

export type Mode =
  | 'command'
  | 'pipe'
  | 'scan'
  | 'bigkeys'
  | 'memkeys'
  | 'hotkeys'
  | 'latency'
  | 'stat'
  | 'eval'
  | 'help'
  | 'version'

export interface Options {
  mode: Mode
  host: string
  port: number
  socket: string | undefined
  db: number
  user: string | undefined
  password: string | undefined
  /** The password came on the command line, where others may see it. */
  isPasswordVisible: boolean
  asksPassword: boolean
  warnsOfPassword: boolean
  tls: TlsChoice | undefined
  /** 0: whatever the server begins with. */
  protocol: 0 | 2 | 3
  output: Output
  partDelimiter: string
  replyDelimiter: string
  showsPushes: boolean
  repeat: number
  intervalMs: number
  /** Where standard input goes: behind the arguments, or in the place of this one. */
  stdin: { tag?: string } | undefined
  failsOnError: boolean
  unquotes: boolean
  history: boolean
  pattern: string
  count: number | undefined
  samples: number
  pipeTimeoutS: number
  script: string
  command: string[]
}

export interface TlsChoice {
  insecure?: boolean
  ca?: string
  caFolder?: string
  cert?: string
  key?: string
  serverName?: string
  ciphers?: string
  suites?: string
}

/** What is wrong with a command line; the text goes to standard error, or to the output as redis-cli's does. */
export class UsageError extends Error {
  override name = 'UsageError'
  readonly isOutput: boolean

  constructor(message: string, { isOutput = false } = {}) {
    super(message)
    this.isOutput = isOutput
  }
}

export interface Surroundings {
  isTerminal: boolean
  env: Record<string, string | undefined>
}

const OPTIONS_WITH_VALUE = new Set(
  (
    '-h -p -s -a --user --pass -u -r -i -n -X -d -D --sni --cacert --cacertdir --cert --key ' +
    '--tls-ciphers --tls-ciphersuites --show-pushes --pipe-timeout --memkeys-samples --pattern ' +
    '--quoted-pattern --count --eval'
  ).split(' '),
)

/** @throws {UsageError} */
export function parseOptions(argv: readonly string[], { isTerminal, env }: Surroundings): Options {
  const options: Options = {
    mode: 'command',
    host: '127.0.0.1',
    port: 6379,
    socket: undefined,
    db: 0,
    user: undefined,
    password: env['REDISCLI_AUTH'],
    isPasswordVisible: false,
    asksPassword: false,
    warnsOfPassword: true,
    tls: undefined,
    protocol: 0,
    output: isTerminal || env['FAKETTY'] ? 'standard' : 'raw',
    partDelimiter: '\n',
    replyDelimiter: '\n',
    showsPushes: isTerminal,
    repeat: 1,
    intervalMs: 0,
    stdin: undefined,
    failsOnError: false,
    unquotes: false,
    history: false,
    pattern: '',
    count: undefined,
    samples: 0,
    pipeTimeoutS: 30,
    script: '',
    command: [],
  }
  let at = 0
  for (; at < argv.length; at++) {
    const name = argv[at]!
    if (OPTIONS_WITH_VALUE.has(name) && at + 1 < argv.length) {
      setValue(options, name, argv[++at]!)
    } else if (!setSwitch(options, name)) {
      if (!name.startsWith('-')) break
      throw new UsageError(`Unrecognized option or bad number of args for: '${name}'\n`)
    }
  }
  options.command = argv.slice(at)
  if (options.unquotes) options.command = options.command.map((word) => unquoted(word))
  if ((options.output === 'json' || options.output === 'quoted-json') && !options.protocol)
    options.protocol = 3
  return options
}

function setSwitch(options: Options, name: string): boolean {
  switch (name) {
    case '-2':
    case '-3':
      options.protocol = name === '-2' ? 2 : 3
      return true
    case '-x':
      options.stdin = {}
      return true
    case '-e':
      options.failsOnError = true
      return true
    case '--askpass':
      options.asksPassword = true
      return true
    case '--no-auth-warning':
      options.warnsOfPassword = false
      return true
    case '--quoted-input':
      options.unquotes = true
      return true
    case '--raw':
    case '--csv':
    case '--json':
    case '--quoted-json':
      options.output = name.slice(2) as Output
      return true
    case '--no-raw':
      options.output = 'standard'
      return true
    case '--tls':
      options.tls ??= {}
      return true
    case '--insecure':
      ;(options.tls ??= {}).insecure = true
      return true
    case '--latency-history':
      options.history = true
      options.mode = 'latency'
      return true
    case '--pipe':
    case '--scan':
    case '--bigkeys':
    case '--memkeys':
    case '--hotkeys':
    case '--latency':
    case '--stat':
    case '--help':
    case '--version':
      options.mode = name.slice(2) as Mode
      return true
    case '-v':
      options.mode = 'version'
      return true
    case '--verbose':
      return true
    default:
      return false
  }
}

function setValue(options: Options, name: string, value: string): void {
  const tls = (): TlsChoice => (options.tls ??= {})
  switch (name) {
    case '-h':
      options.host = value
      break
    case '-p':
      options.port = Number.parseInt(value) || 0
      if (!/^\d+$/.test(value) || options.port > 65535)
        throw new UsageError('Invalid server port.\n')
      break
    case '-s':
      options.socket = value
      break
    case '-a':
    case '--pass':
      options.password = value
      options.isPasswordVisible = true
      break
    case '--user':
      options.user = value
      break
    case '-u':
      setUri(options, value)
      break
    case '-r':
      options.repeat = Number.parseInt(value) || 0
      break
    case '-i':
      options.intervalMs = (Number.parseFloat(value) || 0) * 1000
      break
    case '-n':
      options.db = Number.parseInt(value) || 0
      break
    case '-X':
      options.stdin = { tag: value }
      break
    case '-d':
      options.partDelimiter = value
      break
    case '-D':
      options.replyDelimiter = value
      break
    case '--sni':
      tls().serverName = value
      break
    case '--cacert':
      tls().ca = value
      break
    case '--cacertdir':
      tls().caFolder = value
      break
    case '--cert':
      tls().cert = value
      break
    case '--key':
      tls().key = value
      break
    case '--tls-ciphers':
      tls().ciphers = value
      break
    case '--tls-ciphersuites':
      tls().suites = value
      break
    case '--show-pushes':
      options.showsPushes = !/^n/i.test(value)
      break
    case '--pipe-timeout':
      options.pipeTimeoutS = Number.parseInt(value) || 0
      break
    case '--memkeys-samples':
      options.mode = 'memkeys'
      options.samples = Number.parseInt(value) || 0
      break
    case '--pattern':
      options.pattern = value
      break
    case '--quoted-pattern':
      options.pattern = unquoted(value)
      break
    case '--count':
      options.count = Number.parseInt(value) || 0
      break
    default:
      options.mode = 'eval'
      options.script = value
  }
}

function unquoted(text: string): string {
  const words = splitArguments(text)
  if (words?.length !== 1) throw new UsageError('Invalid quoted string\n', { isOutput: true })
  return words[0]!
}

/** `redis[s]://[[user:]password@]host[:port][/db]` */
function setUri(options: Options, uri: string): void {
  const [, scheme, userInfo, host = '', port, db] =
    /^(rediss?):\/\/(?:([^@]*)@)?(\[[^\]]*\]|[^:/]*)(?::(\d+))?(?:\/(.*))?$/i.exec(uri) ?? []
  if (scheme === undefined) throw new UsageError('Invalid URI scheme\n')
  if (scheme.toLowerCase() === 'rediss') options.tls ??= {}
  if (userInfo !== undefined) {
    const colon = userInfo.indexOf(':')
    if (colon > 0) options.user = decoded(userInfo.slice(0, colon))
    options.password = decoded(userInfo.slice(colon + 1))
    options.isPasswordVisible = true
  }
  if (host) options.host = decoded(host.replace(/^\[|\]$/g, ''))
  if (port !== undefined) options.port = Number(port)
  if (db) options.db = Number.parseInt(db) || 0
}

/** Percent-encoded bytes. */
function decoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
