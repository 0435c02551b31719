/** A store is moved into another storage: all of it, or it is still where it was, wherever the move is cut short. */
import { expect, test } from 'vitest'
import { MANIFEST } from '../../../host/browser/journal/manifest.ts'
import { move } from '../../../host/browser/journal/move.ts'
import { MemoryRecords } from '../../../host/browser/storage/memory.ts'
import type { Changes } from '../../../host/browser/storage/storage.ts'
import { FaultyStorage, openKeeper } from './workshop.ts'

/** A store with a snapshot and a log behind it. */
async function written(): Promise<MemoryRecords> {
  const records = new MemoryRecords()
  const { keeper } = await openKeeper(records)
  for (let i = 0; i < 300; i++) keeper.db.set(`key:${i}`, 'x'.repeat(i * 50))
  await keeper.flush()
  await keeper.journal?.compact()
  for (let i = 0; i < 50; i++) {
    keeper.db.incr('n')
    await keeper.flush()
  }
  await keeper.close()
  return records
}

/** What a store answers, and that it goes on. */
async function contents(records: MemoryRecords): Promise<unknown[]> {
  const { keeper } = await openKeeper(records)
  const { db } = keeper
  const answers = [db.dbsize(), db.get('n'), String(db.get('key:299')).length]
  db.incr('n')
  await keeper.close()
  return answers
}

test('everything is there afterwards, and nothing where it was', async () => {
  const [from, to] = [await written(), new MemoryRecords()]
  await move(new FaultyStorage(from), new FaultyStorage(to))
  expect([...from.records.keys()]).toEqual([expect.stringMatching(/^log-/)])
  expect([...from.records.values()].map(({ length }) => length)).toEqual([20])
  expect(await contents(to)).toEqual([301, '50', 14950])
  expect(await contents(to)).toEqual([301, '51', 14950])
})

test('epochs go on from those of both places', async () => {
  const [from, to] = [await written(), new MemoryRecords()]
  from.epoch = 7
  await move(new FaultyStorage(from), new FaultyStorage(to))
  expect(to.epoch).toBe(9)
  await move(new FaultyStorage(to), new FaultyStorage(from))
  expect(from.epoch).toBe(11)
})

test('what was left by a move that was cut short is not mixed into it', async () => {
  const [from, to] = [await written(), await written()]
  const { keeper } = await openKeeper(to)
  keeper.db.set('left', 1)
  await keeper.close()
  to.records.delete(MANIFEST)
  await move(new FaultyStorage(from), new FaultyStorage(to))
  expect(await contents(to)).toEqual([301, '50', 14950])
})

test('an owner of yesterday adds nothing where it was', async () => {
  const from = await written()
  const sleeper = await openKeeper(from)
  await move(new FaultyStorage(from), new FaultyStorage())
  const before = [...from.records.keys()]
  sleeper.keeper.db.set('late', 1)
  await expect(sleeper.keeper.flush()).rejects.toMatchObject({ name: 'StaleOwnerError' })
  expect([...from.records.keys()]).toEqual(before)
})

test('it is whole in one of the places at whichever commit a move is cut short', async () => {
  for (let steps = 0; ; steps++) {
    const [from, to] = [await written(), new MemoryRecords()]
    let left = steps
    const fault = (): Error | undefined => (left-- > 0 ? undefined : new Error('cut short'))
    const storages = [new FaultyStorage(from), new FaultyStorage(to)] as const
    for (const storage of storages) storage.fault = fault
    const isDone = await move(...storages).then(
      () => true,
      () => false,
    )
    // The rule of find-storage.ts.
    const counts = to.records.has(MANIFEST) ? to : from
    expect(await contents(counts)).toEqual([301, '50', 14950])
    if (isDone) return expect(steps).toBeGreaterThanOrEqual(4)
  }
})

/** A storage whose user sleeps before one of its operations. */
class SleepyStorage extends FaultyStorage {
  readonly #step: () => Promise<void>

  constructor(records: MemoryRecords, step: () => Promise<void>) {
    super(records)
    this.#step = step
  }

  override claim = async (above = 0): Promise<number> => this.#then(() => super.claim(above))
  override epoch = async (): Promise<number> => this.#then(() => super.epoch())
  override names = async (from: string, to: string): Promise<string[]> =>
    this.#then(() => super.names(from, to))
  override read = async (names: readonly string[]): Promise<(Uint8Array | undefined)[]> =>
    this.#then(() => super.read(names))
  override commit = async (epoch: number, changes: Changes): Promise<void> =>
    this.#then(() => super.commit(epoch, changes))

  async #then<T>(work: () => Promise<T>): Promise<T> {
    await this.#step()
    return work()
  }
}

test('whoever sleeps anywhere in a move and was robbed meanwhile takes nothing from the next owner', async () => {
  for (let heldAt = 1; ; heldAt++) {
    const [from, to] = [await written(), new MemoryRecords()]
    let steps = 0
    let wake = (): void => undefined
    const asleep = Promise.withResolvers<boolean>()
    const step = async (): Promise<void> => {
      if (++steps !== heldAt) return
      asleep.resolve(true)
      await new Promise<void>((resolve) => (wake = resolve))
    }
    const sleeper = move(new SleepyStorage(from, step), new SleepyStorage(to, step)).then(
      () => 'done',
      (error: Error) => error.name,
    )
    if (!(await Promise.race([asleep.promise, sleeper.then(() => false)]))) {
      expect(steps).toBeGreaterThan(10)
      return
    }
    if (from.records.has(MANIFEST)) await move(new FaultyStorage(from), new FaultyStorage(to))
    expect(await contents(to)).toEqual([301, '50', 14950])
    wake()
    const how = await sleeper
    expect([heldAt, ['done', 'StaleOwnerError'].includes(how)]).toEqual([heldAt, true])
    const counts = from.records.has(MANIFEST) ? from : to
    expect([heldAt, ...(await contents(counts))]).toEqual([heldAt, 301, '51', 14950])
  }
})
