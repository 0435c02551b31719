// What the `tls-…` directives mean to Node's TLS. They are read in steps, each tried at once, so that
// what is wrong is told in the words in which Redis tells it.

import { constants } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import tls from 'node:tls'
import type { Settings } from '../settings.ts'
import { systemMessage } from '../system-error.ts'

/** TLS cannot be had as it is configured; the message is for the log. */
export class TlsError extends Error {
  override name = 'TlsError'
}

export interface TlsParts {
  settings: Settings
  /** A directive that is a path, as an absolute one. */
  path: (name: string) => string
}

/** From the oldest to the newest; `option` keeps one of them out. */
const PROTOCOLS = [
  { name: 'TLSv1', option: constants.SSL_OP_NO_TLSv1 },
  { name: 'TLSv1.1', option: constants.SSL_OP_NO_TLSv1_1 },
  { name: 'TLSv1.2', option: constants.SSL_OP_NO_TLSv1_2 },
  { name: 'TLSv1.3', option: constants.SSL_OP_NO_TLSv1_3 },
] as const

const DEFAULT_PROTOCOLS = 'TLSv1.2 TLSv1.3'
const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [^-]+-----/g
/** As OpenSSL knows a missing file. */
const NO_ENTRY = 'error:80000002:system library::No such file or directory'

/** For those who connect to us. @throws {TlsError} */
export function serverOptions({ settings, path }: TlsParts): tls.TlsOptions {
  for (const name of ['tls-cert-file', 'tls-key-file']) {
    if (!settings.get(name)) throw new TlsError(`No ${name} configured!`)
  }
  const clients = settings.get('tls-auth-clients')
  const asksOthers =
    clients !== 'no' || settings.isOn('tls-cluster') || settings.isOn('tls-replication')
  if (asksOthers && !settings.get('tls-ca-cert-file') && !settings.get('tls-ca-cert-dir')) {
    throw new TlsError(
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, ' +
        'tls-replication or tls-auth-clients are enabled!',
    )
  }
  const options: tls.TlsOptions = {
    ...common({ settings, path }, 'tls'),
    requestCert: clients !== 'no',
    rejectUnauthorized: clients === 'yes',
    honorCipherOrder: settings.isOn('tls-prefer-server-ciphers'),
    sessionTimeout: settings.number('tls-session-cache-timeout'),
    dhparam: 'auto',
  }
  if (!settings.isOn('tls-session-caching')) options.secureOptions! |= constants.SSL_OP_NO_TICKET
  if (settings.get('tls-dh-params-file')) {
    const file = path('tls-dh-params-file')
    try {
      options.dhparam = readFileSync(file)
    } catch (error) {
      throw new TlsError(`Failed to load ${file}: ${systemMessage(error)}`)
    }
    attempt(options, `Failed to read DH params from ${file}`)
  }
  return options
}

/**
 * For connections to other servers of ours, whose certificates are trusted for their authority and not
 * for their name. @throws {TlsError}
 */
export function clientOptions(parts: TlsParts): tls.ConnectionOptions {
  const isOwn = parts.settings.get('tls-client-cert-file') !== ''
  return {
    ...common(parts, isOwn ? 'tls-client' : 'tls'),
    checkServerIdentity: () => undefined,
  }
}

/** Certificate, key, authorities, protocols and ciphers: what both ends of a connection have. */
function common({ settings, path }: TlsParts, prefix: string): tls.SecureContextOptions {
  const options: tls.SecureContextOptions = protocols(settings.get('tls-protocols'))
  const certificate = path(`${prefix}-cert-file`)
  options.cert = read(certificate, `Failed to load certificate: ${certificate}`)
  attempt(options, `Failed to load certificate: ${certificate}`)

  const key = path(`${prefix}-key-file`)
  options.key = read(key, `Failed to load private key: ${key}`)
  // Without a password a locked key is an error; Node asks nobody.
  options.passphrase = settings.get(`${prefix}-key-file-pass`)
  attempt(options, `Failed to load private key: ${key}`)

  options.ca = authorities({ settings, path })
  attempt(options, 'Failed to configure CA certificate(s) file/directory')

  const [older, newer] = [settings.get('tls-ciphers'), settings.get('tls-ciphersuites')]
  options.ciphers = [newer || DEFAULT_SUITES, older || DEFAULT_CIPHERS].join(':')
  if (!newer.split(':').every((suite) => suite === '' || SUITES.has(suite.toLowerCase()))) {
    throw new TlsError(`Failed to configure ciphersuites: ${newer}`)
  }
  attempt(options, `Failed to configure ciphers: ${older}`, false)
  return options
}

const SUITES = new Set(tls.getCiphers().filter((name) => name.startsWith('tls_')))
const ALL_DEFAULTS = tls.DEFAULT_CIPHERS.split(':')
const DEFAULT_SUITES = ALL_DEFAULTS.filter((name) => name.startsWith('TLS_')).join(':')
const DEFAULT_CIPHERS = ALL_DEFAULTS.filter((name) => !name.startsWith('TLS_')).join(':')

/** `TLSv1.2 TLSv1.3` in any letters. */
function protocols(words: string): tls.SecureContextOptions {
  const wanted = (words || DEFAULT_PROTOCOLS).toLowerCase().split(' ').filter(Boolean)
  const chosen = PROTOCOLS.filter(({ name }) => wanted.includes(name.toLowerCase()))
  if (chosen.length === 0 || chosen.length !== new Set(wanted).size) {
    throw new TlsError(
      'Invalid tls-protocols specified. ' +
        "Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.",
    )
  }
  const left = PROTOCOLS.filter((protocol) => !chosen.includes(protocol))
  return {
    minVersion: chosen[0]!.name,
    maxVersion: chosen.at(-1)?.name,
    secureOptions: left.reduce(
      (bits, { option }) => bits | option,
      constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    ),
  }
}

/** The certificates of a file and of all files in a folder. */
function authorities({ settings, path }: TlsParts): string[] {
  const found: string[] = []
  const failure = 'Failed to configure CA certificate(s) file/directory'
  if (settings.get('tls-ca-cert-file')) {
    const inFile = String(read(path('tls-ca-cert-file'), failure)).match(CERTIFICATE)
    if (!inFile)
      throw new TlsError(
        `${failure}: error:05800088:x509 certificate routines::no certificate or crl found`,
      )
    found.push(...inFile)
  }
  if (settings.get('tls-ca-cert-dir')) {
    for (const file of filesIn(path('tls-ca-cert-dir'))) {
      found.push(...(String(read(file, failure)).match(CERTIFICATE) ?? []))
    }
  }
  return found
}

/** The files of a folder; one that is not there holds none, as OpenSSL has it. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(folder, entry.name))
  } catch {
    return []
  }
}

function read(file: string, failure: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new TlsError(`${failure}: ${isMissing ? NO_ENTRY : systemMessage(error)}`)
  }
}

/** Whether OpenSSL takes the options so far; says why not. */
function attempt(options: tls.SecureContextOptions, failure: string, withReason = true): void {
  try {
    tls.createSecureContext(options)
  } catch (error) {
    throw new TlsError(withReason ? `${failure}: ${(error as Error).message}` : failure)
  }
}
