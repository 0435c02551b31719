/**
 * An owner of a store in files that is held before any one of its operations, or dies there: the next one gets on
 * at once, finds all that was acknowledged, and keeps what it writes, whatever the first does when it wakes.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { OpfsStorage } from '../../../host/browser/storage/opfs.ts'
import { Disk, filesOf, setBrowser } from './files/disk.ts'
import { At, counterOf, type Task, type Word } from './files/owner.ts'

const STORE = 'held'
const WRITES = 4
/** So little that the owner's file is replaced while it writes. */
const WASTE_BYTES = 1000
const BASE = new Uint8Array([1, 2, 3])

/** The first owner, in its thread. */
class First {
  readonly #worker = new Worker(new URL('./files/owner.ts', import.meta.url))
  #shared = new Int32Array(new SharedArrayBuffer(12))
  readonly #words: Word[] = []
  #heard: (() => void) | undefined

  constructor() {
    this.#worker.on('message', (word: Word) => this.#hear(word))
    this.#worker.on('error', (error) => this.#hear(['ended', String(error)]))
  }

  start(task: Omit<Task, 'shared'>): void {
    this.#shared = new Int32Array(new SharedArrayBuffer(12))
    this.#worker.postMessage({ ...task, shared: this.#shared } satisfies Task)
  }

  #hear(word: Word): void {
    this.#words.push(word)
    this.#heard?.()
  }

  async word(): Promise<Word> {
    while (!this.#words.length) await new Promise<void>((resolve) => (this.#heard = resolve))
    return this.#words.shift()!
  }

  get acknowledged(): number {
    return Atomics.load(this.#shared, At.acknowledged)
  }

  wake(): void {
    Atomics.store(this.#shared, At.held, 0)
    Atomics.notify(this.#shared, At.held)
  }

  /** Nothing of it happens any more; what it had open is free. */
  async die(root: string): Promise<void> {
    Disk.release(root, 'first')
    Atomics.store(this.#shared, At.dead, 1)
    this.wake()
    await this.word()
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Opens the store, writes to it, and says what the counter was. */
async function openNext(root: string, name: string): Promise<[OpfsStorage, number]> {
  const storage = new OpfsStorage(STORE, new Disk(root, name), WASTE_BYTES)
  const epoch = await storage.claim()
  const [base, found] = await storage.read(['base', 'counter'])
  expect(base).toEqual(BASE)
  await storage.commit(epoch, { put: [[name, BASE]] }, 'strict')
  await storage.commit(epoch, { put: [[`${name} again`, BASE]] }, 'strict')
  return [storage, counterOf(found)]
}

const ways = ['dies', 'sleeps', 'sleeps longer than the next one lives'] as const

const browsers = [
  { isShared: true, renames: true },
  { isShared: true, renames: false },
  { isShared: false, renames: true },
]

test.each(ways.flatMap((way) => browsers.map((browser) => ({ way, ...browser }))))(
  'nothing is lost, and nobody waits, where an owner $way (shared $isShared, renames $renames)',
  async ({ way, ...browser }) => {
    setBrowser(browser)
    const seen = new Set<string>()
    const first = new First()
    for (let heldAt = 1; ; heldAt++) {
      const root = mkdtempSync(join(tmpdir(), 'wadi-files-'))
      const before = new OpfsStorage(STORE, new Disk(root, 'before'))
      await before.commit(await before.claim(), { put: [['base', BASE]] }, 'strict')
      before.close()
      first.start({
        root,
        store: STORE,
        ...browser,
        heldAt,
        writes: WRITES,
        wasteBytes: WASTE_BYTES,
      })
      const [word, what] = await first.word()
      if (word === 'ended') {
        expect([what, first.acknowledged]).toEqual(['done', WRITES])
        rmSync(root, { recursive: true })
        break
      }
      seen.add(what)
      const place = `held at ${heldAt}, before ${what}`
      if (way === 'dies') await first.die(root)
      const [second, found] = await openNext(root, 'second')
      expect({ place, hasAll: found >= first.acknowledged }).toEqual({ place, hasAll: true })
      let kept = found
      if (way === 'sleeps longer than the next one lives') second.close()
      if (way !== 'dies') {
        first.wake()
        const [, how] = await first.word()
        expect([`${place}: stale`, `${place}: done`]).toContain(`${place}: ${how}`)
        // It is an owner of yesterday, or had not claimed the store yet and is the next one.
        if (how === 'done') kept = WRITES
        expect({ place, hasAll: kept >= first.acknowledged }).toEqual({ place, hasAll: true })
      }
      second.close()
      const [third, foundAgain] = await openNext(root, 'third')
      expect([place, foundAgain]).toEqual([place, kept])
      expect([place, ...(await third.read(['second', 'second again']))]).toEqual([
        place,
        BASE,
        BASE,
      ])
      third.close()
      await vi.waitFor(() => expect([place, filesOf(root, STORE).length]).toEqual([place, 1]))
      rmSync(root, { recursive: true })
    }
    await first.end()
    // It was held in all that it does.
    for (const what of ['list', 'find', 'open', 'sync write', 'flush', 'remove'])
      expect(seen).toContain(what)
    expect(seen).toContain(browser.renames ? 'rename' : 'read')
  },
  60_000,
)
