/**
 * What a store of several shards does otherwise than redis-server in cluster mode, by design; docs/edge.md tells it
 * to users. Anything else is a bug.
 */
import { keyPlaces } from '../../../host/core/keys.ts'
import { shardOf, slotOf } from '../../../edge/shards/slots.ts'
import type { Accepts, Words } from '../../differential/rules.ts'
import { wordsOf } from '../../differential/rules.ts'
import type { Command, Reply } from '../../support/frames.ts'

interface Avoided {
  readonly commands: RegExp
  readonly why: string
  /** Which of these commands; all, unless told. */
  readonly when?: (command: Command, words: Words) => boolean
}

/** Not sent, since the keys would be others from then on. */
const avoided: readonly Avoided[] = [
  {
    commands: /^(mget|del|unlink|exists|touch)$/,
    why: 'the keys of these may be in several slots (shards.test.ts compares them with one object)',
    when: (command) => slotsOf(command).size > 1,
  },
  {
    commands: /^(select|move|swapdb|copy)$/,
    why: 'there are databases; a cluster has number 0 alone',
    when: (_, words) => words[0] !== 'copy' || words.includes('db'),
  },
  {
    commands: /^scan$/,
    why: 'the cursor says on which shard it is, so a walk takes four steps at least',
  },
  {
    commands: /^sort(_ro)?$/,
    why: 'GET # of SORT asks for no other key; Redis refuses it with those that do',
    when: (_, words) => words.includes('#'),
  },
  {
    commands: /^reset$/,
    why: 'who was reset has to say again who he is: a store is closed, and the server here is not',
  },
  {
    commands: /^(config|readonly|readwrite|asking|debug|latency)$/,
    why: 'what a node says of itself is not what a store of objects says',
  },
]

/** Sent, and answered otherwise. */
const accepted: readonly { readonly why: string; readonly accepts: Accepts }[] = [
  {
    why: 'a script without keys runs on the first shard; the node that it is compared with has all slots',
    accepts: ([name], _, got) =>
      name!.startsWith('eval') &&
      got.text.startsWith('ERR Script attempted to access a non local key in a cluster node'),
  },
  {
    why: 'channels that are left without being named come in the order of a table',
    accepts: ([name, ...named], expected, got) =>
      /^[ps]?unsubscribe$/.test(name!) &&
      !named.length &&
      [0, 2].every((at) => expected.items[at]?.text === got.items[at]?.text),
  },
  {
    why: 'once a watched key has changed, Redis does not look any more at what is queued: nothing is done either way',
    accepts: ([name], expected, got) =>
      name === 'exec' &&
      (expected.isNull || expected.text.startsWith('EXECABORT')) &&
      got.text.startsWith('CROSSSLOT'),
  },
]

/** Inside a transaction the shards take what one of them can do. */
const NOT_QUEUED =
  /^(client|dbsize|keys|flushall|flushdb|randomkey|script|function|info|memory|pubsub|reset|hello|auth|acl|slowlog)$/

/** Whether a command that stands behind MULTI is left out. */
export const isAvoidedInside = (command: Command): boolean => NOT_QUEUED.test(wordsOf(command)[0]!)

export function isAvoided(command: Command): boolean {
  const words = wordsOf(command)
  return avoided.some(
    ({ commands, when }) => commands.test(words[0]!) && (when?.(command, words) ?? true),
  )
}

export const accepts: Accepts = (words, expected, got) =>
  accepted.some((one) => one.accepts(words, expected, got))

/** Messages of different shards have no order among each other: those of each shard in theirs. */
export function byShard(arrived: readonly Reply[]): readonly Reply[] {
  return arrived
    .map((reply) => ({ reply, shard: shardOfMessage(reply) }))
    .sort((a, b) => a.shard - b.shard)
    .map(({ reply }) => reply)
}

/** The shard that a message comes from: that of the key, if it tells what became of one, else that of its channel. */
function shardOfMessage({ items }: Reply): number {
  const [kind, ...names] = items.map(({ text }) => text)
  if (!/^[ps]?message$/.test(kind ?? '')) return -1
  const [channel, text] = names.slice(-2) as [string, string]
  const key = channel.startsWith('__keyevent@') ? text : channel.replace(/^__keyspace@\d+__:/, '')
  return shardOf(slotOf(Buffer.from(key)), { epoch: 1, shards: 4 })
}

/** The slots of a command's keys. */
export function slotsOf(command: Command): Set<number> {
  const bytes = command.map((word) => (Buffer.isBuffer(word) ? word : Buffer.from(String(word))))
  const places = keyPlaces(bytes.map((word) => word.toString('latin1')))
  return new Set(places.map((place) => slotOf(bytes[place]!)))
}
