/** The terms that forms of every family may use. */
import { INTEGERS, words } from '../values.ts'
import { parseLine } from '../../support/command-line.ts'
import type { Random } from '../../support/random.ts'
import type { Term } from './grammar.ts'

const oneOf =
  (...choices: readonly string[]): Term =>
  ({ random }) =>
    random.pick(choices)

/** Now and then something else. */
const mostly =
  (usual: Term, rare: Term, times = 20): Term =>
  (source) =>
    source.random.once(times) ? rare(source) : usual(source)

const badInteger = oneOf(...INTEGERS.map((text) => parseLine(text)[0]!.toString('latin1')))

const smallInteger: Term = ({ random }) => random.between(-12, 12)

const text: Term = ({ random }) => random.text(random.below(12), 'abcdefgh0123456789')

/** All byte values, and lengths around the limits at which encodings and headers change. */
const blob: Term = ({ random }) =>
  Buffer.from(random.bytes(random.pick([0, 1, 5, 11, 12, 20, 43, 44, 45, 63, 64, 65, 66, 300])))

const integer: Term = ({ random }) => {
  if (random.once(3)) return random.between(-1000, 1000)
  return random.i64().toString()
}

const float: Term = ({ random }) => {
  switch (random.below(6)) {
    case 0:
      return random.between(-100, 100) / 4
    case 1:
      return (random.between(-1000, 1000) / 7).toPrecision(random.between(1, 17))
    case 2:
      return random.between(-5, 5) * 10 ** random.between(-20, 20)
    default:
      return random.between(-20, 20)
  }
}

export const TERMS: Readonly<Record<string, Term>> = {
  key: ({ random, keys, allKeys }) => random.pick(random.once(8) ? allKeys : keys),
  anykey: ({ random, allKeys }) => random.pick(allKeys),
  db: mostly(oneOf('0', '1', '2'), oneOf('16', '-1', 'x', '')),

  text,
  value: ({ random, ...rest }) => {
    const draw = random.pick([text, blob, integer, integer, text])
    return draw({ random, ...rest })
  },
  blob,

  integer: mostly(integer, badInteger),
  small: mostly(smallInteger, badInteger),
  /** A position in a short sequence, from either end. */
  index: mostly(smallInteger, badInteger, 25),
  count: mostly(({ random }) => random.between(0, 6), badInteger, 15),
  /** How many random elements; a large negative number would ask for as many, repeated. */
  picks: mostly(({ random }) => random.between(-8, 8), oneOf('x', '', '9223372036854775807'), 15),
  /** A position that a string may grow to. */
  offset: mostly(
    ({ random }) => random.below(random.once(10) ? 3000 : 20),
    oneOf('-1', 'x', '', '536870912', '9223372036854775807', '1.5'),
  ),
  float: mostly(
    float,
    oneOf('nan', 'inf', '-inf', '', 'x', '1e308', '-1e308', '1e400', ' 1', '0x10', '1e', '1e-5'),
    15,
  ),

  // Times to live are far away or over: two servers never agree about what happens in between.
  seconds: mostly(
    oneOf('100', '1000', '5000000'),
    oneOf('0', '-1', 'x', '', '9223372036854775807'),
  ),
  ms: mostly(oneOf('100000', '999999', '9999999999'), oneOf('0', '-5', 'x', '9223372036854775807')),
  unixtime: mostly(
    oneOf('33177117420', '33177117421', '33177117499', '1'),
    oneOf('0', '-1', 'x', '9223372036854775807'),
  ),
  unixms: mostly(
    oneOf('33177117420000', '33177117420001', '33177117499999', '1000'),
    oneOf('0', '-1', 'x', '9223372036854775807'),
  ),

  pattern: oneOf(...words('* s* ?1 [sl]* *1 [^s]* h?* none ** *[0-9]'), ''),
  junk: oneOf('FOO', '', 'NX', 'x', '0'),
}

/** A binary element too long for the packed encodings; its beginning tells it from others in C too. */
export function longItem(random: Random, length: number): Buffer {
  return Buffer.concat([Buffer.from(random.text(6, 'abcdefghij')), random.bytes(length - 6)])
}

export { mostly, oneOf }
