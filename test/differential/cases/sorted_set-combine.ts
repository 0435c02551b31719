/** Scripts for unions, intersections and differences of sorted sets. */
import type { Case } from '../script.ts'
import { FLOATS, INTEGERS, each } from '../values.ts'
import { LONG_MEMBER, MANY } from './sorted_set.ts'

export const cases: readonly Case[] = [
  {
    name: 'unions, intersections and differences',
    commands: `
      ZADD a 1 x 2 y 3 z
      ZADD b 10 y 20 z 30 w
      ZADD c 5 z 6 v
      ZADD inf inf x -inf y inf z
      ZUNION 2 a b WITHSCORES
      ZUNION 3 a b c WITHSCORES
      ZUNION 1 a
      ZUNION 2 a a WITHSCORES
      ZUNION 2 a none WITHSCORES
      ZUNION 2 none1 none2
      ZUNION 2 a b WEIGHTS 2 0.5 WITHSCORES
      ZUNION 2 a b WEIGHTS -1 1 AGGREGATE MIN WITHSCORES
      ZUNION 2 a b AGGREGATE MAX WITHSCORES
      ZUNION 2 a b AGGREGATE sum WITHSCORES AGGREGATE MAX
      ZUNION 2 a inf WITHSCORES
      ZUNION 2 inf inf WEIGHTS 1 -1 WITHSCORES
      ZUNION 1 inf WEIGHTS 0 WITHSCORES
      ZINTER 2 a inf WEIGHTS 1 0 WITHSCORES
      ZINTER 2 a inf WEIGHTS 1 0 AGGREGATE MIN WITHSCORES
      ZINTER 2 a inf WEIGHTS 1 0 AGGREGATE MAX WITHSCORES
      ZINTER 2 a b WITHSCORES
      ZINTER 3 a b c WITHSCORES
      ZINTER 3 c b a WITHSCORES
      ZINTER 2 a none
      ZINTER 2 a a WEIGHTS 1 2 WITHSCORES
      ZINTER 2 a b WEIGHTS 2 3 AGGREGATE MIN WITHSCORES
      ZDIFF 2 a b WITHSCORES
      ZDIFF 2 b a WITHSCORES
      ZDIFF 3 a b c
      ZDIFF 1 a
      ZDIFF 2 a a
      ZDIFF 2 none a
      ZDIFF 2 a none WITHSCORES
      ZDIFF 2 a b WEIGHTS 1 1
      ZDIFF 2 a b AGGREGATE MIN
      ZINTERCARD 2 a b
      ZINTERCARD 2 a b LIMIT 1
      ZINTERCARD 2 a b LIMIT 0
      ZINTERCARD 2 a b LIMIT 100
      ZINTERCARD 2 a none
      ZINTERCARD 1 a LIMIT 2
      ZINTERCARD 2 a b WITHSCORES
      ZINTERCARD 2 a b LIMIT
      ZINTERCARD 2 a b LIMIT 1 LIMIT 2
      ${each('ZINTERCARD 2 a b LIMIT %', INTEGERS)}
      ${each('ZUNION % a b\nZINTER % a b\nZDIFF % a b\nZINTERCARD % a b\nZUNIONSTORE out % a b', INTEGERS)}
      ${each('ZUNION 1 a WEIGHTS % WITHSCORES', FLOATS)}
      ZUNION 2 a b WEIGHTS 1
      ZUNION 2 a b WEIGHTS 1 2 3
      ZUNION 2 a b WEIGHTS 1 x
      ZUNION 2 a b AGGREGATE
      ZUNION 2 a b AGGREGATE FOO
      ZUNION 2 a b FOO
      ZUNION 2 a
      ZUNION 0 a
      ZUNION
    `,
  },
  {
    name: 'unions, intersections and differences that are stored',
    commands: `
      ZADD a 1 x 2 y 3 z
      ZADD b 10 y 20 z 30 w
      ZUNIONSTORE out 2 a b
      ZRANGE out 0 -1 WITHSCORES
      ZINTERSTORE out 2 a b WEIGHTS 2 1
      ZRANGE out 0 -1 WITHSCORES
      ZDIFFSTORE out 2 a b
      ZRANGE out 0 -1 WITHSCORES
      ZUNIONSTORE out 2 a b WITHSCORES
      ZDIFFSTORE out 2 a a
      EXISTS out
      ZINTERSTORE out 2 a none
      SET out string
      ZINTERSTORE out 2 a none
      EXISTS out
      SET out string EX 100
      ZUNIONSTORE out 1 a
      TYPE out
      TTL out
      EXPIRE a 100
      ZUNIONSTORE a 2 a b AGGREGATE MAX
      TTL a
      ZRANGE a 0 -1 WITHSCORES
      ZDIFFSTORE a 2 a b
      ZRANGE a 0 -1 WITHSCORES
      ZUNIONSTORE out 2 none1 none2
      ZUNIONSTORE out
      ZUNIONSTORE out 1
      ZADD many ${MANY}
      ZADD few 1000 m5 1000 m77 5 other
      ZUNIONSTORE out 2 many few
      ZINTERSTORE out2 2 many few WEIGHTS 1 -1
      ZDIFFSTORE out3 3 many few none
      ZDIFFSTORE out4 2 few many
      ZRANGE out2 0 -1 WITHSCORES
      ZRANGE out4 0 -1 WITHSCORES
    `,
  },
  {
    name: 'sets as inputs',
    commands: `
      ZADD z 5 a 6 b 7 1
      SADD s a c 1
      SADD ints 1 2 3
      SADD long ${LONG_MEMBER} a
      ZUNION 2 z s WITHSCORES
      ZUNION 2 s ints WEIGHTS 2 3 WITHSCORES
      ZINTER 2 z s WITHSCORES
      ZINTER 2 z ints WITHSCORES
      ZINTER 3 z s ints WITHSCORES
      ZDIFF 2 s z WITHSCORES
      ZDIFF 2 z s WITHSCORES
      ZDIFF 3 ints z none
      ZDIFF 2 long z WITHSCORES
      ZDIFF 2 ints none WITHSCORES
      ZDIFF 5 ints none none none none WITHSCORES
      ZUNION 2 long z WITHSCORES
      ZINTERCARD 2 z s
      ZINTERCARD 2 ints z
      ZUNIONSTORE out 2 s ints
      ZINTERSTORE out2 2 s s WEIGHTS 2 3
      ZRANGE out2 0 -1 WITHSCORES
      ZDIFFSTORE out3 2 s z
      ZADD s 1 a
      ZUNIONSTORE s 1 s
      TYPE s
    `,
  },
]
