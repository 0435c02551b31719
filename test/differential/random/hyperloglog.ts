import type { Family } from './grammar.ts'

export const family: Family = {
  keys: ['p1', 'p2', 'p3'],
  terms: { element: ({ random }) => `e${random.below(3000)}` },
  forms: `
    5* PFADD key (element)+
    PFADD key
    3* PFCOUNT key
    2* PFCOUNT (key)+
    2* PFMERGE key (key)+
    GET key
    STRLEN key
    DEL key
  `,
}
