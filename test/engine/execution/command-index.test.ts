import { beforeEach, expect, test } from 'vitest'
import { generate } from '../../../scripts/engine.ts'
import { type Instance, load } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  text(): number
  boot(): void
  count(): number
  find(at: number, length: number): number
  findChild(parent: number, at: number, length: number): number
  rename(number: number, at: number, length: number): number
  name(number: number): number
  nameLength(number: number): number
  parent(number: number): number
  firstChild(number: number): number
  childCount(number: number): number
  handler(number: number): number
}

let engine: Instance<Exports>
let names: string[]

/** Puts a text between bytes that belong to no name. */
function put(text: string, at = 0): number {
  const room = engine.exports.text() + at
  engine.bytes().fill(0xee, room, room + 64)
  return engine.write(room, text)
}
const find = (name: string): number => engine.exports.find(0, put(name))
const findChild = (parent: number, name: string): number =>
  engine.exports.findChild(parent, 0, put(name))
const lookUp = (number: number, name: string): number => {
  const parent = engine.exports.parent(number)
  return parent < 0 ? find(name) : findChild(parent, name)
}

beforeEach(async () => {
  generate()
  engine = await load<Exports>(new URL('./command-index.as.ts', import.meta.url))
  engine.exports.boot()
  names = Array.from({ length: engine.exports.count() }, (_, number) =>
    engine.read(engine.exports.name(number), engine.exports.nameLength(number)).toString(),
  )
})

test('every command is found by its name in any letter case', () => {
  for (const [number, name] of names.entries()) {
    const mixed = name.replaceAll(/[a-z]/g, (letter, at: number) =>
      at % 2 ? letter.toUpperCase() : letter,
    )
    for (const spelling of [name, name.toUpperCase(), mixed]) {
      expect([spelling, lookUp(number, spelling)]).toEqual([spelling, number])
    }
  }
})

test(`names that are nearly a command are found only where they are one (seed ${seed})`, () => {
  const random = new Random()
  const top = new Map(topNames().map((name) => [name, find(name)]))
  for (const name of top.keys()) {
    const wrong = Buffer.from(name)
    wrong[random.below(wrong.length)]! ^= 1 << random.below(8)
    for (const text of [wrong.toString('latin1'), `${name}x`, name.slice(0, -1), `${name}\0`]) {
      const bytes = Buffer.from(text, 'latin1')
      const folded = text.replaceAll(/[A-Z]/g, (letter: string) => letter.toLowerCase())
      const room = engine.exports.text()
      engine.bytes().set(bytes, room)
      expect([text, engine.exports.find(0, bytes.length)]).toEqual([text, top.get(folded) ?? -1])
    }
  }
})

test('the empty name and names of any length are no commands', () => {
  expect(find('')).toBe(-1)
  for (let length = 1; length < 64; length++) expect(find('q'.repeat(length))).toBe(-1)
})

test('subcommands stand side by side behind their parents', () => {
  for (const number of names.keys()) {
    const first = engine.exports.firstChild(number)
    for (let i = 0; i < engine.exports.childCount(number); i++) {
      expect(engine.exports.parent(first + i)).toBe(number)
    }
  }
})

test('every command has a handler or subcommands', () => {
  const idle = names.filter(
    (_, number) => !engine.exports.handler(number) && !engine.exports.childCount(number),
  )
  expect(idle).toEqual([])
})

test('a renamed command has its new name, and no other command is lost', () => {
  const secret = 'b840fc02d524045429941cc15f59e41cb7be6c52'
  const config = find('config')
  put(secret, 1024)
  expect(engine.exports.rename(config, 1024, secret.length)).toBe(1)
  expect(find('config')).toBe(-1)
  expect(find(secret.toUpperCase())).toBe(config)
  expect(find(secret.slice(0, -1))).toBe(-1)
  for (const [number, name] of names.entries()) {
    if (number !== config) expect([name, lookUp(number, name)]).toEqual([name, number])
  }
})

test('a command that is renamed to nothing is gone', () => {
  const numbers = [...names.keys()].filter((number) => isTop(number) && number % 3 === 0)
  for (const number of numbers) expect(engine.exports.rename(number, 0, 0)).toBe(1)
  for (const [number, name] of names.entries()) {
    if (!isTop(number)) continue
    expect([name, find(name)]).toEqual([name, number % 3 === 0 ? -1 : number])
  }
})

test('a name that another command has cannot be taken', () => {
  const length = put('GET', 1024)
  expect(engine.exports.rename(find('set'), 1024, length)).toBe(0)
  expect(find('set')).toBeGreaterThanOrEqual(0)
})

function isTop(number: number): boolean {
  return engine.exports.parent(number) < 0
}

function topNames(): string[] {
  return names.filter((_, number) => isTop(number))
}
