// The connections of a store, wherever they end: CLIENT LIST and CLIENT KILL ask all gateways.

import { bulkReply, errorReply, integerReply, OK } from './replies.ts'

/** A connection as its gateway tells of it. */
export interface ClientFacts {
  id: number
  address: string
  localAddress: string
  user: string
  isSubscriber: boolean
  ageS: number
  /** As CLIENT LIST shows it. */
  line: string
}

export interface Clients {
  all(): Promise<ClientFacts[]>
  kill(ids: readonly number[]): Promise<void>
}

const SYNTAX = errorReply('ERR syntax error')
const TYPES = /^(normal|master|slave|replica|pubsub)$/

type Filter = (client: ClientFacts) => boolean

const isOfType = (type: string, { isSubscriber }: ClientFacts): boolean =>
  type === 'pubsub' ? isSubscriber : type === 'normal' && !isSubscriber

/** CLIENT LIST [TYPE type] [ID id…] */
export async function listClients(words: readonly string[], clients: Clients): Promise<Uint8Array> {
  const [, , option = '', ...values] = words
  let filter: Filter = () => true
  if (/^type$/i.test(option) && values.length === 1) {
    const type = values[0]!.toLowerCase()
    if (!TYPES.test(type)) return errorReply(`ERR Unknown client type '${values[0]}'`)
    filter = (client) => isOfType(type, client)
  } else if (/^id$/i.test(option) && values.length) {
    const ids = new Set(values.map(idOf))
    if (ids.has(undefined)) return errorReply('ERR Invalid client ID')
    filter = ({ id }) => ids.has(id)
  } else if (option) return SYNTAX
  const found = (await clients.all()).filter(filter).sort((a, b) => a.id - b.id)
  return bulkReply(found.map(({ line }) => `${line}\n`).join(''))
}

/** CLIENT KILL address, or CLIENT KILL filter value …; `own` is the id of who asks. */
export async function killClients(
  words: readonly string[],
  own: number,
  clients: Clients,
): Promise<Uint8Array> {
  const isOld = words.length === 3
  const filters = isOld
    ? [({ address }: ClientFacts) => address === words[2]]
    : filtersOf(words.slice(2), own)
  if (filters instanceof Uint8Array) return filters
  const found = (await clients.all()).filter((client) => filters.every((filter) => filter(client)))
  await clients.kill(found.map(({ id }) => id))
  if (!isOld) return integerReply(found.length)
  return found.length ? OK : errorReply('ERR No such client')
}

function filtersOf(words: readonly string[], own: number): Filter[] | Uint8Array {
  if (words.length % 2) return SYNTAX
  const filters: Filter[] = []
  let isSparing = true
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1]!
    switch (words[at]!.toLowerCase()) {
      case 'id': {
        const id = idOf(value)
        if (id === undefined) return errorReply('ERR client-id should be greater than 0')
        filters.push((client) => client.id === id)
        break
      }
      case 'type': {
        const type = value.toLowerCase()
        if (!TYPES.test(type)) return errorReply(`ERR Unknown client type '${value}'`)
        filters.push((client) => isOfType(type, client))
        break
      }
      case 'addr':
        filters.push(({ address }) => address === value)
        break
      case 'laddr':
        filters.push(({ localAddress }) => localAddress === value)
        break
      case 'user':
        filters.push(({ user }) => user === value)
        break
      case 'maxage': {
        const age = idOf(value)
        if (age === undefined) return errorReply('ERR maxage should be greater than 0')
        filters.push(({ ageS }) => ageS >= age)
        break
      }
      case 'skipme':
        if (!/^(yes|no)$/i.test(value)) return SYNTAX
        isSparing = /^yes$/i.test(value)
        break
      default:
        return SYNTAX
    }
  }
  if (isSparing) filters.push(({ id }) => id !== own)
  return filters
}

function idOf(text: string): number | undefined {
  return /^\d{1,16}$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}
