/** Certificates made for a test: an authority, and what it signs. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// oxlint-disable-next-line import/no-unassigned-import -- the library of certificates asks for it
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const DAY_MS = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface Certificate {
  readonly certificate: x509.X509Certificate
  readonly keys: CryptoKeyPair
  /** As PEM. */
  readonly cert: string
  readonly key: string
}

interface Wish {
  /** Who signs it; itself, as an authority, when nobody does. */
  by?: Certificate
  /** Days from now. */
  from?: number
  until?: number
}

let serial = 1

export async function makeCertificate(name: string, wish: Wish = {}): Promise<Certificate> {
  x509.cryptoProvider.set(crypto)
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const common = {
    serialNumber: String(serial++).padStart(4, '0'),
    notBefore: new Date(Date.now() + (wish.from ?? -1) * DAY_MS),
    notAfter: new Date(Date.now() + (wish.until ?? 7) * DAY_MS),
    signingAlgorithm: ALGORITHM,
  }
  const certificate = wish.by
    ? await x509.X509CertificateGenerator.create({
        ...common,
        subject: `CN=${name}`,
        issuer: wish.by.certificate.subject,
        publicKey: keys.publicKey,
        signingKey: wish.by.keys.privateKey,
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'dns', value: 'localhost' },
            { type: 'ip', value: '127.0.0.1' },
          ]),
        ],
      })
    : await x509.X509CertificateGenerator.createSelfSigned({
        ...common,
        name: `CN=${name}`,
        keys,
        extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
      })
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificate,
    keys,
    cert: certificate.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  }
}

export interface Certificates {
  readonly dir: string
  readonly authority: Certificate
  readonly server: Certificate
  readonly client: Certificate
  /** Signed by someone whom nobody knows. */
  readonly foreign: Certificate
  readonly expired: Certificate
  readonly early: Certificate
  /** Writes texts into files of the folder, and answers their paths. */
  write(name: string, text: string): string
  /** The directives of a server that has them. */
  readonly config: Record<string, string>
}

export async function makeCertificates(): Promise<Certificates> {
  const dir = mkdtempSync(join(tmpdir(), 'wadi-tls-'))
  const authority = await makeCertificate('authority')
  const stranger = await makeCertificate('stranger')
  const server = await makeCertificate('localhost', { by: authority })
  const write = (name: string, text: string) => {
    const path = join(dir, name)
    writeFileSync(path, text)
    return path
  }
  return {
    dir,
    authority,
    server,
    client: await makeCertificate('client', { by: authority }),
    foreign: await makeCertificate('foreign', { by: stranger }),
    expired: await makeCertificate('expired', { by: authority, from: -9, until: -2 }),
    early: await makeCertificate('early', { by: authority, from: 2 }),
    write,
    config: {
      'tls-cert-file': write('server.crt', server.cert),
      'tls-key-file': write('server.key', server.key),
      'tls-ca-cert-file': write('ca.crt', authority.cert),
    },
  }
}
