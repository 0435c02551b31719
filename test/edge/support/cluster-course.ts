/** Follows what connections do, as far as it matters for what may come next. */
import { shardOf } from '../../../edge/shards/slots.ts'
import type { Command } from '../../support/frames.ts'
import { isAvoided, isAvoidedInside, slotsOf } from './cluster-differences.ts'

interface Place {
  isInside: boolean
  /** The shard whose keys are watched. */
  watched?: number | undefined
}

/** Lets commands pass that shards can do as a cluster of one node does; the list of differences says why others not. */
export class Course {
  readonly #places = new Map<string | number, Place>()

  /** Takes a command if it is a fair one. */
  takes(on: string | number, command: Command): boolean {
    const place = this.#places.get(on) ?? { isInside: false }
    this.#places.set(on, place)
    const { isInside, watched } = place
    if (isAvoided(command) || (isInside && isAvoidedInside(command))) return false
    const name = String(command[0]).toLowerCase()
    const [shard, ...others] = [...slotsOf(command)].map((slot) =>
      shardOf(slot, { epoch: 1, shards: 4 }),
    )
    // A transaction is of one shard, and so is what it watches.
    if (watched !== undefined && shard !== undefined && (shard !== watched || others.length))
      return false
    if (name === 'watch' && !isInside) place.watched ??= shard
    // With arguments too many the others do nothing.
    if (command.length > 1 && name !== 'exec') return true
    if (name === 'multi') place.isInside = true
    const ends = isInside ? /^(exec|discard|reset)$/ : /^(unwatch|reset)$/
    if (ends.test(name) || (name === 'exec' && command.length > 1)) {
      place.isInside = false
      place.watched = undefined
    }
    return true
  }
}
