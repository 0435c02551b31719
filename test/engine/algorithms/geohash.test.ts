import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'
import { besideRedis } from '../../support/beside-redis.ts'
import { redisMissing } from '../../support/redis.ts'

interface Exports {
  arena(): number
  encode(longitude: number, latitude: number): bigint
  decode(bits: bigint): void
  longitude(): number
  latitude(): number
  isOnMap(longitude: number, latitude: number): number
  ofScore(score: number): bigint
  distance(lon1: number, lat1: number, lon2: number, lat2: number): number
  format(bits: bigint, dst: number): void
  formatDistance(distance: number, dst: number): number
  circle(longitude: number, latitude: number, radius: number, unit: number): number
  box(longitude: number, latitude: number, width: number, height: number, unit: number): number
  from(index: number): number
  upTo(index: number): number
  has(longitude: number, latitude: number): number
  found(): number
}

let engine: Instance<Exports>
let arena: number
let geo: Exports

beforeAll(async () => {
  engine = await load<Exports>(new URL('./geohash.as.ts', import.meta.url))
  geo = engine.exports
  arena = geo.arena()
})

const text = (bits: bigint) => {
  geo.format(bits, arena)
  return engine.read(arena, 11).toString()
}

const PALERMO = [13.361389, 38.115556] as const
const CATANIA = [15.087269, 37.502669] as const

test('places have the scores, texts and distances of the Redis documentation', () => {
  expect(geo.encode(...PALERMO)).toBe(3479099956230698n)
  expect(geo.encode(...CATANIA)).toBe(3479447370796909n)
  expect(text(geo.encode(...PALERMO))).toBe('sqc8b49rny0')
  expect(text(geo.encode(...CATANIA))).toBe('sqdtr74hyu0')
})

test('the map ends at 180 degrees east and west and 85.05112878 degrees north and south', () => {
  expect(geo.isOnMap(180, 85.05112878)).toBe(1)
  expect(geo.isOnMap(-180, -85.05112878)).toBe(1)
  expect(geo.isOnMap(180.0001, 0)).toBe(0)
  expect(geo.isOnMap(0, -85.0511288)).toBe(0)
  expect(geo.isOnMap(NaN, 0)).toBe(0)
  expect(geo.isOnMap(0, NaN)).toBe(0)
})

test.each([
  [3.9, 3n],
  [-1, -1n],
  [2 ** 63, -(2n ** 63n)],
  [2 ** 63 + 2048, -(2n ** 63n) + 2048n],
  [2 ** 64, 0n],
  [Infinity, 0n],
  [-Infinity, -(2n ** 63n)],
  [NaN, -(2n ** 63n)],
])('a score of %d is the cell %d', (score, cell) => {
  expect(geo.ofScore(score)).toBe(cell)
})

describe.skipIf(redisMissing())('beside redis-server', () => {
  const redis = besideRedis()

  beforeEach(async () => {
    await redis.call('FLUSHALL')
  })

  type Place = [longitude: number, latitude: number]

  /** Places all over the map, or close to each other, the edges included. */
  function places(random: Random, count: number, spread: number, around: Place): Place[] {
    const within = (middle: number, limit: number) => {
      const value = middle + (random.u32() / 2 ** 31 - 1) * spread
      return Math.max(-limit, Math.min(limit, value))
    }
    return Array.from({ length: count }, () => [within(around[0], 180), within(around[1], 85.05)])
  }

  const anywhere = (random: Random): Place =>
    random.pick<Place>([
      [random.between(-180, 180), random.between(-85, 85)],
      [random.u32() / 2 ** 31, random.u32() / 2 ** 31],
      [180, 0],
      [-180, 85.05112878],
      [0, -85.05112878],
    ])

  const add = (all: Place[]) =>
    redis.exchange(all.map(([lon, lat], i) => ['GEOADD', 'g', lon, lat, `m${i}`]))

  /** The cell as a score keeps it: at 180 degrees east it has a bit more than a double. */
  const cellOf = (place: Place) => geo.ofScore(Number(geo.encode(...place)))

  const stored = (place: Place): Place => {
    geo.decode(cellOf(place))
    return [geo.longitude(), geo.latitude()]
  }

  test(`scores, texts and positions are the same (seed ${seed})`, async () => {
    const random = new Random()
    const all = [
      ...places(random, 3000, 180, [0, 0]),
      ...Array.from({ length: 50 }, () => anywhere(random)),
    ]
    await add(all)
    const replies = await redis.exchange(
      all.flatMap((_, i) => [
        ['ZSCORE', 'g', `m${i}`],
        ['GEOHASH', 'g', `m${i}`],
        ['GEOPOS', 'g', `m${i}`],
      ]),
    )
    for (const [i, place] of all.entries()) {
      const [score, hash, position] = replies.slice(3 * i, 3 * i + 3)
      const cell = cellOf(place)
      expect(String(cell)).toBe(score!.text)
      expect(text(cell)).toBe(hash!.items[0]!.text)
      const [longitude, latitude] = position!.items[0]!.items.map((item) => Number(item.text))
      const ours = stored(place)
      expect(ours[0]).toBeCloseTo(longitude!, 15)
      expect(ours[1]).toBeCloseTo(latitude!, 15)
    }
  })

  test(`distances are the same to the last digit that is printed (seed ${seed})`, async () => {
    const random = new Random()
    for (const spread of [180, 5, 0.01, 1e-5]) {
      const all = places(random, 500, spread, anywhere(random))
      await add(all)
      const pairs = Array.from(
        { length: 1000 },
        () => [random.below(500), random.below(500)] as const,
      )
      const replies = await redis.exchange(
        pairs.map(([a, b]) => ['GEODIST', 'g', `m${a}`, `m${b}`]),
      )
      for (const [i, [a, b]] of pairs.entries()) {
        const distance = geo.distance(...stored(all[a]!), ...stored(all[b]!))
        const length = geo.formatDistance(distance, arena)
        expect(engine.read(arena, length).toString()).toBe(replies[i]!.text)
      }
    }
  })

  test(`stored distances have nearly all their 17 digits in common (seed ${seed})`, async () => {
    const random = new Random()
    const all = places(random, 2000, 180, [0, 0])
    await add(all)
    const [lon, lat] = [random.between(-180, 180), random.between(-85, 85)]
    const search = ['FROMLONLAT', lon, lat, 'BYRADIUS', 30000000, 'm', 'STOREDIST']
    await redis.call('GEOSEARCHSTORE', 'd', 'g', ...search)
    const scores = await redis.exchange(all.map((_, i) => ['ZSCORE', 'd', `m${i}`]))
    const different = all.filter(
      (place, i) => geo.distance(lon, lat, ...stored(place)) !== Number(scores[i]!.text),
    )
    expect(different.length).toBeLessThan(40)
  })

  /** The members that a search finds, in the order in which it comes upon them. */
  function search(ranges: number, all: Place[]): string[] {
    const members = all.map((place, i) => ({
      score: Number(geo.encode(...place)),
      name: `m${i}`,
      place,
    }))
    members.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1))
    const found: string[] = []
    for (let range = 0; range < ranges; range++) {
      for (const { score, name, place } of members) {
        if (score < geo.from(range) || score >= geo.upTo(range)) continue
        if (geo.has(...stored(place))) found.push(name)
      }
    }
    return found
  }

  test(`a search finds the same members in the same order (seed ${seed})`, async () => {
    const random = new Random()
    for (let round = 0; round < 60; round++) {
      await redis.call('DEL', 'g')
      const middle = anywhere(random)
      const spread = random.pick([180, 20, 1, 0.01])
      const all = places(random, 100, spread, middle)
      await add(all)
      for (let i = 0; i < 20; i++) {
        const [lon, lat] = random.once(2) ? middle : all[random.below(100)]!
        const size = () => (random.u32() / 2 ** 32) * spread * random.pick([10, 100, 300])
        const from = ['FROMLONLAT', lon, lat] as const
        const radius = size()
        const circle = await redis.call('GEOSEARCH', 'g', ...from, 'BYRADIUS', radius, 'km')
        expect([lon, lat, radius, ...search(geo.circle(lon, lat, radius, 1000), all)]).toEqual([
          lon,
          lat,
          radius,
          ...circle.items.map((item) => item.text),
        ])
        const [width, height] = [size(), size()]
        const box = await redis.call('GEOSEARCH', 'g', ...from, 'BYBOX', width, height, 'mi')
        const ranges = geo.box(lon, lat, width, height, 1609.34)
        expect([lon, lat, width, height, ...search(ranges, all)]).toEqual([
          lon,
          lat,
          width,
          height,
          ...box.items.map((item) => item.text),
        ])
      }
    }
  })
})
