import type { Family } from './grammar.ts'
import { longItem, mostly, oneOf } from './terms.ts'

const bound = mostly(
  ({ random }) =>
    `${random.once(3) ? '(' : ''}${random.pick(['-inf', '+inf', '0', '1', '2', '-1', '3.5', '10'])}`,
  oneOf('x', '', '(', 'nan', '((1', '1)'),
)

const lexBound = mostly(
  ({ random }) => random.pick(['-', '+', '[a', '(a', '[b', '(c', '[', '(', '[bb', '[z']),
  oneOf('a', '', '*', '-a'),
)

export const family: Family = {
  keys: ['z1', 'z2', 'z3'],
  terms: {
    member: ({ random }) =>
      random.once(15) ? longItem(random, 66) : random.pick(['a', 'b', 'c', 'd', 'bb', '']),
    score: mostly(
      ({ random }) => random.pick(['0', '1', '2', '-1', '3.5', '1', '10', '-inf', '+inf', '0.1']),
      oneOf('nan', 'x', '', '1e400', ' 1', '-0', '1e-5', '1e20', '123456789.123'),
      8,
    ),
    min: bound,
    max: bound,
    // By name only among equal scores: in other sorted sets the answer is not defined.
    lexkey: oneOf('lex1', 'lex2'),
    lexmember: oneOf('a', 'aa', 'b', 'bb', 'c', 'd', '', 'z'),
    lexmin: lexBound,
    lexmax: lexBound,
    numkeys: mostly(oneOf('1', '2'), oneOf('0', '-1', 'x', '3')),
    which: mostly(oneOf('MIN', 'MAX'), oneOf('min', 'FOO')),
    wait: oneOf('0.001', '-1', 'x', ''),
  },
  forms: `
    5* ZADD key (score member)+
    3* ZADD key {[NX|XX] [GT|LT] [CH]} (score member)+
    2* ZADD key {[NX|XX] [GT|LT] [CH] INCR} score member
    ZADD key {[NX] [XX] [GT] [LT] [CH] [INCR]} (score member)+
    2* ZINCRBY key score member
    2* ZREM key (member)+
    ZCARD key
    2* ZSCORE key member
    ZMSCORE key (member)+
    2* ! ZRANK key member
    ! ZREVRANK key member
    2* ZCOUNT key min max
    3* ! ZADD lexkey 0 lexmember 0 lexmember
    ! ZREM lexkey lexmember
    ZLEXCOUNT lexkey lexmin lexmax
    3* ZRANGE key index index [REV] [WITHSCORES]
    3* ZRANGE key min max {BYSCORE [REV] [LIMIT index index] [WITHSCORES]}
    2* ZRANGE lexkey lexmin lexmax {BYLEX [REV] [LIMIT index index] [WITHSCORES]}
    ZRANGE key index index {[LIMIT index index] [WITHSCORES] [junk]}
    2* ZRANGESTORE key key index index [REV]
    ZRANGESTORE key key min max {BYSCORE [REV] [LIMIT index index]}
    ZREVRANGE key index index [WITHSCORES]
    2* ZRANGEBYSCORE key min max {[WITHSCORES] [LIMIT index index]}
    ZREVRANGEBYSCORE key max min {[WITHSCORES] [LIMIT index index]}
    2* ZRANGEBYLEX lexkey lexmin lexmax [LIMIT index index]
    ZREVRANGEBYLEX lexkey lexmax lexmin [LIMIT index index]
    ZREMRANGEBYRANK key index index
    ZREMRANGEBYSCORE key min max
    ! ZREMRANGEBYLEX lexkey lexmin lexmax
    2* ZPOPMIN key [count]
    ZPOPMAX key [count]
    2* ZMPOP 1 key which [COUNT count]
    ZMPOP numkeys key key which [COUNT count]
    ! BZPOPMIN (key)+ wait
    ! BZPOPMAX key wait
    ! BZMPOP wait 1 key which [COUNT count]
    2* ZUNION 2 key key {[WEIGHTS score score] [AGGREGATE (SUM|MIN|MAX)] [WITHSCORES]}
    2* ZINTER 2 key key {[WEIGHTS score score] [AGGREGATE (SUM|MIN|MAX)] [WITHSCORES]}
    2* ZDIFF 2 key key [WITHSCORES]
    ZDIFF numkeys key key [WITHSCORES]
    ZUNIONSTORE key 2 key key {[WEIGHTS score score] [AGGREGATE (SUM|MIN|MAX|FOO)]}
    ZINTERSTORE key numkeys key key {[WEIGHTS score] [AGGREGATE (SUM|MIN|MAX)]}
    ZINTERSTORE key 2 key anykey
    ZDIFFSTORE key 2 key key
    ZINTERCARD 2 key key [LIMIT count]
    ! ZRANDMEMBER key
    ! ZRANDMEMBER key picks [WITHSCORES|FOO]
    ! ZSCAN key 0 COUNT 1000 [MATCH pattern]
    ! ZSCAN key 0 COUNT junk
    ! ZSCAN key -x [junk]
    DEL key
  `,
}
