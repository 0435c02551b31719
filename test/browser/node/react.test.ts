/** The hooks of wadi/react, over a store in memory, drawn without a browser. */
import { createElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { open } from '../../../host/browser/open.ts'
import { useKey, useKeys, type Watched } from '../../../host/browser/react.ts'
import { Watches } from '../../../host/browser/client/watches.ts'
import { Database } from '../../../host/core/embedded.ts'
import { module, quickRuntime } from './workshop.ts'

test('nothing is read on a server', () => {
  let reads = 0
  const store: Watched = {
    call: () => {
      reads++
      return 'value'
    },
    watch: () => () => undefined,
  }
  const Name = (): ReactNode =>
    `${useKey(store, 'name') === undefined} ${useKeys(store, '*').length}`
  expect(renderToString(createElement(Name))).toBe('true 0')
  expect(reads).toBe(0)
})

test('a store that is opened while a page is rendered on a server says where it should be', async () => {
  await expect(open('app')).rejects.toThrow('open the store in an effect')
})

test('a store that is not open yet shows nothing', () => {
  const Name = (): ReactNode => JSON.stringify(useKey(undefined, 'name')) ?? 'nothing'
  expect(renderToString(createElement(Name))).toBe('nothing')
})

test('watches hear of writes, expiry and the end of everything, and only while they last', async () => {
  const db = new Database({ module, runtime: quickRuntime() })
  const watches = new Watches(() => db.connect())
  const heard: (string | null)[] = []
  const end = watches.watch('user:1', (key) => heard.push(key))
  const endAll = watches.watch('user:*', (key) => heard.push(`* ${key}`))
  const settle = () => new Promise(setImmediate)
  db.call('SET', 'user:1', 'a')
  db.call('SET', 'user:2', 'b')
  db.call('SET', 'other', 'c')
  await settle()
  db.call('PEXPIREAT', 'user:1', 1)
  await settle()
  expect(heard.filter((key) => key === 'user:1').length).toBe(2)
  expect(new Set(heard)).toEqual(new Set(['user:1', '* user:1', '* user:2']))
  heard.length = 0
  end()
  db.call('SET', 'user:1', 'd')
  await settle()
  expect(heard).toEqual(['* user:1'])
  heard.length = 0
  db.call('FLUSHALL')
  await settle()
  expect(heard).toEqual(['* null'])
  endAll()
  db.call('SET', 'user:1', 'e')
  await settle()
  expect(heard).toEqual(['* null'])
  db.close()
})
