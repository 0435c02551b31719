// As much of vitest as the behaviour tests need, for a home in which vitest itself cannot run: a page, a
// worker. A bundle puts this file in the place of 'vitest'; the matchers are vitest's own.

import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect'

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
)
export const assert = chai.assert

type Body = (...args: never[]) => unknown

interface Test {
  readonly name: string
  readonly body: () => unknown
  readonly before: readonly Body[]
  readonly after: readonly Body[]
}

export interface Outcome {
  readonly name: string
  /** Why it failed, with the place; absent where it passed. */
  readonly error?: string
}

interface Scope {
  readonly name: string
  readonly before: Body[]
  readonly after: Body[]
  readonly once: Body[]
}

const newScope = (name: string): Scope => ({ name, before: [], after: [], once: [] })
const root = newScope('')
const scopes: Scope[] = [root]
const scope = (): Scope => scopes.at(-1) ?? root
const tests: Test[] = []

/** `%s` takes the next value, `$name` a property of the first. */
function titled(title: string, values: readonly unknown[]): string {
  let next = 0
  return title
    .replace(/%[sdij]/g, () => String(values[next++]))
    .replace(/\$(\w+)/g, (whole, key: string) => {
      return (values[0] as Record<string, string> | undefined)?.[key] ?? whole
    })
}

/** The function among `name, body` and `name, options, body`. */
const bodyOf = (rest: readonly unknown[]): Body =>
  rest.find((value) => typeof value === 'function') as Body

function add(name: string, body: () => unknown): void {
  tests.push({
    name: [...scopes.map((outer) => outer.name), name].filter(Boolean).join(' › '),
    body,
    before: scopes.flatMap((outer) => [...outer.once, ...outer.before]),
    after: scopes.flatMap((outer) => outer.after),
  })
}

function enter(name: string, body: () => unknown): void {
  scopes.push(newScope(name))
  body()
  scopes.pop()
}

function registrar(register: (name: string, body: () => unknown) => void) {
  const plain = (name: string, ...rest: unknown[]) => register(name, bodyOf(rest))
  const none = () => undefined
  return Object.assign(plain, {
    each:
      (rows: readonly unknown[]) =>
      (title: string, ...rest: unknown[]) => {
        for (const row of rows) {
          const values = Array.isArray(row) ? row : [row]
          register(titled(title, values), () => bodyOf(rest)(...(values as never[])))
        }
      },
    skipIf: (condition: unknown) => (condition ? none : plain),
    runIf: (condition: unknown) => (condition ? plain : none),
  })
}

export const test = registrar(add)
export const it = test
export const describe = registrar(enter)
export const beforeEach = (body: Body): unknown => scope().before.push(body)
export const afterEach = (body: Body): unknown => scope().after.push(body)

/** Runs before the first test of its scope. */
export function beforeAll(body: Body): void {
  let done = false
  scope().once.push(async () => {
    if (!done) await body()
    done = true
  })
}

/** Runs all tests that were registered since the last call. */
export async function runRegistered(): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { name, body, before, after } of tests.splice(0)) {
    try {
      for (const prepare of before) await prepare()
      await body()
      for (const end of after) await end()
      outcomes.push({ name })
    } catch (error) {
      outcomes.push({ name, error: error instanceof Error ? (error.stack ?? '') : String(error) })
    }
  }
  return outcomes
}
