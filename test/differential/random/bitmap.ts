import type { Family } from './grammar.ts'
import { mostly, oneOf } from './terms.ts'

export const family: Family = {
  keys: ['s1', 's2', 'b1', 'b2'],
  terms: {
    bit: mostly(oneOf('0', '1'), oneOf('2', '-1', 'x', '')),
    bitoffset: mostly(
      ({ random }) => random.below(random.once(10) ? 4000 : 140),
      oneOf('-1', 'x', '', '4294967296', '9223372036854775807'),
    ),
    fieldtype: mostly(
      ({ random }) => (random.once(2) ? `u${random.between(1, 63)}` : `i${random.between(1, 64)}`),
      oneOf('u64', 'i65', 'u0', 'x8', '', 'u', 'i-1'),
    ),
    fieldoffset: mostly(
      ({ random }) => (random.once(3) ? `#${random.below(9)}` : random.below(200)),
      oneOf('#', '#-1', '-1', 'x', '4294967296', ''),
    ),
  },
  forms: `
    2* SET key value
    4* SETBIT key bitoffset bit
    3* GETBIT key bitoffset
    3* BITCOUNT key [index index [BYTE|BIT|junk]]
    BITCOUNT key index
    4* BITPOS key bit [index [index [BYTE|BIT|junk]]]
    2* BITOP (AND|OR|XOR) key (key)+
    2* BITOP NOT key key
    BITOP (AND|NOT|FOO) key (key)+
    5* BITFIELD key (GET fieldtype fieldoffset|SET fieldtype fieldoffset integer|INCRBY fieldtype fieldoffset integer|OVERFLOW (WRAP|SAT|FAIL))+
    BITFIELD key [GET fieldtype fieldoffset|OVERFLOW junk|junk]
    BITFIELD_RO key (GET fieldtype fieldoffset)+
    BITFIELD_RO key (GET fieldtype fieldoffset|SET fieldtype fieldoffset integer)+
    GETRANGE key index index
    STRLEN key
    GET key
  `,
}
