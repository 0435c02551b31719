/** Scripts for the set commands. */
import type { Case } from '../script.ts'
import { INTEGERS, ONE_OF_EACH, each, lines } from '../values.ts'

const ON_OTHER_TYPES = lines(`
  SADD % a
  SREM % a
  SCARD %
  SISMEMBER % a
  SMISMEMBER % a b
  SMEMBERS %
  SMOVE % out a
  SMOVE set % a
  SPOP %
  SPOP % 0
  SPOP % x
  SPOP % -1
  SRANDMEMBER %
  SRANDMEMBER % 0
  SRANDMEMBER % x
  SINTER %
  SINTER none %
  SINTER % none
  SUNION none %
  SDIFF none %
  SDIFF set %
  SINTERSTORE out none %
  SUNIONSTORE out %
  SDIFFSTORE % set none
  SINTERCARD 1 %
  SINTERCARD 2 none %
  SINTERCARD 0 %
  SSCAN % 0
  SSCAN % x
`)

const TYPES = ['str', 'list', 'zset', 'hash', 'stream']
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i).join(' ')

export const cases: readonly Case[] = [
  {
    name: 'wrong numbers of arguments',
    commands: `
      SADD
      SADD s
      SREM s
      SCARD
      SCARD s t
      SISMEMBER s
      SISMEMBER s a b
      SMISMEMBER s
      SMEMBERS
      SMEMBERS s t
      SMOVE s t
      SMOVE s t a b
      SPOP
      SPOP s 1 2
      SRANDMEMBER
      SRANDMEMBER s 1 2
      SINTER
      SUNION
      SDIFF
      SINTERSTORE d
      SUNIONSTORE d
      SDIFFSTORE d
      SINTERCARD
      SINTERCARD 1
      SSCAN s
    `,
  },
  {
    name: 'adding, asking and removing',
    commands: `
      SADD s a b c a
      SADD s a
      SADD s ""
      SADD s "\\x00\\r\\n\\xff"
      SCARD s
      SISMEMBER s a
      SISMEMBER s A
      SISMEMBER s ""
      SISMEMBER none a
      SMISMEMBER s a x b ""
      SMISMEMBER none a b
      SMEMBERS s
      SMEMBERS none
      SREM s a a x
      SREM s b c "" "\\x00\\r\\n\\xff"
      EXISTS s
      SREM none a
      SCARD none
    `,
  },
  {
    name: 'integers and what only looks like them',
    commands: `
      ${each('DEL s\nSADD s %\nOBJECT ENCODING s\nSISMEMBER s %\nSADD s 5\nOBJECT ENCODING s\nSMEMBERS s', INTEGERS)}
      SADD i ${range(-20, 20)}
      SMEMBERS i
      SISMEMBER i -20
      SISMEMBER i -21
      SADD i 32767 32768 -32768 -32769 2147483647 2147483648 -2147483648 -2147483649
      SADD i 9223372036854775807 -9223372036854775808
      SMEMBERS i
      OBJECT ENCODING i
      SREM i 0 9223372036854775807
      SADD i 9223372036854775808
      OBJECT ENCODING i
      SMEMBERS i
    `,
  },
  {
    name: 'encodings and their limits',
    commands: `
      SADD i ${range(1, 512)}
      OBJECT ENCODING i
      SADD i 513
      OBJECT ENCODING i
      SADD t ${each('m%', [...Array(129).keys()]).replaceAll('\n', ' ')}
      OBJECT ENCODING t
      SCARD t
      SISMEMBER t m128
      SADD u ${'x'.repeat(64)}
      SADD u ${'x'.repeat(65)}
      OBJECT ENCODING u
      SADD m ${range(1, 100)} a
      SISMEMBER m 50
      SISMEMBER m a
      SREM m a
      OBJECT ENCODING m
      SMEMBERS m
    `,
  },
  {
    name: 'SMOVE',
    commands: `
      SADD s a b c
      SADD t c d
      SMOVE s t a
      SMOVE s t c
      SMOVE s t x
      SMOVE none t x
      SMOVE s s b
      SMOVE s s x
      SMOVE s new b
      EXISTS s
      SMEMBERS t
      SMEMBERS new
      SADD i 1 2
      SMOVE i t 1
      SMOVE t i d
      SMEMBERS i
      OBJECT ENCODING i
      SET str x
      SMOVE t str c
      SMOVE none str c
      SMOVE str t c
      SMOVE t none2 nothing
      EXISTS none2
    `,
  },
  {
    name: 'unions, intersections and differences',
    commands: `
      SADD a 1 2 3 4 5
      SADD b 3 4 5 6
      SADD c x 4 y 5
      SINTER a b
      SINTER a b c
      SINTER a a
      SINTER a none
      SINTER none none
      SINTER a
      SUNION a b c
      SUNION a none
      SUNION none
      SDIFF a b
      SDIFF a b c
      SDIFF a a
      SDIFF none a
      SDIFF a none
      SDIFF a
      SINTERSTORE d a b
      SMEMBERS d
      OBJECT ENCODING d
      SINTERSTORE d a none
      EXISTS d
      SUNIONSTORE d a b
      OBJECT ENCODING d
      SUNIONSTORE d d c
      SMEMBERS d
      SDIFFSTORE d d a
      SMEMBERS d
      SDIFFSTORE a a b
      SMEMBERS a
      SET str x
      SUNIONSTORE str a b
      TYPE str
      SET str x EX 100
      SINTERSTORE str none b
      EXISTS str
      EXPIRE b 100
      SUNIONSTORE b b c
      TTL b
      SADD big ${range(1, 700)}
      SADD other ${range(300, 1000)}
      SINTERCARD 2 big other
      SINTERSTORE d big other
      SCARD d
      OBJECT ENCODING d
      SDIFF big other
      SDIFF other big a
    `,
  },
  {
    name: 'SINTERCARD',
    commands: `
      SADD a 1 2 3 4 5
      SADD b 3 4 5 6
      SINTERCARD 2 a b
      SINTERCARD 2 a b LIMIT 0
      SINTERCARD 2 a b LIMIT 1
      SINTERCARD 2 a b LIMIT 10
      SINTERCARD 2 a b limit 2
      SINTERCARD 1 a
      SINTERCARD 1 a b
      SINTERCARD 3 a b
      SINTERCARD 2 a none
      SINTERCARD 2 a b LIMIT
      SINTERCARD 2 a b LIMIT -1
      SINTERCARD 2 a b LIMIT x
      SINTERCARD 2 a b FOO 1
      SINTERCARD 2 a b LIMIT 1 LIMIT 2
      ${each('SINTERCARD % a b', INTEGERS)}
    `,
  },
  {
    name: 'SPOP and SRANDMEMBER where there is nothing to choose',
    commands: `
      SPOP none
      SPOP none 1
      SPOP none 0
      SPOP none x
      SPOP none -1
      SRANDMEMBER none
      SRANDMEMBER none 5
      SRANDMEMBER none -5
      SADD s a
      SRANDMEMBER s
      SRANDMEMBER s 1
      SRANDMEMBER s 5
      SRANDMEMBER s -3
      SRANDMEMBER s 0
      SPOP s 0
      SPOP s -1
      SPOP s x
      SPOP s 9223372036854775807
      EXISTS s
      SADD s a
      SPOP s
      EXISTS s
      SADD s a b c
      SRANDMEMBER s 3
      SRANDMEMBER s 10
      SPOP s 10
      EXISTS s
      SADD i 1 2 3
      SPOP i 3
      SADD i 7
      SPOP i
      SRANDMEMBER s 9223372036854775808
      SRANDMEMBER s -9223372036854775808
      SRANDMEMBER s 1.5
    `,
  },
  {
    name: 'SPOP and SRANDMEMBER give as many as they are asked for',
    commands: `
      SADD s ${range(1, 300)} a b c
      SRANDMEMBER s 10
      SRANDMEMBER s -10
      SRANDMEMBER s 250
      SRANDMEMBER s 302
      SRANDMEMBER s -400
      SPOP s 10
      SCARD s
      SPOP s 280
      SCARD s
      SPOP s
      SPOP s 12
      EXISTS s
      SADD i ${range(1, 100)}
      SPOP i 90
      OBJECT ENCODING i
      SCARD i
      DEL i
    `,
  },
  {
    name: 'SSCAN',
    commands: `
      SADD s a b c 1 2
      SSCAN s 0
      SSCAN s 0 MATCH [ab] COUNT 100
      SSCAN s 0 MATCH *
      SSCAN s 0 MATCH
      SSCAN s 0 COUNT 0
      SSCAN s 0 COUNT x
      SSCAN s 0 FOO
      SSCAN s 0 TYPE set
      SSCAN s x
      SSCAN none 0
      SSCAN none x
      SSCAN none 0 COUNT x
      SADD i 1 2 3
      SSCAN i 0 COUNT 1
      SADD big ${range(1, 600)}
      SSCAN big 0 COUNT 10000
      SSCAN big 0 COUNT 10000 MATCH 5?
    `,
  },
  {
    name: 'set commands on other types and missing keys',
    commands: `${ONE_OF_EACH}
      ${TYPES.map((key) => ON_OTHER_TYPES.map((line) => line.replaceAll('%', key)).join('\n')).join(`\n${ONE_OF_EACH}\n`)}
      ${ON_OTHER_TYPES.map((line) => line.replaceAll('%', 'none')).join('\n')}
    `,
  },
  {
    name: 'events and broken watches',
    commands: `
      CONFIG SET notify-keyspace-events KEAn
      b> PSUBSCRIBE __key*
      SADD s a b
      SADD s a
      SREM s a
      SREM s none
      SMOVE s t b
      SADD u a b c
      SPOP u 0
      SPOP u 3
      SADD u a
      SINTERSTORE d u
      SINTERSTORE d u none
      SUNIONSTORE d u
      SDIFFSTORE d none
      SDIFFSTORE d none
      WATCH u
      c> SADD u a
      MULTI
      EXEC
      WATCH u
      c> SREM u x
      MULTI
      EXEC
      WATCH u
      c> SADD u z
      MULTI
      EXEC
      CONFIG SET notify-keyspace-events ""
    `,
  },
]
