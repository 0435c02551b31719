import type { Family } from './grammar.ts'

export const family: Family = {
  keys: ['s1', 's2', 's3'],
  forms: `
    3* MULTI
    4* EXEC
    DISCARD
    2* WATCH (key)+
    UNWATCH
    2* SET key integer
    INCR key
    GET key
    DEL key
    2* PING [text]
    ECHO value
    SELECT db
    FLUSHDB
    FLUSHALL [ASYNC|SYNC|junk]

    SWAPDB db db
    CLIENT GETNAME
    CLIENT SETNAME text
    CONFIG junk
    junkname value
  `,
  terms: { junkname: ({ random }) => random.text(3, 'abcQXZ ') },
}
