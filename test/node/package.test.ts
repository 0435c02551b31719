import { expect, test } from 'vitest'
import { open, openSync } from '../../host/node/embedded.ts'

test.each([
  ['open', open],
  ['openSync', async () => openSync()],
])('%s takes the engine of the package', async (_, opened) => {
  const db = await opened()
  db.set('greeting', 'hello', { ex: 60 })
  expect(db.get('greeting')).toBe('hello')
  db.close()
})
