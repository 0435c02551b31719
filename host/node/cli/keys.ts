// --scan lists keys; --bigkeys, --memkeys and --hotkeys walk all of them and tell of the largest and the most used.

import { setTimeout as pause } from 'node:timers/promises'
import type { Frame } from '../../core/decode.ts'
import { quote } from '../config/quoting.ts'
import { isError, textOf } from './format.ts'
import type { Session } from './session.ts'

/** The server refuses what a mode needs. */
class Refused extends Error {
  override name = 'Refused'
}

async function ask(session: Session, ...args: (string | number)[]): Promise<Frame> {
  const reply = await session.ask(...args)
  if (isError(reply)) throw new Refused(textOf(reply))
  return reply
}

/** All keys, a page at a time. */
async function* pages(session: Session): AsyncGenerator<string[]> {
  const { pattern, count, db } = session.options
  let cursor = '0'
  do {
    const words: (string | number)[] = ['SCAN', cursor]
    if (pattern) words.push('MATCH', pattern)
    if (count !== undefined) words.push('COUNT', count)
    const [next, keys] = (await ask(session, ...words)).items ?? []
    if (!next || !keys?.items) throw new Refused(`unexpected reply to SCAN in database ${db}`)
    cursor = textOf(next)
    yield keys.items.map(textOf)
  } while (cursor !== '0')
}

async function guarded(session: Session, work: () => Promise<void>): Promise<number> {
  try {
    await work()
    return 0
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    session.terminal.complain(`Error: ${error.message}\n`)
    return 1
  } finally {
    session.close()
  }
}

export function scan(session: Session): Promise<number> {
  const { terminal, options } = session
  const isForPeople = options.output === 'standard'
  return guarded(session, async () => {
    for await (const keys of pages(session)) {
      terminal.print(keys.map((key) => `${isForPeople ? quote(key) : key}\n`).join(''))
      if (options.intervalMs > 0) await pause(options.intervalMs)
    }
  })
}

/** How large a value is, by its type, and in what. */
const SIZES: Record<string, { command: string; unit: string }> = {
  list: { command: 'LLEN', unit: 'items' },
  hash: { command: 'HLEN', unit: 'fields' },
  string: { command: 'STRLEN', unit: 'bytes' },
  stream: { command: 'XLEN', unit: 'entries' },
  set: { command: 'SCARD', unit: 'members' },
  zset: { command: 'ZCARD', unit: 'members' },
}

interface Total {
  count: number
  size: number
  biggest: number
  key: string
}

/** Between two pauses of --bigkeys and --hotkeys. */
const CYCLES = 100

export function bigKeys(session: Session, byMemory: boolean): Promise<number> {
  return guarded(session, async () => {
    const { terminal, options } = session
    const expected = Number(textOf(await ask(session, 'DBSIZE')))
    terminal.print(
      '\n# Scanning the entire keyspace to find biggest keys as well as\n' +
        '# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n' +
        '# per 100 SCAN commands (not usually needed).\n\n',
    )
    const totals = new Map<string, Total>()
    let sampled = 0
    let keyBytes = 0
    let cycle = 0
    for await (const keys of pages(session)) {
      const types = (await session.askAll(keys.map((key) => ['TYPE', key]))).map(textOf)
      const sizes = await session.askAll(
        keys.map((key, i) => sizeCommand(key, types[i]!, { byMemory, samples: options.samples })),
      )
      const done = progress(sampled, expected)
      for (const [i, key] of keys.entries()) {
        sampled++
        keyBytes += key.length
        const type = types[i]!
        const kind = SIZES[type]
        if (!kind) continue
        const size = Number(textOf(sizes[i]!)) || 0
        const total = totals.get(type) ?? { count: 0, size: 0, biggest: 0, key: '' }
        totals.set(type, total)
        total.count++
        total.size += size
        if (size <= total.biggest) continue
        total.biggest = size
        total.key = key
        const unit = byMemory ? 'bytes' : kind.unit
        terminal.print(
          `[${done}%] Biggest ${type.padEnd(6)} found so far '${quote(key)}' with ${size} ${unit}\n`,
        )
      }
      if (++cycle % CYCLES === 0 && options.intervalMs > 0) await pause(options.intervalMs)
    }
    terminal.print(summary({ sampled, keyBytes, totals, byMemory }))
  })
}

function sizeCommand(
  key: string,
  type: string,
  { byMemory, samples }: { byMemory: boolean; samples: number },
): (string | number)[] {
  if (!byMemory) return [SIZES[type]?.command ?? 'EXISTS', key]
  return samples ? ['MEMORY', 'USAGE', key, 'SAMPLES', samples] : ['MEMORY', 'USAGE', key]
}

/** How much of the keys is behind, in percent. */
function progress(sampled: number, expected: number): string {
  const percent = expected ? Math.min((sampled * 100) / expected, 100) : 0
  return percent.toFixed(2).padStart(5, '0')
}

function summary(all: {
  sampled: number
  keyBytes: number
  totals: ReadonlyMap<string, Total>
  byMemory: boolean
}): string {
  const { sampled, keyBytes, totals, byMemory } = all
  const average = sampled ? keyBytes / sampled : 0
  let text =
    '\n-------- summary -------\n\n' +
    `Sampled ${sampled} keys in the keyspace!\n` +
    `Total key length in bytes is ${keyBytes} (avg len ${average.toFixed(2)})\n\n`
  for (const [type, kind] of Object.entries(SIZES)) {
    const { biggest = 0, key = '' } = totals.get(type) ?? {}
    if (!biggest) continue
    const unit = byMemory ? 'bytes' : kind.unit
    text += `Biggest ${type.padStart(6)} found '${quote(key)}' has ${biggest} ${unit}\n`
  }
  text += '\n'
  for (const [type, kind] of Object.entries(SIZES)) {
    const { count = 0, size = 0 } = totals.get(type) ?? {}
    const share = sampled ? (count * 100) / sampled : 0
    const each = count ? size / count : 0
    const unit = byMemory ? 'bytes' : kind.unit
    text +=
      `${count} ${type}s with ${size} ${unit} ` +
      `(${share.toFixed(2).padStart(5, '0')}% of keys, avg size ${each.toFixed(2)})\n`
  }
  return text
}

const HOTTEST = 16

export function hotKeys(session: Session): Promise<number> {
  return guarded(session, async () => {
    const { terminal, options } = session
    const expected = Number(textOf(await ask(session, 'DBSIZE')))
    terminal.print(
      '\n# Scanning the entire keyspace to find hot keys as well as\n' +
        '# average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n' +
        '# per 100 SCAN commands (not usually needed).\n\n',
    )
    let hottest: { key: string; count: number }[] = []
    let sampled = 0
    let cycle = 0
    for await (const keys of pages(session)) {
      const replies = await session.askAll(keys.map((key) => ['OBJECT', 'FREQ', key]))
      const done = progress(sampled, expected)
      for (const [i, key] of keys.entries()) {
        sampled++
        const reply = replies[i]!
        if (isError(reply)) throw new Refused(textOf(reply))
        const count = Number(textOf(reply)) || 0
        if (!count || count <= (hottest[HOTTEST - 1]?.count ?? 0)) continue
        hottest = [...hottest, { key, count }].sort((a, b) => b.count - a.count).slice(0, HOTTEST)
        terminal.print(`[${done}%] Hot key '${quote(key)}' found so far with counter ${count}\n`)
      }
      if (++cycle % CYCLES === 0 && options.intervalMs > 0) await pause(options.intervalMs)
    }
    terminal.print(
      `\n-------- summary -------\n\nSampled ${sampled} keys in the keyspace!\n` +
        hottest
          .map(({ key, count }) => `hot key found with counter: ${count}\tkeyname: ${quote(key)}\n`)
          .join(''),
    )
  })
}
