// What a worker sets, as variables and secrets of its environment.

import { type Access, openAccess, Origins, SignedTokens, Tokens } from '../host/http/index.ts'
import type { Limits } from './limits.ts'
import type { WadiObject } from './object.ts'
import type { WadiGateway } from './shards/gateway.ts'
import { type SlotMap, SLOTS } from './shards/slots.ts'

export interface WadiEnv {
  /** The objects. */
  WADI: DurableObjectNamespace<WadiObject>
  /** The objects where sockets of stores with several shards end. */
  WADI_GATEWAY?: DurableObjectNamespace<WadiGateway>
  /** Into how many shards a store is divided, fixed when it is created; 1 unless told. */
  WADI_SHARDS?: string
  /** Tokens that may read and write; several, with blanks between them, while one replaces another. */
  WADI_TOKEN?: string
  /** Tokens that may only read. */
  WADI_READONLY_TOKEN?: string
  /** Keys of 32 bytes or more that signed tokens are made with, with blanks between them: the first one signs. */
  WADI_TOKEN_KEY?: string
  /** `yes`: everybody may do everything. Without it and without tokens nobody may do anything. */
  WADI_OPEN?: string
  /** Origins whose pages may come in, with blanks between them; `*`: all. */
  WADI_ORIGINS?: string
  /** What the data of one store may take, as `maxmemory` is written: 32mb. */
  WADI_MAXMEMORY?: string
  /** What goes when that is full: `noeviction`, `allkeys-lru` … */
  WADI_MAXMEMORY_POLICY?: string
  /** The largest body of a request, and the largest frame of a WebSocket. */
  WADI_MAX_BODY?: string
  WADI_MAX_FRAME?: string
  /** Requests a second of one token, and from one address; none: no limit. */
  WADI_RATE?: string
  WADI_RATE_ADDRESS?: string
  /** Cloudflare's rate limits, asked before anything else, by address. */
  WADI_RATE_LIMITER?: { limit(options: { key: string }): Promise<{ success: boolean }> }
}

export interface Settings {
  maxMemoryBytes: number
  maxFrameBytes: number
  directives: Record<string, string>
  /** Lines of an ACL file. */
  users: string[]
  tokenKeys: string[]
  map: SlotMap
  limits: Limits
}

const UNITS: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }
const BINARY_UNITS: Record<string, number> = { k: 1 << 10, m: 1 << 20, g: 1 << 30 }

/** A setting has a value that cannot be. */
export class SettingError extends Error {
  override name = 'SettingError'
}

/** A function of the environment, which does not change while a worker runs. */
function once<T>(read: (env: WadiEnv) => T): (env: WadiEnv) => T {
  const known = new WeakMap<WadiEnv, T>()
  return (env) => {
    let value = known.get(env)
    if (value === undefined) known.set(env, (value = read(env)))
    return value
  }
}

/** @throws {SettingError} */
export const settingsOf = once(readSettings)

function readSettings(env: WadiEnv): Settings {
  return {
    maxMemoryBytes: bytesOf('WADI_MAXMEMORY', env.WADI_MAXMEMORY ?? '32mb'),
    maxFrameBytes: bytesOf('WADI_MAX_FRAME', env.WADI_MAX_FRAME ?? '16mb'),
    directives: {
      ...(env.WADI_MAXMEMORY_POLICY && { 'maxmemory-policy': env.WADI_MAXMEMORY_POLICY }),
      ...(env.WADI_TOKEN_KEY && { 'token-key': words(env.WADI_TOKEN_KEY).join(' ') }),
    },
    users: usersOf(env),
    tokenKeys: words(env.WADI_TOKEN_KEY),
    map: { epoch: 1, shards: shardsOf(env.WADI_SHARDS ?? '1') },
    limits: {
      perToken: numberOf('WADI_RATE', env.WADI_RATE ?? '0'),
      perAddress: numberOf('WADI_RATE_ADDRESS', env.WADI_RATE_ADDRESS ?? '0'),
    },
  }
}

/** @throws {SettingError} */
export const maxBodyOf = once((env) => bytesOf('WADI_MAX_BODY', env.WADI_MAX_BODY ?? '10mb'))

export const originsOf = once((env) => new Origins(words(env.WADI_ORIGINS)))

/** Who may come in. */
export const accessOf = once(readAccess)

function readAccess(env: WadiEnv): Access {
  if (env.WADI_OPEN === 'yes') return openAccess
  const tokens = new Tokens({
    default: words(env.WADI_TOKEN),
    readonly: words(env.WADI_READONLY_TOKEN),
  })
  return new SignedTokens(tokens, words(env.WADI_TOKEN_KEY))
}

const READS =
  '~* &* -@all +@read +@connection -@admin +subscribe +psubscribe +unsubscribe +punsubscribe +ping'

/** The same for AUTH: `AUTH token` is the default user's, `AUTH readonly token` that of the other. */
function usersOf(env: WadiEnv): string[] {
  if (env.WADI_OPEN === 'yes') return ['user default on nopass ~* &* +@all']
  const secrets = (tokens: string[]): string => tokens.map((token) => ` >${token}`).join('')
  return [
    `user default on resetpass${secrets(words(env.WADI_TOKEN))} ~* &* +@all`,
    `user readonly on resetpass${secrets(words(env.WADI_READONLY_TOKEN))} ${READS}`,
  ]
}

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter(Boolean)

function bytesOf(name: string, text: string): number {
  const [, count, unit = '', binary] = /^(\d+)([kmg]?)(b?)$/i.exec(text.trim()) ?? []
  if (!count) throw new SettingError(`${name} is no size: ${text}`)
  const factors = binary ? BINARY_UNITS : UNITS
  return Number(count) * (factors[unit.toLowerCase()] ?? 1)
}

function shardsOf(text: string): number {
  const shards = Number(text)
  if (Number.isInteger(shards) && shards >= 1 && shards <= SLOTS) return shards
  throw new SettingError(`WADI_SHARDS is no number of shards: ${text}`)
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (!(value >= 0)) throw new SettingError(`${name} is no number: ${text}`)
  return value
}
