/** Scripts for taking members out of sorted sets, and waiting for them. */
import type { Case } from '../script.ts'
import { FLOATS, INTEGERS, each } from '../values.ts'
import { TEN } from './sorted_set.ts'

export const cases: readonly Case[] = [
  {
    name: 'ZPOPMIN, ZPOPMAX and ZMPOP',
    commands: `
      ${TEN}
      ZPOPMIN z
      ZPOPMAX z
      ZPOPMIN z 1
      ZPOPMAX z 2
      ZPOPMIN z 0
      ${each(
        'ZPOPMIN z %',
        INTEGERS.filter((text) => !/^[+]?[1-9]/.test(text)),
      )}
      ZPOPMIN z 1 2
      ZPOPMIN z 100
      EXISTS z
      ZPOPMIN z
      ZPOPMAX z 5
      ZPOPMIN
      ${TEN}
      ZMPOP 1 z MIN
      ZMPOP 1 z MAX
      ZMPOP 1 z min COUNT 2
      ZMPOP 2 none z MAX COUNT 3
      ZMPOP 1 none MIN
      ${each('ZMPOP % z MIN', INTEGERS)}
      ${each(
        'ZMPOP 1 z MIN COUNT %',
        INTEGERS.filter((text) => !/^[+]?[1-9]/.test(text)),
      )}
      ZMPOP 1 z
      ZMPOP 1 z FOO
      ZMPOP 2 z MIN
      ZMPOP 1 z MIN COUNT
      ZMPOP 1 z MIN COUNT 1 COUNT 1
      ZMPOP 1 z MIN FOO 1
      ZMPOP 1 z MIN COUNT 1 FOO
      ZMPOP 1 z MIN COUNT 100
      EXISTS z
    `,
  },
  {
    name: 'BZPOPMIN, BZPOPMAX and BZMPOP that find members',
    commands: `
      ${TEN}
      ZADD y 1 only
      BZPOPMIN z 0
      BZPOPMAX z 0
      BZPOPMIN none z 0
      BZPOPMIN y z 0
      EXISTS y
      BZMPOP 0 1 z MIN
      BZMPOP 0 2 none z MAX COUNT 2
      BZMPOP 0 1 z MIN COUNT 100
      EXISTS z
      SET str s
      BZPOPMIN str 0
      BZPOPMIN none str 0
      BZMPOP 0 2 none str MIN
      ${each(
        'BZPOPMIN str %',
        FLOATS.filter((text) => !/^(0|-0|-0\.0|0x|[+]?inf|[Ii]n)/.test(text)),
      )}
      ${each('BZMPOP % 1 str MIN', ['-1', 'x', '""', '1e400', '9223372036854775807'])}
      ${each('BZMPOP 0 % str MIN', INTEGERS)}
      ${each('BZMPOP 0 1 str MIN COUNT %', INTEGERS)}
      BZMPOP 0 1 str FOO
      BZMPOP 0 1 str
      BZMPOP 0 1 str MIN COUNT
      BZMPOP x 1 str FOO
      BZMPOP x 1 str MIN
      BZPOPMIN z
      BZPOPMIN none 0.01
      ~ a
      BZPOPMAX none none 0.01
      ~ a
      BZMPOP 0.01 2 none nothing MIN COUNT 2
      ~ a
      MULTI
      BZPOPMIN none 0
      BZMPOP 0 1 none MAX
      ZADD z 5 a 6 b
      BZPOPMAX z 0
      EXEC
    `,
  },
  {
    name: 'clients that wait for members',
    commands: `
      b> BZPOPMIN z 0
      c> BZPOPMAX z 0
      d> BZMPOP 0 2 other z MAX COUNT 2
      ZADD z 1 a 2 b 3 c 4 d 5 e
      ZRANGE z 0 -1
      DEL z
      b> BZPOPMIN z 0
      ZADD z XX 1 a
      SADD z a
      DEL z
      ZINCRBY z 5 a
      b> BZPOPMIN z 0
      MULTI
      ZADD z 1 a
      DEL z
      EXEC
      MULTI
      ZADD z 1 a
      ZADD z 0 b
      EXEC
      ZRANGE z 0 -1
      DEL z
      b> BZPOPMIN one two 0
      c> BZPOPMIN two one 0
      ZADD two 1 x 2 y
      EXISTS two
      b> BZPOPMAX z 0
      ZADD from 1 a 2 b
      ZUNIONSTORE z 1 from
      b> BZPOPMAX z 0
      ZRANGESTORE z from 0 -1
      DEL z
      b> BZPOPMAX z 0
      ZINTERSTORE z 2 from from
      DEL z
      b> BZPOPMAX z 0
      ZDIFFSTORE z 1 from
      DEL z
      b> BZPOPMAX z 0
      GEOADD z 1 1 place
      b> BZPOPMAX z 0
      GEOADD g 1 1 place
      GEOSEARCHSTORE z g FROMLONLAT 1 1 BYRADIUS 10 km
      b> BZPOPMAX z 0
      RENAME from z
      DEL z
      b> BZPOPMAX z 0
      ZADD old 1 a
      COPY old z
      b> BZPOPMIN z 0
      CLIENT UNBLOCK {id:b}
      b> BZMPOP 0 1 z MIN
      CLIENT UNBLOCK {id:b} ERROR
      b> BZPOPMIN z 0.02
      ~ b
      b> BZMPOP 0.02 1 z MIN COUNT 3
      ~ b
    `,
  },
]
