import type { Family } from './grammar.ts'
import { longItem, mostly, oneOf } from './terms.ts'

export const family: Family = {
  keys: ['e1', 'e2', 'e3', 'e4'],
  terms: {
    member: ({ random }) => {
      if (random.once(12)) return longItem(random, 70)
      return random.once(2) ? random.between(-3, 12) : random.pick(MEMBERS)
    },
    numkeys: mostly(oneOf('1', '2', '3'), oneOf('0', '-1', 'x', '4')),
  },
  forms: `
    5* SADD key (member)+
    SADD key integer integer integer
    3* SREM key (member)+
    2* SCARD key
    2* SISMEMBER key member
    SMISMEMBER key (member)+
    3* SMEMBERS key
    2* SMOVE key key member
    2* SINTER (key)+
    2* SUNION (key)+
    2* SDIFF (key)+
    SINTERSTORE key (key)+
    SUNIONSTORE key (key)+
    SDIFFSTORE key (key)+
    2* SINTERCARD numkeys key key [LIMIT count]
    SINTERCARD 2 key key [LIMIT count]
    ! SSCAN key 0 COUNT 1000 [MATCH pattern]
    ! SSCAN key 0 COUNT junk
    ! SSCAN key -x [junk]
    ! SRANDMEMBER key
    ! SRANDMEMBER key picks
    ! SPOP key 1000
    ! SPOP key 0
    DEL key
  `,
}

const MEMBERS = ['a', 'b', 'c', 'd', 'e', '', '01', '-0', '9223372036854775807', '70000', '-40000']
