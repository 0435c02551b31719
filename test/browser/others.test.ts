/** The page of the tests once in each browser, where they are installed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChromium } from './support/chromium.ts'
import {
  noFirefox,
  noWebKit,
  openChromium,
  openFirefox,
  openWebKit,
  type Window,
} from './support/others.ts'
import { openSite, type Site } from './support/site.ts'

/** As much of a page's globals as is used here: these types know no page. */
interface Frame {
  src: string
  contentWindow: { wadi?: typeof wadi }
}
interface Page {
  document: { createElement(tag: string): Frame; body: { append(frame: Frame): void } }
}

const browsers = [
  ['Chromium', noChromium, openChromium],
  ['Firefox', noFirefox, openFirefox],
  ['WebKit', noWebKit, openWebKit],
] as const

for (const [name, missing, open] of browsers) {
  describe.skipIf(missing)(
    `in ${name}${missing ? `: ${missing}` : ''}`,
    { timeout: 120_000 },
    () => {
      let site: Site
      let window: Window

      async function load(query = ''): Promise<void> {
        await window.goto(`${site.url}/store.html${query}`)
        await window.run(async () => {
          while (!('isReady' in globalThis)) await new Promise((resolve) => setTimeout(resolve, 20))
        }, undefined)
      }

      beforeAll(async () => {
        site = await openSite()
        window = await open()
        await load('?strict-csp')
      })

      afterAll(async () => {
        await window?.close()
        site?.close()
      })

      test('a store in the page answers at once', async () => {
        const answers = await window.run(async () => {
          const store = await wadi.open('answers', { mode: 'memory' })
          return [store.set('greeting', 'hello'), store.get('greeting'), store.incr('n')]
        }, undefined)
        expect(answers).toEqual(['OK', 'hello', 1])
      })

      test.each([
        ['here', 'relaxed'],
        ['here', 'strict'],
        ['worker', 'strict'],
        ['shared', 'strict'],
        ['shared', 'relaxed'],
      ] as const)('a store keeps what was written (%s, %s)', async (mode, durability) => {
        const store = { name: `kept-${mode}-${durability}`, mode, durability }
        await window.run(async ({ name, ...options }) => {
          const opened = await wadi.open(name, options as { mode: 'worker' })
          const writes = []
          for (let i = 0; i < 1000; i++) writes.push(opened.set(`key:${i}`, `value ${i}`))
          await Promise.all(writes)
          await opened.flush()
        }, store)
        await load()
        const found = await window.run(async ({ name, ...options }) => {
          const opened = await wadi.open(name, options as { mode: 'worker' })
          const answers = [await opened.dbsize(), await opened.get('key:999')]
          await opened.close()
          return answers
        }, store)
        expect(found).toEqual([1000, 'value 999'])
      })

      test('files keep what was written, or IndexedDB does with a warning', async () => {
        const options = { mode: 'worker', storage: 'opfs', durability: 'strict' } as const
        const codes = await window.run(async (options) => {
          const store = await wadi.open('files', options)
          const codes: string[] = []
          store.on('warning', ({ code }) => codes.push(code))
          for (let i = 0; i < 50; i++) await store.set(`key:${i}`, i)
          await store.close()
          return codes
        }, options)
        expect([[], ['no-opfs']]).toContainEqual(codes)
        await load()
        const found = await window.run(async (options) => {
          const store = await wadi.open('files', options)
          const answers = [await store.dbsize(), await store.get('key:49')]
          await store.close()
          return answers
        }, options)
        expect(found).toEqual([50, '49'])
      })

      test.each([
        ['adds nothing', 'log-000000000001', 'flush'],
        ['adds nothing, nor puts anything together', 'log-000000000032', 'flush'],
        ['keeps no snapshot', '!fence-1', 'import'],
      ] as const)('an owner of yesterday %s', async (_, fence, how) => {
        const found = await window.run(
          async ([fence, how]) => {
            const name = `yesterday-${fence}`
            const store = await wadi.open(name, { mode: 'here', durability: 'strict' })
            const count = fence === 'log-000000000032' ? 32 : 1
            for (let i = 0; i < count; i++) {
              store.set('a', i)
              await store.flush()
            }
            const file = await store.export()
            const idb = await new Promise<IDBDatabase>((resolve) => {
              const request = indexedDB.open(`wadi:${name}`)
              request.addEventListener('success', () => resolve(request.result))
            })
            const change = async <T>(
              work: (records: IDBObjectStore) => IDBRequest<T>,
            ): Promise<T> => {
              const transaction = idb.transaction('records', 'readwrite')
              const request = work(transaction.objectStore('records'))
              await new Promise((resolve) => transaction.addEventListener('complete', resolve))
              return request.result
            }
            // Of what another tab does, the one half that is to be enough.
            await change((records) => records.put(99, '!epoch'))
            await change((records) => records.add(0, fence))
            const before = await change((records) => records.getAllKeys())
            const failed = (error: Error): string => error.name
            let refused: unknown
            if (how === 'import') refused = await store.import(file).catch(failed)
            else {
              // Several records, and one that would take the place of those before.
              store.set('a', count === 1 ? '2'.repeat(200_000) : '2')
              refused = await store.flush().catch(failed)
            }
            const after = await change((records) => records.getAllKeys())
            idb.close()
            return { refused, before, after }
          },
          [fence, how] as const,
        )
        expect(found.refused).toBe('StaleOwnerError')
        expect(found.before).toContain('log-000000000000')
        expect(found.after).toEqual(found.before)
      })

      test('two tabs see one dataset', async () => {
        const found = await window.run(async () => {
          const { document } = globalThis as unknown as Page
          const frame = document.createElement('iframe')
          frame.src = '/store.html'
          document.body.append(frame)
          const other = frame.contentWindow
          while (!other.wadi) await new Promise((resolve) => setTimeout(resolve, 20))
          const mine = await wadi.open('both')
          const theirs = await other.wadi.open('both')
          const heard: string[] = []
          await theirs.subscribe('news', (message) => heard.push(message))
          await mine.set('k', 'v')
          await mine.publish('news', 'hello')
          const value = await theirs.get('k')
          while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
          const owners = [mine.isOwner, theirs.isOwner]
          await theirs.close()
          await mine.close()
          return { value, heard, owners }
        }, undefined)
        expect(found.value).toBe('v')
        expect(found.heard).toEqual(['hello'])
        expect(found.owners.filter(Boolean)).toHaveLength(1)
      })
    },
  )
}
