/**
 * Tabs that freeze, thaw, die and come at random moments, on a virtual clock: no acknowledged write is lost, and
 * none is done twice. More seeds by WADI_BROWSER_SEEDS.
 */
import { afterEach, expect, test, vi } from 'vitest'
import { Random, seed } from '../../support/random.ts'
import { countersOf, Simulation, SimTab } from './simulation.ts'

const SEEDS = Number(process.env['WADI_BROWSER_SEEDS'] ?? 4)
const STEPS = 25

const seeds = Array.from({ length: SEEDS }, (_, i) => seed + i)

afterEach(() => void vi.restoreAllMocks())

test.each(seeds)(
  'every write is done once, whoever owns the store (seed %i)',
  async (seed) => {
    const random = new Random(seed)
    const sim = new Simulation(random)
    vi.spyOn(Math, 'random').mockImplementation(() => random.u32() / 2 ** 32)
    let isOver = false
    const writes: Promise<void>[] = []
    const add = (): void => void writes.push(new SimTab(sim).write(() => isOver))
    const living = (): SimTab[] => sim.tabs.filter((tab) => !tab.isGone)
    add()
    add()
    for (let step = 0; step < STEPS; step++) {
      await sim.pass(random.below(900))
      const tab = living()[random.below(living().length)]!
      const choice = random.below(10)
      if (choice < 3) tab.isFrozen = true
      else if (choice < 6) for (const each of living()) each.isFrozen &&= random.once(2)
      else if (choice < 8 && living().length < 5) add()
      else if (choice === 8 && living().length > 1) tab.kill()
    }
    for (const tab of living()) tab.isFrozen = false
    const before = living().map(({ acknowledged }) => acknowledged)
    await sim.pass(15_000)
    for (const [i, { acknowledged }] of living().entries())
      expect(acknowledged).toBeGreaterThan(before[i]!)
    isOver = true
    await sim.pass(10_000)
    const counters = await countersOf(sim)
    for (const { key, acknowledged, maybe, errors, isGone } of sim.tabs) {
      expect(errors).toEqual([])
      const count = counters.get(key) ?? 0
      expect(count).toBeGreaterThanOrEqual(acknowledged)
      // What a tab had under way when it died may have been done.
      expect(count).toBeLessThanOrEqual(acknowledged + maybe + (isGone ? 1 : 0))
    }
  },
  60_000,
)

test.each([2, 5])(
  'a store that takes longer to open than an owner may be silent is opened (%i tabs)',
  async (count) => {
    const random = new Random(seed)
    const sim = new Simulation(random)
    vi.spyOn(Math, 'random').mockImplementation(() => random.u32() / 2 ** 32)
    sim.openingMs = 5000
    const tabs = Array.from({ length: count }, () => new SimTab(sim))
    let isOver = false
    const writes = tabs.map((tab) => tab.write(() => isOver))
    await sim.pass(8000)
    const [owner] = tabs
    owner!.isFrozen = true
    const before = tabs.map(({ acknowledged }) => acknowledged)
    await sim.pass(12_000)
    for (const [i, { acknowledged }] of tabs.entries()) {
      expect(before[i]).toBeGreaterThan(0)
      if (i > 0) expect(acknowledged).toBeGreaterThan(before[i]!)
    }
    isOver = true
    owner!.isFrozen = false
    await sim.pass(15_000)
    await Promise.all(writes)
    expect(tabs.flatMap(({ errors }) => errors)).toEqual([])
  },
)

test.each([
  [1500, 0],
  [4000, 1],
])('tabs that wait for a store for %i ms are told so %i times', async (openingMs, times) => {
  const random = new Random(seed)
  const sim = new Simulation(random)
  sim.openingMs = openingMs
  const tabs = [new SimTab(sim), new SimTab(sim)]
  await sim.pass(10_000)
  const told = 'is not open after 2 s: perhaps the browser waits for a tab that was stopped'
  for (const { warnings } of tabs)
    expect(warnings).toEqual(Array.from({ length: times }, () => expect.stringContaining(told)))
})

test('a watch that begins while nobody owns the store misses no change', async () => {
  const random = new Random(seed)
  const sim = new Simulation(random)
  const [owner, other] = [new SimTab(sim), new SimTab(sim)]
  await sim.pass(2000)
  const store = await other.store
  owner.kill()
  const heard: (string | null)[] = []
  store.watch('key', (key) => heard.push(key))
  store.watch('user:*', (key) => heard.push(`* ${key}`))
  const writes = [store.set('key', 1), store.set('user:1', 1)]
  await sim.pass(8000)
  await Promise.all(writes)
  expect(heard).toContain(null)
  expect(heard).toContain('* null')
})

test('an owner that never gets its store open is given up on', async () => {
  const random = new Random(seed)
  const sim = new Simulation(random)
  sim.openingMs = 1e9
  const tabs = [new SimTab(sim), new SimTab(sim)]
  await sim.pass(5000)
  sim.openingMs = 0
  let isOver = false
  const writes = tabs.map((tab) => tab.write(() => isOver))
  await sim.pass(20_000)
  expect(tabs.map(({ acknowledged }) => acknowledged > 0)).toEqual([true, true])
  isOver = true
  await sim.pass(5000)
  await Promise.all(writes)
})
