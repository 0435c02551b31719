/** Scripts for the sorted set commands. */
import type { Case } from '../script.ts'
import {
  FLOATS,
  INDEXES,
  INTEGERS,
  ONE_OF_EACH,
  OTHER_TYPES,
  each,
  lines,
  words,
} from '../values.ts'

const ON_OTHER_TYPES = lines(`
  ZADD % 1 a
  ZADD % XX 1 a
  ZINCRBY % 1 a
  ZREM % a
  ZCARD %
  ZSCORE % a
  ZMSCORE % a b
  ZRANK % a
  ZREVRANK % a
  ZCOUNT % -inf +inf
  ZLEXCOUNT % - +
  ZRANGE % 0 -1
  ZRANGE % 0 -1 BYSCORE
  ZRANGESTORE out % 0 -1
  ZREVRANGE % 0 -1
  ZRANGEBYSCORE % 0 1
  ZREVRANGEBYSCORE % 1 0
  ZRANGEBYLEX % - +
  ZREVRANGEBYLEX % + -
  ZPOPMIN %
  ZPOPMAX % 2
  ZPOPMIN % 0
  ZPOPMIN % -1
  ZMPOP 1 % MIN
  ZMPOP 2 none % MAX
  ZRANDMEMBER %
  ZRANDMEMBER % 0
  ZRANDMEMBER % 0 WITHSCORES
  ZSCAN % 0
  ZUNION 1 %
  ZINTER 2 % none
  ZDIFF 2 none %
  ZINTERCARD 1 %
  ZUNIONSTORE out 1 %
  ZINTERSTORE out 1 %
  ZDIFFSTORE out 1 %
  ZREMRANGEBYRANK % 0 0
  ZREMRANGEBYSCORE % 5 6
  ZREMRANGEBYLEX % [x [y
  ZADD % 1
  ZADD % x a
  ZCOUNT % x 1
  ZLEXCOUNT % a b
  ZRANGE % x 1
`)

const BOUNDS = words(`
  -inf +inf inf ( "" (1 1 (2 2 3 (3 (-inf (+inf nan (nan x (x 1x " 1" "1 " 1e0 0x1 (( "1\\x00x" ( -1 5 -0
`)

const LEX_BOUNDS = words(`
  - + [ ( [a (a [b (b [bb (c [d a "" -x +x "+\\x00" "[a\\x00" 1 12
`)

export const TEN = 'ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i 10 j'

const LEX = 'ZADD lex 0 a 0 b 0 bb 0 c 0 d 0 "" 0 "a\\x00" 0 "\\xff"'

export const LONG_MEMBER = 'm'.repeat(65)

export const MANY = Array.from({ length: 129 }, (_, i) => `${i} m${i}`).join(' ')

const THOUSANDS = Array.from({ length: 3000 }, (_, i) => i)

/** Scores with many ties, in an order that is neither rising nor falling. */
const LARGE = chunks(THOUSANDS.map((i) => `${(i * 7919) % 1009} m${(i * 31) % 3000}`))
  .map((part) => `ZADD big ${part}`)
  .join('\n')

const LARGE_LEX = chunks(THOUSANDS.map((i) => `0 m${(i * 7919) % 3000}`))
  .map((part) => `ZADD lex ${part}`)
  .join('\n')

function chunks(pairs: readonly string[]): string[] {
  const parts: string[] = []
  for (let i = 0; i < pairs.length; i += 100) parts.push(pairs.slice(i, i + 100).join(' '))
  return parts
}

export const cases: readonly Case[] = [
  {
    name: 'ZADD with every option',
    commands: `
      ZADD z 1 a
      ZADD z 1 a 2 b
      ZADD z NX 5 a 6 c
      ZADD z XX 7 a 8 d
      ZADD z GT 1 a 9 b
      ZADD z LT 1 a 1 b
      ZADD z GT CH 100 a 1 c 3 new
      ZADD z LT CH 0 a 1 c 3 newer
      ZADD z XX GT CH 200 a 1 none
      ZADD z XX LT 1 a
      ZADD z CH 5 a 6 e
      ZADD z INCR 5 a
      ZADD z NX INCR 5 a
      ZADD z NX INCR 5 fresh
      ZADD z XX INCR 5 absent
      ZADD z XX INCR 5 a
      ZADD z GT INCR -1 a
      ZADD z LT INCR 1 a
      ZADD z GT INCR 1 a
      ZADD z CH INCR 1 a
      ZADD z INCR 1 a 2 b
      ZADD z NX XX 1 a
      ZADD z NX GT 1 a
      ZADD z NX LT 1 a
      ZADD z GT LT 1 a
      ZADD z GT LT XX 1 a
      ZADD z nx xx gt lt 1 a
      ZADD z nx Ch 1 z1
      ZADD z
      ZADD z 1
      ZADD z NX
      ZADD z NX XX
      ZADD z 1 a 2
      ZADD z FOO 1 a
      ZADD z 1 a NX
      ZADD z NX 1
      ZADD none XX 1 a
      ZADD none XX INCR 1 a
      EXISTS none
      ZADD none XX x a
      ZADD n NX CH 1 a 1 a 2 a
      ZADD n 1 a 2 a 3 a
      ZADD n 1 b x c
      ZSCORE n b
      ZRANGE z 0 -1 WITHSCORES
    `,
  },
  {
    name: 'scores as text',
    commands: `
      ${FLOATS.map((score) => `ZADD k ${score} m\nZSCORE k m\nDEL k`).join('\n')}
      ZADD k 0 m
      ${each('ZINCRBY k % m\nZSCORE k m', FLOATS)}
      ZADD big 0 ${LONG_MEMBER}
      ${each('ZADD big % m\nZSCORE big m\nZINCRBY big 0 m', FLOATS)}
      ZADD inf inf a -inf b
      ZINCRBY inf -inf a
      ZINCRBY inf inf b
      ZINCRBY inf inf a
      ZADD inf INCR -inf a
      ZINCRBY inf nx a
      ZINCRBY inf 1
      ZINCRBY inf 1 a b
      ZINCRBY new 1.5 a
      ZINCRBY new 1e300 a
      ZRANGE inf 0 -1 WITHSCORES
    `,
  },
  {
    name: 'order, ranks and scores',
    commands: `
      ZADD z 1 b 1 a 1 "" 1 aa 0 z 2 "\\xff" 2 "\\x00" 2 10 2 9 -1 x
      ZRANGE z 0 -1 WITHSCORES
      ${each('ZRANK z %\nZREVRANK z %\nZSCORE z %', words('a b "" aa z x 9 10 09 none "\\xff" "\\x00"'))}
      ZRANK none a
      ZREVRANK none a
      ZRANK z
      ZSCORE z
      ZSCORE none a
      ZSCORE z a b
      ZMSCORE z a none b
      ZMSCORE none a b
      ZMSCORE z
      ZCARD z
      ZCARD none
      ZCARD
      ZCARD z z
    `,
  },
  {
    name: 'ZREM and what is left',
    commands: `
      ${TEN}
      ZREM z a
      ZREM z a
      ZREM z a b none c c
      ZREM z
      ZREM none a
      ZRANGE z 0 -1
      ZREM z d e f g h i j extra
      EXISTS z
      ZADD z 1 a EX 10
      ZADD t 1 a
      EXPIRE t 100
      ZADD t 2 b
      TTL t
      ZREM t a b
      TTL t
    `,
  },
  {
    name: 'encodings',
    commands: `
      ZADD z 1 a
      OBJECT ENCODING z
      ZADD z 1 ${LONG_MEMBER}
      OBJECT ENCODING z
      ZREM z ${LONG_MEMBER}
      OBJECT ENCODING z
      ZADD first 1 ${LONG_MEMBER}
      OBJECT ENCODING first
      ZADD edge 1 ${'m'.repeat(64)}
      OBJECT ENCODING edge
      ZADD many ${MANY}
      OBJECT ENCODING many
      ZREM many m0
      OBJECT ENCODING many
      ZRANGESTORE copy many 0 -1
      OBJECT ENCODING copy
      ZUNIONSTORE union 1 many
      OBJECT ENCODING union
      ZINTERSTORE inter 2 first z
      OBJECT ENCODING inter
      ZUNIONSTORE long 2 first z
      OBJECT ENCODING long
      CONFIG SET zset-max-listpack-entries 2
      ZADD small 1 a 2 b
      OBJECT ENCODING small
      ZADD small 3 c
      OBJECT ENCODING small
      ZRANGE small 0 -1 WITHSCORES
      CONFIG SET zset-max-listpack-entries 0
      ZADD none 1 a
      OBJECT ENCODING none
      CONFIG SET zset-max-listpack-entries 128
      CONFIG SET zset-max-listpack-value 3
      ZADD short 1 abc
      OBJECT ENCODING short
      ZADD short 1 abcd
      OBJECT ENCODING short
      CONFIG SET zset-max-listpack-value 64
    `,
  },
  {
    name: 'ZRANGE by rank',
    commands: `
      ${TEN}
      ${INDEXES.map((start) => each(`ZRANGE z ${start} %\nZREVRANGE z ${start} %\nZRANGE z ${start} % REV`, [0, 1, 5, 9, 10, -1, -2, -10, -11])).join('\n')}
      ${each('ZRANGE z 0 %', INDEXES)}
      ZRANGE z 0 1 WITHSCORES
      ZRANGE z 0 1 REV WITHSCORES
      ZRANGE z 0 1 withscores rev
      ZREVRANGE z 0 1 WITHSCORES
      ZREVRANGE z 0 1 REV
      ZRANGE z 0 1 WITHSCORES WITHSCORES
      ZRANGE z 0 1 REV REV
      ZRANGE z 0 1 LIMIT 0 1
      ZRANGE z 0 1 LIMIT 0 -1
      ZRANGE z 0 1 LIMIT 0
      ZRANGE z 0 1 LIMIT x 1
      ZRANGE z 0 1 LIMIT 1 x
      ZREVRANGE z 0 1 LIMIT 0 -1
      ZREVRANGE z 0 1 LIMIT 0 1
      ZRANGE z 0 1 FOO
      ZRANGE z 0
      ZRANGE none 0 -1
      ZRANGE none 0 -1 WITHSCORES
      ZRANGE none x -1
    `,
  },
  {
    name: 'ranges by score',
    commands: `
      ${TEN}
      ZADD ties 1 a 1 b 2 c 2 d 3 e 3 f
      ${BOUNDS.map((min) => each(`ZCOUNT ties ${min} %\nZRANGEBYSCORE ties ${min} %\nZREVRANGEBYSCORE ties ${min} %`, ['2', '(2', '+inf', '-inf', 'x'])).join('\n')}
      ${BOUNDS.map((max) => each(`ZCOUNT ties % ${max}\nZRANGEBYSCORE ties % ${max} WITHSCORES\nZREVRANGEBYSCORE ties % ${max} WITHSCORES`, ['1', '(1', '2'])).join('\n')}
      ${INDEXES.map((offset) => each(`ZRANGEBYSCORE z 3 8 LIMIT ${offset} %\nZREVRANGEBYSCORE z 8 3 LIMIT ${offset} %\nZRANGE z 8 3 BYSCORE REV LIMIT ${offset} % WITHSCORES`, [0, 1, 2, 100, -1, -5, 'x'])).join('\n')}
      ZRANGE z (3 +inf BYSCORE
      ZRANGE z +inf (3 BYSCORE REV
      ZRANGE z (3 +inf BYSCORE REV
      ZRANGE z 1 2 BYSCORE BYLEX
      ZRANGE z 1 2 BYSCORE BYSCORE
      ZRANGEBYSCORE z 1 2 BYSCORE
      ZRANGEBYSCORE z 1 2 REV
      ZRANGEBYSCORE z 1 2 LIMIT 0 1 LIMIT 1 1
      ZRANGEBYSCORE z 1
      ZRANGEBYSCORE none 1 2
      ZRANGEBYSCORE none x 2
      ZCOUNT none 1 2
      ZCOUNT none x y
      ZCOUNT z 1
    `,
  },
  {
    name: 'ranges by member',
    commands: `
      ${LEX}
      ${LEX_BOUNDS.map((min) => each(`ZLEXCOUNT lex ${min} %\nZRANGEBYLEX lex ${min} %\nZREVRANGEBYLEX lex % ${min}`, LEX_BOUNDS)).join('\n')}
      ${INDEXES.map((offset) => each(`ZRANGEBYLEX lex [a [c LIMIT ${offset} %\nZREVRANGEBYLEX lex [c [a LIMIT ${offset} %`, [0, 1, 2, -1])).join('\n')}
      ZRANGE lex [a [c BYLEX
      ZRANGE lex [c [a BYLEX REV
      ZRANGE lex [a [c BYLEX WITHSCORES
      ZRANGEBYLEX lex - + WITHSCORES
      ZRANGEBYLEX lex - + LIMIT 1
      ZRANGEBYLEX none - +
      ZRANGEBYLEX none a b
      ZLEXCOUNT none - +
      ZADD lex 0 ${LONG_MEMBER}
      ${LEX_BOUNDS.map((min) => each(`ZLEXCOUNT lex ${min} %\nZRANGEBYLEX lex ${min} %`, LEX_BOUNDS)).join('\n')}
    `,
  },
  {
    name: 'ZRANGESTORE',
    commands: `
      ${TEN}
      ${LEX}
      ZRANGESTORE out z 0 2
      ZRANGE out 0 -1 WITHSCORES
      ZRANGESTORE out z 0 2 REV
      ZRANGE out 0 -1 WITHSCORES
      ZRANGESTORE out z 3 (6 BYSCORE
      ZRANGE out 0 -1
      ZRANGESTORE out z (6 3 BYSCORE REV LIMIT 1 1
      ZRANGE out 0 -1
      ZRANGESTORE out lex [b + BYLEX LIMIT 1 2
      ZRANGE out 0 -1
      ZRANGESTORE out z 0 2 WITHSCORES
      ZRANGESTORE out z 0 2 LIMIT 0 1
      ZRANGESTORE out z x 2
      ZRANGESTORE out z 20 30
      EXISTS out
      ZRANGESTORE out z 20 30
      SET out string
      ZRANGESTORE out none 0 -1
      EXISTS out
      SET out string EX 100
      ZRANGESTORE out z 0 -1
      TYPE out
      TTL out
      ZRANGESTORE z z 0 1
      ZRANGE z 0 -1
      ZRANGESTORE z z 5 6
      EXISTS z
      ZRANGESTORE out lex
      ZRANGESTORE out lex 0
    `,
  },
  {
    name: 'ranges that are removed',
    commands: `
      ${each(`${TEN}\nZREMRANGEBYRANK z % 3\nZREMRANGEBYRANK z 2 %\nZRANGE z 0 -1`, INDEXES)}
      ${each(`${TEN}\nZREMRANGEBYSCORE z % 3\nZREMRANGEBYSCORE z 5 %\nZRANGE z 0 -1`, BOUNDS)}
      ${each(`${LEX}\nZREMRANGEBYLEX lex % [b\nZREMRANGEBYLEX lex (b %\nZRANGE lex 0 -1`, LEX_BOUNDS)}
      ZREMRANGEBYRANK none 0 -1
      ZREMRANGEBYRANK none x -1
      ZREMRANGEBYRANK z 0
      ${TEN}
      ZREMRANGEBYRANK z 0 -1
      EXISTS z
      ZADD many ${MANY}
      ZREMRANGEBYSCORE many 10 (100
      ZREMRANGEBYRANK many 2 4
      ZRANGE many 0 -1
      ZCARD many
      ZREMRANGEBYSCORE many -inf +inf
      EXISTS many
    `,
  },
  {
    name: 'sets of thousands',
    commands: `
      ${LARGE}
      ${LARGE_LEX}
      ${each('ZRANK big m%\nZREVRANK big m%\nZSCORE big m%', [0, 1, 500, 1234, 2998, 2999, 3000])}
      ${each('ZRANGE big % % WITHSCORES', [0, 83, 84, 85, 1500, 2999, 3000, -1, -84, -3000])}
      ${each('ZRANGE big % -1 REV\nZRANGE big 0 % REV WITHSCORES', [2990, 2999, -3, 5])}
      ${[0, 1, 17, 500, 1007, 1008, 1009].map((min) => each(`ZCOUNT big ${min} %\nZCOUNT big (${min} (%\nZRANGEBYSCORE big ${min} % LIMIT 3 5 WITHSCORES\nZREVRANGEBYSCORE big % (${min} LIMIT 100 3`, [1, 17, 500, 1008, 2000])).join('\n')}
      ${words('- [m [m1 (m1 [m15 [m2999 (m2999 [n +')
        .map((min) =>
          each(
            `ZLEXCOUNT lex ${min} %\nZRANGEBYLEX lex ${min} % LIMIT 0 4\nZREVRANGEBYLEX lex % ${min} LIMIT 2 4`,
            words('- [m1 (m2 [m20 (m2999 [m999 +'),
          ),
        )
        .join('\n')}
      ${each('ZINCRBY big % m5\nZRANK big m5', [0, 1, -1, 0.5, 300, -2000, 5000])}
      ${each('ZADD big % m77 % m1500\nZRANK big m77\nZRANK big m1500', [0, 1008, 500, 500.5, -1])}
      ZRANGESTORE part big 100 200 BYSCORE
      ZRANGESTORE part2 big 5 2000 REV
      ZREMRANGEBYRANK part 10 -10
      ZREMRANGEBYSCORE part2 (300 700
      ZREMRANGEBYLEX lex [m11 (m27
      ZLEXCOUNT lex - +
      ZPOPMIN big 100
      ZPOPMAX big 100
      ZMPOP 1 big MAX COUNT 150
      ZREMRANGEBYRANK big 100 1900
      ZREMRANGEBYRANK big -50 -1
      ZREMRANGEBYSCORE big -inf 50
      ${each('ZRANGE big % %', [0, 50, 100])}
      ZUNIONSTORE sum 3 big lex part WEIGHTS 1 2 3
      ZINTERSTORE both 2 lex sum AGGREGATE MAX
      ZDIFFSTORE rest 2 sum both
      ZINTERCARD 2 lex sum LIMIT 100
      ZUNION 2 big part WITHSCORES
      ZREMRANGEBYRANK sum 0 -1
      ${each('ZREM lex m%', [1, 2, 3, 500, 2999])}
      ZCARD lex
    `,
  },
  {
    name: 'ZRANDMEMBER and ZSCAN',
    commands: `
      ZADD one 1.5 a
      ZRANDMEMBER one
      ZRANDMEMBER one 1
      ZRANDMEMBER one 5 WITHSCORES
      ZRANDMEMBER one -3 WITHSCORES
      ZRANDMEMBER one 0
      ZRANDMEMBER one 0 WITHSCORES
      ZRANDMEMBER none
      ZRANDMEMBER none 1
      ZRANDMEMBER none -1 WITHSCORES
      ZRANDMEMBER one x
      ZRANDMEMBER one 1 FOO
      ZRANDMEMBER one 1 WITHSCORES WITHSCORES
      ZRANDMEMBER one -9223372036854775808
      ZRANDMEMBER one 9223372036854775807 WITHSCORES
      ZRANDMEMBER one -9223372036854775807 WITHSCORES
      ZRANDMEMBER one 9223372036854775807
      ZSCAN one 0
      ZSCAN one 5
      ${each('ZSCAN one %', INTEGERS)}
      ${each('ZSCAN one 0 COUNT %', INTEGERS)}
      ZSCAN one 0 MATCH a*
      ZSCAN one 0 MATCH b*
      ZSCAN one 0 MATCH
      ZSCAN one 0 COUNT
      ZSCAN one 0 COUNT 10 MATCH *
      ZSCAN one 0 FOO
      ZSCAN one 0 TYPE zset
      ZSCAN none 0
      ZSCAN none x
      ZSCAN none 0 FOO
      ZSCAN one
      ZADD many ${MANY}
      ZSCAN many 0 COUNT 1000
      ZSCAN many 0 COUNT 1000 MATCH m1*
      ZRANDMEMBER many 1000 WITHSCORES
    `,
  },
  {
    name: 'sorted set commands against other types',
    commands: `${ONE_OF_EACH}
      ${[...OTHER_TYPES, 'str'].map((key) => ON_OTHER_TYPES.map((line) => line.replaceAll('%', key)).join('\n')).join(`\nDEL zset set\n${ONE_OF_EACH}\n`)}
      ${ON_OTHER_TYPES.map((line) => `${line.replaceAll('%', 'none')}\nDEL none`).join('\n')}`,
  },
  {
    name: 'keyspace events of sorted sets',
    protocol: 2,
    commands: `
      CONFIG SET notify-keyspace-events KEA
      b> PSUBSCRIBE __key*__:*
      ZADD z 1 a 2 b 3 c
      ZADD z 1 a
      ZADD z INCR 1 a
      ZINCRBY z 1 a
      ZREM z a none
      ZREM z none
      ZPOPMIN z
      ZMPOP 1 z MAX
      ${TEN}
      ZREMRANGEBYRANK z 0 0
      ZREMRANGEBYSCORE z 2 3
      ZREMRANGEBYSCORE z 2 3
      ZRANGESTORE out z 0 1
      ZRANGESTORE out z 100 101
      ZUNIONSTORE out 1 z
      ZINTERSTORE out 2 z z
      ZDIFFSTORE out 1 z
      ZDIFFSTORE out 2 z z
      ZDIFFSTORE out 2 z z
      ZPOPMAX z 100
      ZADD lex 0 a 0 b
      ZREMRANGEBYLEX lex - +
      ZADD r 1 a
      ZREM r a
      ZADD r 1 a
      ZREMRANGEBYRANK r 0 -1
      CONFIG SET notify-keyspace-events ""
    `,
  },
]
