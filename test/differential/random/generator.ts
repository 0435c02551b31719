/** Streams of random commands: all families mixed, one of them in focus. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { Random } from '../../support/random.ts'
import type { Sent } from '../pair.ts'
import type { Command } from '../../support/frames.ts'
import { type Family, type Form, generate, parseForms } from './grammar.ts'
import { TERMS } from './terms.ts'

interface Loaded {
  readonly isApart: boolean
  readonly keys: readonly string[]
  /** Each form as often as it weighs. */
  readonly forms: readonly Form[]
}

const loaded = new Map<string, Loaded>()
const only = process.env['WADI_FAMILY']?.split(',')
for (const file of readdirSync(import.meta.dirname).sort()) {
  if (only && !only.includes(path.basename(file, '.ts'))) continue
  const { family } = (await import(path.join(import.meta.dirname, file))) as { family?: Family }
  if (!family) continue
  const forms = parseForms(family.forms, { ...TERMS, ...family.terms })
  loaded.set(path.basename(file, '.ts'), {
    isApart: family.isApart ?? false,
    keys: family.keys,
    forms: forms.flatMap((form) => Array<Form>(form.weight).fill(form)),
  })
}

const allKeys = [...new Set([...loaded.values()].flatMap(({ keys }) => keys))]

export const families = [...loaded.keys()]
const mixed = families.filter((name) => !loaded.get(name)!.isApart)

/** A command around this family, whose keys are named as `rename` says. */
export function randomCommand(
  random: Random,
  focus: string,
  rename: (key: string) => string,
): Command {
  const isMixed = random.once(4) && mixed.includes(focus)
  const { keys, forms } = loaded.get(isMixed ? random.pick(mixed) : focus)!
  const source = { random, keys: keys.map(rename), allKeys: allKeys.map(rename) }
  return generate(random.pick(forms), source)
}

/** So many commands in pipelines of different lengths, from two connections in turn. */
export function randomStream(random: Random, focus: string, length: number): Sent[] {
  const stream: Sent[] = []
  let on: 0 | 1 = 0
  let batch = 0
  while (stream.length < length) {
    if (batch-- === 0) {
      batch = random.once(4) ? random.between(1, 10) : random.between(50, 300)
      on = on ? 0 : 1
    }
    const isMixed = random.once(4) && mixed.includes(focus)
    const { keys, forms } = loaded.get(isMixed ? random.pick(mixed) : focus)!
    stream.push({ on, command: generate(random.pick(forms), { random, keys, allKeys }) })
  }
  return stream
}
