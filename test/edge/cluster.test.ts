/**
 * A store of four shards and redis-server in cluster mode are asked the same: random commands in pipelines, whose replies
 * and keys must agree, and talks of several connections, step by step.
 *
 * `SEED=…` repeats a run, `WADI_CLUSTER=500000` makes it that many commands long, `WADI_FAMILY=string,list` keeps to
 * these families; `WADI_CLUSTER_TALKS=500` has so many talks.
 */
import { afterAll, assert, beforeAll, describe, it } from 'vitest'
import { Pair, type Sent } from '../differential/pair.ts'
import { families } from '../differential/random/generator.ts'
import { compareRuns, Subject } from '../differential/script.ts'
import { shrink } from '../differential/shrink.ts'
import { slotsOf } from '../../edge/shards/slots.ts'
import { formatLine } from '../support/command-line.ts'
import type { TestServer } from '../support/process.ts'
import { Random, seed } from '../support/random.ts'
import type { Connection } from '../support/resp.ts'
import { redisMissing } from '../support/redis.ts'
import { bridge } from './support/bridge.ts'
import { startCluster } from './support/cluster.ts'
import { accepts, byShard } from './support/cluster-differences.ts'
import { noClusterTalk, scriptTalks } from './support/cluster-scripts.ts'
import { clusterStream, isFair } from './support/cluster-streams.ts'
import { clusterTalk, isFairTalk } from './support/cluster-talks.ts'
import { World } from './support/world.ts'

const STREAM_LENGTH = 200
const total = Number(process.env['WADI_CLUSTER'] ?? STREAM_LENGTH * families.length)
const rounds = Math.ceil(total / families.length / STREAM_LENGTH)
const talks = Number(process.env['WADI_CLUSTER_TALKS'] ?? 5)
const missing = redisMissing()

let world: World

beforeAll(async () => {
  world = await World.start({ bindings: { WADI_SHARDS: '4' } })
  // A bit offset that was drawn for a number must not make strings of hundreds of megabytes.
  await world.post('/db/streams', ['CONFIG', 'SET', 'proto-max-bulk-len', '1mb'])
})
afterAll(() => world.stop())

describe.skipIf(missing)(`a cluster${missing ? `: ${missing}` : ''}`, () => {
  describe('random commands', () => {
    let pair: Pair

    beforeAll(async () => {
      pair = await Pair.start(
        () => startCluster(),
        () => bridge(world, '/db/streams/ws'),
        { databases: 1, accepts },
      )
    })
    afterAll(() => pair.stop())

    /** What went wrong, with the shortest stream found that shows it; empty when nothing did. */
    async function check(stream: readonly Sent[], name: string): Promise<string> {
      const found = await pair.compare(stream)
      if (!found) return ''
      const fails = async (part: readonly Sent[]) =>
        isFair(part) && (await pair.compare(part)) !== undefined
      const short = await shrink(stream.slice(0, found.after), fails)
      const { report } = (await pair.compare(short)) ?? found
      return `${name}; ${short.length} commands are enough:\n${script(short)}\n${report}`
    }

    for (const family of families) {
      it(`${rounds * STREAM_LENGTH} around ${family}, seed ${seed}`, { timeout: 0 }, async () => {
        for (let i = 0; i < rounds; i++) {
          const stream = clusterStream(new Random(seed + i), family, STREAM_LENGTH)
          const found = await check(stream, `stream ${i}`)
          assert(found === '', found)
        }
      })
    }
  })
})

describe.skipIf(missing)(`connections${missing ? `: ${missing}` : ''}`, () => {
  let servers: TestServer[]
  let subjects: Subject[]

  beforeAll(async () => {
    servers = [await startCluster(), await bridge(world, '/db/talks/ws')]
    const options = { databases: 1, look: blockedClients }
    subjects = await Promise.all(servers.map(({ port }) => Subject.connect(port, options)))
  })
  afterAll(async () => {
    for (const subject of subjects) subject.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  /** What differs, a paragraph each. */
  async function compare(talk: readonly string[], protocol: 2 | 3): Promise<string[]> {
    const [reference, subject] = subjects
    const expected = await reference!.run(talk, protocol)
    return compareRuns(expected, await subject!.run(talk, protocol, expected), accepts, byShard)
  }

  it.each([2, 3] as const)(
    `${talks} random talks of several, in RESP%i, seed ${seed}`,
    { timeout: 0 },
    async (protocol) => {
      for (let i = 0; i < talks; i++) {
        const talk = clusterTalk(new Random(seed + i), protocol)
        const found = await compare(talk, protocol)
        if (!found.length) continue
        const fails = async (part: readonly string[]) =>
          isFairTalk(part) && (await compare(part, protocol)).length > 0
        const short = await shrink(talk, fails)
        const report = (await compare(short, protocol)).join('\n') || found.join('\n')
        assert.fail(`talk ${i}:\n${short.join('\n')}\n${report}`)
      }
    },
  )
})

/** How many wait: the others are told apart by what arrives. */
async function blockedClients(control: Connection): Promise<string> {
  const { text } = await control.call('INFO', 'clients')
  return /blocked_clients:\d+/.exec(text)![0]
}

describe.skipIf(missing)(`a node with some of the slots${missing ? `: ${missing}` : ''}`, () => {
  let servers: TestServer[]
  let subjects: Subject[]

  beforeAll(async () => {
    const [first, last] = slotsOf(0, 4)
    servers = [await startCluster(first, last), await bridge(world, '/db/scripts/ws')]
    subjects = await Promise.all(servers.map(({ port }) => Subject.connect(port, { databases: 1 })))
  })
  afterAll(async () => {
    for (const subject of subjects) subject.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  it.each([...scriptTalks, ['that is not for clusters', noClusterTalk] as const])(
    '%s',
    async (_, commands) => {
      const [reference, subject] = subjects
      const expected = await reference!.run(commands, 2)
      const found = compareRuns(expected, await subject!.run(commands, 2, expected), accepts)
      assert(found.length === 0, found.join('\n'))
    },
  )
})

/** One line a command; `b>` are those of the second connection, which speaks RESP3. */
function script(stream: readonly Sent[]): string {
  return stream.map(({ on, command }) => `    ${on ? 'b> ' : ''}${formatLine(command)}`).join('\n')
}
