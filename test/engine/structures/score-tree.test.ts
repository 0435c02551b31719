import { beforeEach, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  alloc(size: number): number
  used(): number
  createTree(): number
  freeTree(tree: number): void
  createItem(score: number, ptr: number, len: number): number
  freeItem(item: number): void
  keyPtr(item: number): number
  keyLen(item: number): number
  scoreOf(item: number): number
  goodSize(size: number): number
  length(tree: number): number
  bytes(tree: number): number
  first(tree: number): number
  last(tree: number): number
  insert(tree: number, item: number): void
  append(tree: number, item: number): void
  remove(tree: number, item: number): void
  setScore(tree: number, item: number, score: number): void
  rankOf(tree: number, item: number): number
  seekRank(tree: number, rank: number): void
  seekScore(tree: number, score: number, after: number): number
  seekMember(tree: number, ptr: number, len: number, after: number): number
  cursorItem(): number
  cursorScore(): number
  forward(): void
  back(): void
  removeRange(tree: number, from: number, to: number): number
  release(tree: number, budget: number): number
  check(tree: number): void
}

interface Member {
  score: number
  key: Buffer
  item: number
}

const order = (a: { score: number; key: Buffer }, b: { score: number; key: Buffer }) =>
  a.score - b.score || Buffer.compare(a.key, b.key)

/** A tree beside a sorted array that should say the same. */
class Pair {
  readonly model: Member[] = []
  readonly tree: number
  #keys = new Set<string>()

  constructor(
    readonly engine: Instance<Exports>,
    readonly arena: number,
    readonly random: Random,
  ) {
    this.tree = engine.exports.createTree()
  }

  get length() {
    return this.model.length
  }

  /** The index of the first member that is not below this one. */
  place(wanted: { score: number; key: Buffer }): number {
    let low = 0
    let high = this.model.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (order(this.model[middle]!, wanted) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  newKey(): Buffer {
    for (;;) {
      const longest = this.random.once(200) ? 400 : this.random.once(3) ? 12 : 3
      const key = Buffer.from(
        this.random.text(this.random.below(longest + 1), 'aab\0\xff'),
        'latin1',
      )
      if (this.#keys.has(key.toString('latin1'))) continue
      this.#keys.add(key.toString('latin1'))
      return key
    }
  }

  insert(score: number, how: 'insert' | 'append' = 'insert'): void {
    const key = this.newKey()
    const { exports } = this.engine
    this.engine.write(this.arena, key)
    const item = exports.createItem(score, this.arena, key.length)
    const place = how === 'append' ? this.length : this.place({ score, key })
    this.model.splice(place, 0, { score, key, item })
    exports[how](this.tree, item)
  }

  remove(index: number): void {
    const [member] = this.model.splice(index, 1)
    this.#keys.delete(member!.key.toString('latin1'))
    this.engine.exports.remove(this.tree, member!.item)
    this.engine.exports.freeItem(member!.item)
  }

  setScore(index: number, score: number): void {
    const [member] = this.model.splice(index, 1)
    this.engine.exports.setScore(this.tree, member!.item, score)
    member!.score = score
    this.model.splice(this.place(member!), 0, member!)
  }

  removeRange(from: number, to: number): void {
    const gone = this.model.splice(from, to - from)
    for (const member of gone) this.#keys.delete(member.key.toString('latin1'))
    const checksum = gone.reduce((sum, { item }) => (Math.imul(sum, 31) + item) >>> 0, 0)
    expect(this.engine.exports.removeRange(this.tree, from, to) >>> 0).toBe(checksum)
  }

  /** Compares the whole order, read in both directions, and the invariants. */
  verify(): void {
    const { exports } = this.engine
    exports.check(this.tree)
    expect(exports.length(this.tree)).toBe(this.length)
    const items: number[] = []
    exports.seekRank(this.tree, 0)
    for (let item = exports.cursorItem(); item; item = exports.cursorItem()) {
      items.push(item)
      exports.forward()
    }
    expect(items).toEqual(this.model.map(({ item }) => item))
    const reversed: number[] = []
    exports.seekRank(this.tree, this.length)
    if (this.length) exports.back()
    for (let item = exports.cursorItem(); item; item = exports.cursorItem()) {
      reversed.push(item)
      exports.back()
    }
    expect(reversed).toEqual(items.toReversed())
    if (!this.length) return
    expect(exports.first(this.tree)).toBe(items[0])
    expect(exports.last(this.tree)).toBe(items.at(-1))
  }

  /** Asks for the ranks and bounds around some members. */
  probe(): void {
    const { exports } = this.engine
    if (!this.length) return
    const rank = this.random.below(this.length)
    const { item, score, key } = this.model[rank]!
    expect(exports.rankOf(this.tree, item)).toBe(rank)
    expect(exports.scoreOf(item)).toBe(score)
    exports.seekRank(this.tree, rank)
    expect(exports.cursorItem()).toBe(item)
    expect(exports.cursorScore()).toBe(score)
    const around = this.random.pick([score, score + 0.25, score - 0.25, -Infinity, Infinity])
    const notBelow = this.place({ score: around, key: Buffer.alloc(0) })
    expect(exports.seekScore(this.tree, around, 0)).toBe(notBelow)
    expect(exports.cursorItem()).toBe(this.model[notBelow]?.item ?? 0)
    let above = notBelow
    while (this.model[above]?.score === around) above++
    expect(exports.seekScore(this.tree, around, 1)).toBe(above)
    expect(exports.cursorItem()).toBe(this.model[above]?.item ?? 0)
    if (this.model[0]?.score !== this.model.at(-1)?.score) return
    const near = this.random.once(2) ? key : key.subarray(0, this.random.below(key.length + 1))
    const at = this.place({ score, key: near })
    const length = this.engine.write(this.arena, near)
    expect(exports.seekMember(this.tree, this.arena, length, 0)).toBe(at)
    expect(exports.cursorItem()).toBe(this.model[at]?.item ?? 0)
    const behind = at + (this.model[at] && Buffer.compare(this.model[at].key, near) === 0 ? 1 : 0)
    expect(exports.seekMember(this.tree, this.arena, length, 1)).toBe(behind)
  }

  free(): void {
    while (this.engine.exports.release(this.tree, 100) <= 0);
    this.engine.exports.freeTree(this.tree)
  }
}

let engine: Instance<Exports>
let arena: number
let dice: Random

beforeEach(async () => {
  engine = await load<Exports>(new URL('./score-tree.as.ts', import.meta.url))
  arena = engine.exports.alloc(1024)
  dice = new Random()
})

describe('a scored member', () => {
  for (const [length, header] of [
    [0, 9],
    [1, 9],
    [127, 9],
    [128, 12],
    [129, 12],
    [900, 12],
  ] as const) {
    test(`keeps ${length} bytes and its score`, () => {
      const key = Buffer.from(dice.bytes(length))
      engine.write(arena, key)
      const { exports } = engine
      const before = exports.used()
      const item = exports.createItem(-1.5, arena, length)
      expect(exports.used() - before).toBe(exports.goodSize(header + length))
      expect(exports.scoreOf(item)).toBe(-1.5)
      expect(engine.read(exports.keyPtr(item), exports.keyLen(item))).toEqual(key)
    })
  }
})

const scores: Record<string, (random: Random, length: number) => number> = {
  'all equal': () => 7,
  'of five values': (random) => random.below(5) - 2,
  'mostly different': (random) => random.u32() / 64,
  'with infinities and both zeros': (random) =>
    random.pick([-Infinity, Infinity, 0, -0, random.below(1000)]),
  rising: (_random, length) => length,
  falling: (_random, length) => -length,
}

describe(`a score tree (seed ${seed})`, () => {
  for (const [name, draw] of Object.entries(scores)) {
    test(`agrees with a sorted array under random changes, scores ${name}`, () => {
      const before = engine.exports.used()
      const pair = new Pair(engine, arena, dice)
      // Waves: the tree grows to thousands, shrinks to a few, and grows again.
      for (let wave = 0; wave < 4; wave++) {
        const size = dice.pick([50, 600, 6000])
        while (pair.length < size) {
          const steps = dice.below(200)
          for (let i = 0; i < steps; i++) pair.insert(draw(dice, pair.length))
          for (let i = dice.below(20); i && pair.length; i--) pair.remove(dice.below(pair.length))
          for (let i = dice.below(40); i && pair.length; i--) {
            const index = dice.below(pair.length)
            const near = pair.model[index]!.score + dice.below(3) - 1
            pair.setScore(index, dice.once(2) ? near : draw(dice, pair.length))
            pair.probe()
          }
          if (dice.once(5)) pair.verify()
        }
        pair.verify()
        const rest = dice.pick([0, 1, 30])
        while (pair.length > rest) {
          if (dice.once(3)) {
            const from = dice.below(pair.length)
            const longest = dice.pick([1, 90, 900, pair.length])
            pair.removeRange(from, Math.min(pair.length, from + dice.below(longest + 1)))
          } else {
            for (let i = dice.below(300); i && pair.length > rest; i--) {
              pair.remove(dice.pick([0, pair.length - 1, dice.below(pair.length)]))
            }
          }
          pair.probe()
          if (dice.once(5)) pair.verify()
        }
        pair.verify()
      }
      pair.free()
      expect(engine.exports.used()).toBe(before)
    })
  }

  test('is built from members in order', () => {
    const pair = new Pair(engine, arena, dice)
    for (let i = 0; i < 10000; i++) pair.insert(i, 'append')
    pair.verify()
    const perMember = engine.exports.bytes(pair.tree) / 10000
    expect(perMember).toBeLessThan(13)
  })

  test('fills its leaves when members fall in order', () => {
    const pair = new Pair(engine, arena, dice)
    for (let i = 0; i < 10000; i++) pair.insert(-i)
    pair.verify()
    expect(engine.exports.bytes(pair.tree) / 10000).toBeLessThan(13)
  })

  test('gives itself up in slices', () => {
    const before = engine.exports.used()
    const pair = new Pair(engine, arena, dice)
    for (let i = 0; i < 5000; i++) pair.insert(dice.below(100))
    let slices = 1
    let used = engine.exports.used()
    while (engine.exports.release(pair.tree, 500) <= 0) {
      expect(engine.exports.used()).toBeLessThan(used)
      used = engine.exports.used()
      slices++
    }
    expect(slices).toBeGreaterThan(8)
    engine.exports.freeTree(pair.tree)
    expect(engine.exports.used()).toBe(before)
  })
})
