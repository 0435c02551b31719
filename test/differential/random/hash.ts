import type { Family } from './grammar.ts'

export const family: Family = {
  keys: ['h1', 'h2', 'h3'],
  terms: {
    field: ({ random }) =>
      random.once(15) ? Buffer.from(random.bytes(66)) : random.pick(['f', 'g', 'h', 'i', '', '1']),
  },
  forms: `
    5* HSET key (field value)+
    HMSET key (field value)+
    HSETNX key field value
    3* HGET key field
    2* HMGET key (field)+
    3* HGETALL key
    HKEYS key
    HVALS key
    HLEN key
    2* HEXISTS key field
    HSTRLEN key field
    3* HDEL key (field)+
    3* HINCRBY key field integer
    2* HINCRBY key field small
    3* HINCRBYFLOAT key field float
    2* HSET key field integer
    ! HRANDFIELD key
    ! HRANDFIELD key picks [WITHVALUES|FOO]
    ! HSCAN key 0 COUNT 1000 [MATCH pattern]
    ! HSCAN key 0 COUNT junk
    ! HSCAN key -x [junk]
    DEL key
  `,
}
