// The store that a path names.

import type { Context } from 'hono'
import { decodeSegment } from './commands.ts'
import { RequestError } from './json.ts'

/** The longest name, in bytes of UTF-8: more than that no Durable Object keeps of its name. */
const MOST_BYTES = 1024

/** Other objects of a store with several shards are called so. */
const SHARD = /\/shard\/\d+$/

const encoder = new TextEncoder()

/**
 * The name after `/db/`, or that of the store without one.
 *
 * @throws {RequestError} no store has such a name
 */
export function nameOf(c: Context): string {
  if (c.req.param('name') === undefined) return 'default'
  // Two spellings of one name would otherwise be two stores: what cannot be decoded is no name.
  const name = decodeSegment(new URL(c.req.url).pathname.split('/')[2] ?? '')
  if (encoder.encode(name).length > MOST_BYTES || SHARD.test(name))
    throw new RequestError('ERR no store has such a name')
  return name
}
