import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildEngine } from '../../scripts/engine.ts'
import { compileEntry } from '../support/compile.ts'
import { managedAllocations } from '../support/managed.ts'

test('a concatenation and a managed object are found, a literal that is only read is not', async () => {
  await compileEntry(new URL('managed.as.ts', import.meta.url), 'debug')
  const text = readFileSync(
    new URL('../../build/test-cache/managed.debug.wat', import.meta.url),
    'utf8',
  )
  const found = managedAllocations(text)
  expect(found.find((way) => way.includes('concatenates'))).toContain('~lib/rt/stub/__new')
  expect(found.find((way) => way.includes('Point#constructor'))).toContain('~lib/rt/stub/__new')
  expect(found.filter((way) => way.includes('reads'))).toEqual([])
})

test('the engine creates no garbage-collected object', async () => {
  const wasm = await buildEngine('debug')
  const text = readFileSync(wasm.replace(/\.wasm$/, '.wat'), 'utf8')
  expect(managedAllocations(text)).toEqual([])
})
