import type { Family } from './grammar.ts'

export const family: Family = {
  keys: ['p1', 'p2', 'p3'],
  terms: {
    element: ({ random }) => `e${random.below(3000)}`,
    // Writes of other families can cut off a HyperLogLog's last run. Redis then goes on with the byte
    // after the string, so elements are only added to keys that no other family knows.
    own: ({ random }) => `own${random.below(3)}`,
  },
  forms: `
    5* ! PFADD own (element)+
    ! PFADD own
    3* PFCOUNT own
    2* PFCOUNT (key|own)+
    2* ! PFMERGE own (own)+
    PFMERGE key (own)+
    PFMERGE key (key)+
    ! PFDEBUG (ENCODING|DECODE|TODENSE) own
    GET own
    COPY own key REPLACE
    STRLEN own
    DEL own
    DEL key
  `,
}
