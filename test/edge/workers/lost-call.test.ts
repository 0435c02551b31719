/** The request that began a batch may be ended by the runtime, and its timers with it: the others must not wait for ever. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

vi.mock('cloudflare:workers', () => ({ waitUntil: () => undefined }))
vi.stubGlobal('Cloudflare', {
  compatibilityFlags: { handle_cross_request_promise_resolution: true },
})

const { exchangeTogether } = await import('../../../edge/shared-calls.ts')
type Env = Parameters<typeof exchangeTogether>[0]

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const OK = new TextEncoder().encode('+OK\r\n')
const place = { name: 'default', map: { epoch: 1, shards: 1 }, shard: 0 }
const call = { commands: OK, caller: {} }

/** An object that answers all with OK. */
function env(): { env: Env; shared: number[] } {
  const shared: number[] = []
  const stub = {
    exchange: async () => OK,
    exchangeAll: async ({ lengths }: { lengths: number[] }) => {
      shared.push(lengths.length)
      const replies = new Uint8Array(lengths.flatMap(() => [...OK]))
      return { replies, ends: lengths.map(() => OK.length) }
    },
  }
  return { env: { WADI: { idFromName: String, get: () => stub } } as unknown as Env, shared }
}

test('a batch whose timer is gone is given up in a minute, and the next ones leave', async () => {
  const { env: world, shared } = env()
  for (let i = 0; i < 15; i++) await exchangeTogether(world, place, call)
  const gone = vi.spyOn(globalThis, 'setTimeout').mockImplementationOnce(() => 0)
  const lost = exchangeTogether(world, place, call)
  gone.mockRestore()
  const told = lost.catch((error: Error) => error.message)
  const others = [exchangeTogether(world, place, call), exchangeTogether(world, place, call)]
  await vi.advanceTimersByTimeAsync(59_000)
  expect(shared).toEqual([])
  await vi.advanceTimersByTimeAsync(1_001)
  expect(await told).toBe('ERR the store did not answer in time')
  expect(shared).toEqual([2])
  const answers = await Promise.all(others.map((other) => other.catch((error: Error) => error)))
  expect(answers).toEqual([OK, OK])
  for (let i = 0; i < 15; i++) await exchangeTogether(world, place, call)
  const later = exchangeTogether(world, place, call)
  await vi.advanceTimersByTimeAsync(0)
  expect(await later).toEqual(OK)
  expect(shared).toEqual([2, 1])
})
