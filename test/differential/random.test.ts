/**
 * Random commands, the same to redis-server and to Wadi: each reply and all keys must agree.
 *
 * `SEED=…` repeats a run, `WADI_RANDOM=5000000` makes it that many commands long,
 * `WADI_FAMILY=string,bitmap` keeps to these families.
 */
import { afterAll, assert, beforeAll, describe, it } from 'vitest'
import { formatLine } from '../support/command-line.ts'
import { Random, seed } from '../support/random.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { startWadi } from '../support/wadi.ts'
import { Pair, type Sent } from './pair.ts'
import { families, randomStream } from './random/generator.ts'
import { shrink } from './shrink.ts'

const STREAM_LENGTH = 2000
const total = Number(process.env['WADI_RANDOM'] ?? 120_000)
const streams = Math.ceil(total / families.length / STREAM_LENGTH)
const missing = redisMissing()

/** One line a command; `b>` are those of the second connection, which speaks RESP3. */
const script = (stream: readonly Sent[]) =>
  stream.map(({ on, command }) => `    ${on ? 'b> ' : ''}${formatLine(command)}`).join('\n')

describe.skipIf(missing)(`random commands${missing ? `: ${missing}` : ''}`, () => {
  let pair: Pair

  beforeAll(async () => {
    // A bit offset that was drawn for a number must not make strings of hundreds of megabytes.
    const args = ['--proto-max-bulk-len', '1mb']
    pair = await Pair.start(
      () => startRedis({ args }),
      () => startWadi({ args }),
    )
  })
  afterAll(() => pair.stop())

  /** What went wrong, with the shortest script found that shows it; empty when nothing did. */
  async function check(stream: readonly Sent[], name: string): Promise<string> {
    const found = await pair.compare(stream)
    if (!found) return ''
    const fails = async (part: readonly Sent[]) => (await pair.compare(part)) !== undefined
    const short = await shrink(stream.slice(0, found.after), fails)
    const { report } = (await pair.compare(short)) ?? found
    return `${name}; ${short.length} commands are enough:
${script(short)}
${report}`
  }

  for (const family of families) {
    it(`${streams * STREAM_LENGTH} around ${family}, seed ${seed}`, { timeout: 0 }, async () => {
      for (let i = 0; i < streams; i++) {
        const random = new Random(seed + i)
        const found = await check(randomStream(random, family, STREAM_LENGTH), `stream ${i}`)
        assert(found === '', found)
      }
    })
  }
})
