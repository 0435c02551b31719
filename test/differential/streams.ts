/** Replies about streams, without what two servers cannot tell alike. */
import type { Reply } from '../support/frames.ts'

/** Fields whose values are times, and those that 7.2 has and 7.0 has not. */
const TIMES = new Set(['seen-time', 'active-time', 'idle', 'inactive'])

/**
 * A consumer in XINFO STREAM FULL that has nothing pending. 7.2 makes a consumer when it first asks, 7.0
 * when it first gets something.
 */
const isIdle = ({ items }: Reply): boolean => {
  const at = items.findIndex(({ text }) => text === 'pel-count')
  return items.some(({ text }) => text === 'seen-time') && items[at + 1]?.text === '0'
}

/** A reply of XINFO as text: names, types and values, but no times. */
export function steadyText(reply: Reply): string {
  if (!reply.isAggregate) return `${reply.type}${reply.isNull ? 'nil' : reply.text}`
  const parts: string[] = []
  for (let i = 0; i < reply.items.length; i++) {
    const name = reply.items[i]!
    if (name.isAggregate && isIdle(name)) continue
    if (TIMES.has(name.text)) {
      i++
    } else if (name.text === 'pending' && reply.items[i + 1]?.isAggregate) {
      parts.push(name.text, withoutTimes(reply.items[++i]!))
    } else {
      parts.push(steadyText(name))
    }
  }
  return `${reply.type}[${parts.join(' ')}]`
}

/** Pending entries: of [id, (consumer,) time, deliveries] all but the time. */
function withoutTimes(list: Reply): string {
  const entries = list.items.map((entry) => {
    const fields = entry.items.map(({ type, text }) => type + text)
    fields.splice(fields.length - 2, 1)
    return fields.join(':')
  })
  return `${list.type}[${entries.join(' ')}]`
}

export const sameStreamInfo = (expected: Reply, got: Reply): boolean =>
  steadyText(expected) === steadyText(got)
