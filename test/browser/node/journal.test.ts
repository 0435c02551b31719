/** What a store keeps, over storage that fails: without a browser, with the faults put in. */
import { describe, expect, test } from 'vitest'
import {
  StaleOwnerError,
  StorageError,
  StorageFullError,
  StoreDamagedError,
  StoreVersionError,
} from '../../../host/browser/errors.ts'
import { MANIFEST, readManifest } from '../../../host/browser/journal/manifest.ts'
import { type Codec, NEWEST_FORMAT, readRecord } from '../../../host/browser/journal/record.ts'
import { Random, seed } from '../../support/random.ts'
import { FaultyStorage, MemoryRecords, type Opened, openKeeper } from './workshop.ts'

/** Everything in the first databases, as text. */
function contents({ keeper: { db } }: Opened): string {
  const lines: string[] = []
  for (let index = 0; index < 3; index++) {
    db.call('SELECT', index)
    const keys = (db.call('KEYS', '*') as string[]).sort()
    for (const key of keys) lines.push(`${index} ${key} ${JSON.stringify(db.call('DUMP', key))}`)
  }
  db.call('SELECT', 0)
  return lines.join('\n')
}

const names = (records: MemoryRecords, start: string): string[] =>
  [...records.records.keys()].filter((name) => name.startsWith(start)).sort()

describe('a journal', () => {
  test('finds again what was written, in every database', async () => {
    const records = new MemoryRecords()
    const first = await openKeeper(records)
    const { db } = first.keeper
    db.call('SET', 'a', '1')
    db.call('SELECT', 2)
    db.call('RPUSH', 'list', 'x', 'y')
    db.call('SELECT', 0)
    db.call('SET', 'gone', '1')
    db.call('DEL', 'gone')
    await first.keeper.flush()
    const before = contents(first)
    first.keeper.abandon()
    expect(contents(await openKeeper(records))).toBe(before)
  })

  test('goes on from what the last owner wrote', async () => {
    const records = new MemoryRecords()
    for (let i = 0; i < 5; i++) {
      const { keeper } = await openKeeper(records)
      expect(keeper.db.call('INCR', 'n')).toBe(i + 1)
      await keeper.close()
    }
  })

  test('puts small records together', async () => {
    const records = new MemoryRecords()
    const first = await openKeeper(records)
    for (let i = 0; i < 500; i++) {
      first.keeper.db.call('SET', `k${i}`, i)
      await first.keeper.flush()
    }
    expect(names(records, 'log-').length).toBeLessThan(50)
    const before = contents(first)
    first.keeper.abandon()
    expect(contents(await openKeeper(records))).toBe(before)
  })

  test('replaces a log that outgrew the dataset by a snapshot', async () => {
    const records = new MemoryRecords()
    const first = await openKeeper(records)
    const big = 'x'.repeat(100_000)
    for (let i = 0; i < 40; i++) {
      first.keeper.db.call('SET', 'big', `${i}${big}`)
      await first.keeper.flush()
    }
    const size = (): number =>
      [...records.records.values()].reduce((sum, { length }) => sum + length, 0)
    expect(size()).toBeGreaterThan(4_000_000)
    while (size() > 1_000_000) await new Promise(setImmediate) // once nobody writes
    await first.keeper.close()
    expect(names(records, 'snap-').length).toBeGreaterThan(0)
    expect((await openKeeper(records)).keeper.db.call('GET', 'big')).toBe(`39${big}`)
  })

  test('takes a snapshot of one moment while commands go on', async () => {
    const records = new MemoryRecords()
    const first = await openKeeper(records)
    const { db } = first.keeper
    for (let i = 0; i < 20_000; i++) db.call('SET', `key:${i}`, `value of ${i}`)
    await first.keeper.flush()
    const compacting = first.keeper.journal!.compact()
    for (let i = 0; i < 500; i++) {
      db.call('INCRBY', 'counter', 1)
      db.call('APPEND', `key:${i * 37}`, '+')
      await new Promise(setImmediate)
    }
    await compacting
    await first.keeper.flush()
    const before = contents(first)
    first.keeper.abandon()
    expect(contents(await openKeeper(records))).toBe(before)
  })

  test('tells when there is no room, refuses writes, and goes on when there is', async () => {
    const records = new MemoryRecords()
    const { keeper, storage, events } = await openKeeper(records)
    storage.fault = () => new StorageFullError('full')
    keeper.db.call('SET', 'a', '1')
    await expect(keeper.flush()).rejects.toThrow(StorageFullError)
    expect(events[0]![0]).toBe('quota')
    expect(() => keeper.db.call('SET', 'b', '1')).toThrow('MISCONF')
    expect(keeper.db.call('GET', 'a')).toBe('1')
    storage.fault = undefined
    await keeper.flush()
    expect(keeper.db.call('SET', 'b', '2')).toBe('OK')
    await keeper.close()
    const again = await openKeeper(records)
    expect(again.keeper.db.call('MGET', 'a', 'b')).toEqual(['1', '2'])
  })

  test('writes nothing once another owner has taken over', async () => {
    const records = new MemoryRecords()
    const old = await openKeeper(records)
    old.keeper.db.call('SET', 'a', 'old')
    await old.keeper.flush()
    const fresh = await openKeeper(records)
    fresh.keeper.db.call('SET', 'a', 'new')
    await fresh.keeper.flush()
    old.keeper.db.call('SET', 'a', 'late')
    await expect(old.keeper.flush()).rejects.toThrow('a newer owner')
    expect(old.isStale()).toBe(true)
    fresh.keeper.abandon()
    expect((await openKeeper(records)).keeper.db.call('GET', 'a')).toBe('new')
  })

  test('begins no new store for one that was robbed while it claimed', async () => {
    const records = new MemoryRecords()
    await expect(openKeeper(records, { isOwner: () => false })).rejects.toThrow(StaleOwnerError)
    expect(records.records.size).toBe(0)
  })

  test('says nothing of what was under way when it ended', async () => {
    const { keeper, storage, events } = await openKeeper()
    const gate = Promise.withResolvers<void>()
    storage.gate = gate.promise
    keeper.db.call('SET', 'a', '1')
    const flushed = keeper.flush().catch((error: Error) => error.message)
    storage.fault = () => new StorageError('the storage is closed')
    await new Promise(setImmediate)
    keeper.abandon()
    gate.resolve()
    expect(await flushed).toBe('the storage is closed')
    expect(events).toEqual([])
  })

  test('lets an owner of yesterday add nothing, whether or not it looks at the epoch', async () => {
    const records = new MemoryRecords()
    const old = await openKeeper(records)
    old.keeper.db.call('SET', 'a', 'old')
    await old.keeper.flush()
    // Claimed, and not marked yet: what the old owner adds in between is read by the new one.
    const storage = new FaultyStorage(records)
    const { names: list } = storage
    let isFirst = true
    storage.names = async (from, to) => {
      const found = await list.call(storage, from, to)
      if (!isFirst || from.startsWith('snap')) return found
      isFirst = false
      old.keeper.db.call('SET', 'b', 'in between')
      await old.keeper.flush()
      return found
    }
    const fresh = await openKeeper(records, {}, storage)
    expect(fresh.keeper.db.call('MGET', 'a', 'b')).toEqual(['old', 'in between'])
    old.keeper.db.call('SET', 'c', 'late')
    await expect(old.keeper.flush()).rejects.toThrow('a newer owner')
    expect(old.isStale()).toBe(true)
    fresh.keeper.abandon()
    const last = await openKeeper(records)
    expect(last.keeper.db.call('MGET', 'a', 'b', 'c')).toEqual(['old', 'in between', null])
  })

  test('keeps the fence when all of the log went into a snapshot', async () => {
    const records = new MemoryRecords()
    const old = await openKeeper(records)
    for (let i = 0; i < 100; i++) {
      old.keeper.db.call('SET', 'a', i)
      await old.keeper.flush()
    }
    await old.keeper.journal!.compact()
    expect(names(records, 'log-')).toEqual([])
    const fresh = await openKeeper(records)
    old.keeper.db.call('SET', 'a', 'late')
    await expect(old.keeper.flush()).rejects.toThrow('a newer owner')
    fresh.keeper.db.call('SET', 'b', '1')
    await fresh.keeper.flush()
    fresh.keeper.abandon()
    expect((await openKeeper(records)).keeper.db.call('MGET', 'a', 'b')).toEqual(['99', '1'])
  })

  test('opens fast after many small commits', async () => {
    const records = new MemoryRecords()
    const first = await openKeeper(records)
    for (let i = 0; i < 20_000; i++) {
      first.keeper.db.call('SET', `k${i}`, 'x'.repeat(100))
      await first.keeper.flush()
      if (i % 1000 === 0) expect(names(records, 'log-').length).toBeLessThan(512)
    }
    first.keeper.abandon()
    expect(names(records, 'log-').length).toBeLessThan(200)
    expect((await openKeeper(records)).keeper.db.call('DBSIZE')).toBe(20_000)
  })

  test('selects the database of a large batch right behind a snapshot', async () => {
    const records = new MemoryRecords()
    const { keeper } = await openKeeper(records)
    keeper.db.call('SELECT', 2)
    keeper.db.call('SET', 'a', '1')
    await keeper.journal!.compact()
    keeper.db.call('SET', 'big', 'x'.repeat(200_000))
    await keeper.flush()
    keeper.abandon()
    const again = await openKeeper(records)
    again.keeper.db.call('SELECT', 2)
    expect(again.keeper.db.call('STRLEN', 'big')).toBe(200_000)
  })

  test('takes a commit for done that was reported as failed', async () => {
    const records = new MemoryRecords()
    const { keeper, storage, isStale } = await openKeeper(records)
    const { commit } = storage
    storage.commit = async (...args) => {
      await commit.apply(storage, args)
      storage.commit = commit
      throw new StorageFullError('who knows')
    }
    keeper.db.call('SET', 'a', '1')
    await expect(keeper.flush()).rejects.toThrow('who knows')
    await keeper.flush()
    expect(isStale()).toBe(false)
    keeper.db.call('SET', 'b', '2')
    await keeper.close()
    expect((await openKeeper(records)).keeper.db.call('MGET', 'a', 'b')).toEqual(['1', '2'])
  })

  test('does not refuse writes when only a snapshot has no room', async () => {
    const records = new MemoryRecords()
    const { keeper, storage, events } = await openKeeper(records)
    storage.fault = ({ put }) =>
      put.some(([name]) => name.startsWith('snap')) ? new StorageFullError('full') : undefined
    const big = 'x'.repeat(100_000)
    for (let i = 0; i < 30; i++) {
      keeper.db.call('SET', 'big', `${i}${big}`)
      await keeper.flush()
    }
    while (!events.length) await new Promise(setImmediate)
    expect(events).toEqual([['quota', expect.any(StorageFullError)]])
    expect(keeper.db.call('SET', 'a', '1')).toBe('OK')
    await keeper.close()
  })

  test('holds answers back until the disk has what they tell of', async () => {
    const { keeper, storage } = await openKeeper(new MemoryRecords(), { isGated: true })
    const { db } = keeper
    let open!: () => void
    storage.gate = new Promise((resolve) => (open = resolve))
    const answer = db.main.wait('SET', 'a', '1')
    let isAnswered = false
    void answer.then(() => (isAnswered = true))
    for (let i = 0; i < 10; i++) await new Promise(setImmediate)
    expect(isAnswered).toBe(false)
    open()
    expect(await answer).toBe('OK')
  })
})

describe('what is damaged', () => {
  async function written(): Promise<MemoryRecords> {
    const records = new MemoryRecords()
    const { keeper } = await openKeeper(records)
    const random = new Random(1)
    const noise = (): string => String.fromCharCode(...random.bytes(1000).map((byte) => byte & 127))
    for (let i = 0; i < 3000; i++) keeper.db.call('SET', `old:${i}`, noise())
    await keeper.journal!.compact()
    for (let i = 0; i < 5; i++) {
      keeper.db.call('SET', `new:${i}`, 'y'.repeat(100_000))
      await keeper.flush()
    }
    await keeper.close()
    return records
  }

  function damage(records: MemoryRecords, name: string, at = 50): void {
    const bytes = records.records.get(name)!.slice()
    bytes[at]! ^= 0x40
    records.records.set(name, bytes)
  }

  test.each([
    ['a record of the log', 'log-', 3, 3004],
    ['a record of the snapshot', 'snap-', 1, 50],
  ])('%s is named, and the rest can be saved', async (_, start, index, least) => {
    const records = await written()
    const name = names(records, start)[index]!
    damage(records, name)
    const error = await openKeeper(records).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StoreDamagedError)
    const { record, reason, saved } = error as StoreDamagedError
    expect([record, reason]).toEqual([name, 'its checksum is wrong'])
    const copy = await openKeeper()
    await copy.keeper.import(saved)
    const found = copy.keeper.db.call('DBSIZE') as number
    expect(found).toBeGreaterThanOrEqual(least)
    expect(found).toBeLessThan(3005)

    const opened = await openKeeper(records, { recover: true })
    expect(opened.events).toEqual([['warning', expect.objectContaining({ code: 'damaged' })]])
    expect(opened.keeper.db.call('DBSIZE')).toBe(found)
    await opened.keeper.close()
    expect((await openKeeper(records)).keeper.db.call('DBSIZE')).toBe(found)
  })

  test('the manifest can be found again from the records', async () => {
    const records = await written()
    damage(records, MANIFEST, 30)
    await expect(openKeeper(records)).rejects.toThrow(StoreDamagedError)
    const { keeper } = await openKeeper(records, { recover: true })
    expect(keeper.db.call('DBSIZE')).toBe(3005)
  })

  test('a record that is missing is damage', async () => {
    const records = await written()
    records.records.delete(names(records, 'snap-')[0]!)
    await expect(openKeeper(records)).rejects.toThrow('it is missing')
  })
})

describe('formats', () => {
  const formats = (records: MemoryRecords): Set<number> =>
    new Set([...records.records.values()].map((bytes) => readRecord(bytes).format))

  test.each([1, 2])('%i is written while an older tab is open, and read again', async (older) => {
    const records = new MemoryRecords()
    const first = await openKeeper(records)
    first.keeper.db.call('SET', 'a', '1')
    await first.keeper.journal!.writeFormat(older)
    first.keeper.db.call('SET', 'b', '2')
    await first.keeper.close()
    expect(formats(records)).toEqual(new Set([older]))
    const again = await openKeeper(records)
    expect(again.keeper.db.call('MGET', 'a', 'b')).toEqual(['1', '2'])
    again.keeper.db.call('SET', 'c', '3')
    await again.keeper.flush()
    expect(formats(records)).toEqual(new Set([older]))
    await again.keeper.journal!.writeFormat(NEWEST_FORMAT)
    await again.keeper.close()
    expect(formats(records)).toEqual(new Set([NEWEST_FORMAT]))
    const last = await openKeeper(records)
    expect(last.keeper.db.call('MGET', 'a', 'b', 'c')).toEqual(['1', '2', '3'])
  })

  test.each([
    [NEWEST_FORMAT, 2],
    [2, NEWEST_FORMAT],
  ])(
    'the log keeps the older of two until the manifest has changed (%i to %i)',
    async (from, to) => {
      const records = new MemoryRecords()
      const { keeper, storage } = await openKeeper(records)
      await keeper.journal!.writeFormat(from)
      keeper.db.call('SET', 'a', '1')
      await keeper.flush()
      storage.fault = ({ put }) =>
        put.some(([name]) => name === MANIFEST) ? new StorageFullError('full') : undefined
      await expect(keeper.journal!.writeFormat(to)).rejects.toThrow('full')
      keeper.db.call('SET', 'b', '2')
      await keeper.flush()
      const last = names(records, 'log-').at(-1) ?? ''
      expect(readRecord(records.records.get(last)!).format).toBe(Math.min(from, to))
      keeper.abandon()
      const again = await openKeeper(records)
      expect(again.keeper.db.call('MGET', 'a', 'b')).toEqual(['1', '2'])
    },
  )

  test('a newer one is refused by name', async () => {
    const records = new MemoryRecords()
    await (await openKeeper(records)).keeper.close()
    const manifest = records.records.get(MANIFEST)!.slice()
    manifest[3] = 57
    records.records.set(MANIFEST, manifest)
    await expect(openKeeper(records)).rejects.toThrow(StoreVersionError)
  })
})

describe('a codec', () => {
  async function aesGcm(): Promise<Codec> {
    const { subtle } = globalThis.crypto
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ])
    return {
      name: 'aes-gcm',
      async encode(plain) {
        const iv = globalThis.crypto.getRandomValues(new Uint8Array(12))
        const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, key, plain as BufferSource)
        const bytes = new Uint8Array(12 + sealed.byteLength)
        bytes.set(iv)
        bytes.set(new Uint8Array(sealed), 12)
        return bytes
      },
      async decode(payload) {
        const iv = payload.slice(0, 12)
        const sealed = payload.slice(12)
        return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed))
      },
    }
  }

  test('encrypts all that is stored of the dataset', async () => {
    const records = new MemoryRecords()
    const codec = await aesGcm()
    const first = await openKeeper(records, { codec })
    first.keeper.db.call('SET', 'a', 'a secret of some length')
    await first.keeper.journal!.compact()
    first.keeper.db.call('SET', 'b', 'a secret of some length')
    await first.keeper.close()
    for (const bytes of records.records.values())
      expect(Buffer.from(bytes).includes('secret')).toBe(false)
    const again = await openKeeper(records, { codec })
    expect(again.keeper.db.call('GET', 'b')).toBe('a secret of some length')
  })

  test('that is another, or none, is told', async () => {
    const records = new MemoryRecords()
    const first = await openKeeper(records, { codec: await aesGcm() })
    first.keeper.db.call('SET', 'a', '1')
    await first.keeper.close()
    await expect(openKeeper(records)).rejects.toThrow('with the codec aes-gcm')
    const other = await aesGcm()
    await expect(openKeeper(records, { codec: other })).rejects.toThrow(
      'the codec aes-gcm refuses it (OperationError: The operation failed for an operation-specific reason), perhaps since its key is another',
    )
  })
})

test(`what was answered as kept is found after any crash (seed ${seed})`, async () => {
  const random = new Random(seed)
  const records = new MemoryRecords()
  const kept = new Map<string, number>()
  for (let round = 0; round < 30; round++) {
    const { keeper, storage } = await openKeeper(records)
    for (const [key, value] of kept) {
      const found = Number(keeper.db.call('GET', key))
      expect(found).toBeGreaterThanOrEqual(value)
    }
    let left = random.below(60)
    storage.fault = () => (left-- > 0 ? undefined : new StorageFullError('the tab is gone'))
    for (let i = 0; i < 40; i++) {
      const key = `k${random.below(20)}`
      let value = 0
      try {
        value = keeper.db.call('INCR', key) as number
        if (random.below(20) === 0) {
          keeper.db.call('SET', 'ballast', 'x'.repeat(random.below(400_000)))
          void keeper.journal!.compact().catch(() => undefined)
        }
        await keeper.flush()
      } catch {
        break
      }
      kept.set(key, value)
    }
    keeper.abandon()
  }
  expect(kept.size).toBeGreaterThan(0)
  expect(readManifest(records.records.get(MANIFEST)!).format).toBe(NEWEST_FORMAT)
})
