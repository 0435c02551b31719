/** Random commands of all families for a cluster: most have keys of one slot, some of several. */
import { keyPlaces } from '../../../host/core/keys.ts'
import { randomCommand } from '../../differential/random/generator.ts'
import type { Sent } from '../../differential/pair.ts'
import type { Argument, Command } from '../../support/frames.ts'
import type { Random } from '../../support/random.ts'
import { Course } from './cluster-course.ts'

/** Hash tags: one for each of four shards, and a second slot on one of them. */
export const TAGS = ['a', 'b', 'c', 'd', 'f'] as const

const tagged = (tag: string, key: string): string => `{${tag}}${key}`

/** So many commands in pipelines, from two connections in turn. */
export function clusterStream(random: Random, focus: string, length: number): Sent[] {
  const stream: Sent[] = []
  const course = new Course()
  const tags: string[] = [random.pick(TAGS), random.pick(TAGS)]
  let on: 0 | 1 = 0
  let batch = 0
  while (stream.length < length) {
    if (batch-- === 0) {
      batch = random.once(4) ? random.between(1, 10) : random.between(20, 80)
      on = on ? 0 : 1
    }
    // Transactions want several commands of the same slot in a row.
    if (random.once(10)) tags[on] = random.pick(TAGS)
    const isMixed = random.once(16)
    const rename = (key: string): string => {
      if (!isMixed) return tagged(tags[on]!, key)
      return random.once(4) ? key : tagged(random.pick(TAGS), key)
    }
    const sent = { on, command: declared(randomCommand(random, focus, rename)) }
    if (course.takes(sent.on, sent.command)) stream.push(sent)
  }
  return stream
}

/** Whether shards can do all of this as a cluster of one node does: what is left out stands in the list of differences. */
export function isFair(stream: readonly Sent[]): boolean {
  const course = new Course()
  return stream.every(({ on, command }) => course.takes(on, command))
}

const textOf = (argument: Argument): string =>
  Buffer.isBuffer(argument) ? argument.toString('latin1') : String(argument)

/** A script that runs the command in its arguments says which keys that has. */
function declared(command: Command): Command {
  const [name, script, count, ...inner] = command
  if (!/^eval(_ro)?$/i.test(textOf(name!)) || count !== '0' || inner.length === 0) return command
  const keys = keyPlaces(inner.map(textOf)).map((place) => inner[place]!)
  return [name!, script!, keys.length, ...keys, ...inner]
}
