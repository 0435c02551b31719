// A whole database as bytes and back.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Database, openSync, RdbError } from '../../host/core/index.ts'

const engine = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, '../../build/wadi.wasm')),
)

function fresh(): Database {
  const db = openSync({ engine })
  onTestFinished(() => db.close())
  return db
}

test('what is exported can be imported elsewhere', () => {
  const db = fresh()
  db.set('greeting', 'hello')
  db.call('HSET', 'user', 'name', 'Ada', 'born', '1815')
  db.call('SELECT', 5)
  db.call('RPUSH', 'list', 'a', 'b')
  const twin = fresh()
  twin.import(db.export())
  expect(twin.get('greeting')).toBe('hello')
  expect(twin.call('HGET', 'user', 'born')).toBe('1815')
  twin.call('SELECT', 5)
  expect(twin.call('LRANGE', 'list', 0, -1)).toEqual(['a', 'b'])
})

test('an import replaces what was there, or joins it', () => {
  const db = fresh()
  db.set('both', 'new')
  const file = db.export()
  const replaced = fresh()
  replaced.set('both', 'old')
  replaced.set('other', 'old')
  replaced.import(file)
  expect(replaced.call('KEYS', '*')).toEqual(['both'])
  const joined = fresh()
  joined.set('both', 'old')
  joined.set('other', 'old')
  joined.import([file.subarray(0, 20), file.subarray(20)], { keep: true })
  expect(joined.get('both')).toBe('new')
  expect(joined.get('other')).toBe('old')
})

test('bytes that are no file say where and why', () => {
  const db = fresh()
  expect(() => db.import(new TextEncoder().encode('something else'))).toThrow(RdbError)
  expect(() => db.import(db.export().subarray(0, -3))).toThrow('the file ends too soon (at byte')
})
