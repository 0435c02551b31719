/** Scripts for the hash commands. */
import type { Case } from '../script.ts'
import { FLOATS, INTEGERS, ONE_OF_EACH, each, lines } from '../values.ts'

const ON_OTHER_TYPES = lines(`
  HSET % f v
  HSETNX % f v
  HMSET % f v
  HGET % f
  HMGET % f g
  HGETALL %
  HKEYS %
  HVALS %
  HLEN %
  HEXISTS % f
  HSTRLEN % f
  HDEL % f
  HINCRBY % f 1
  HINCRBY % f x
  HINCRBYFLOAT % f 1
  HINCRBYFLOAT % f x
  HRANDFIELD %
  HRANDFIELD % 0
  HRANDFIELD % x
  HRANDFIELD % 1 FOO
  HSCAN % 0
  HSCAN % x
  HSET % f
`)

const TYPES = ['str', 'list', 'set', 'zset', 'stream']
const fields = (count: number) => Array.from({ length: count }, (_, i) => `f${i} v${i}`).join(' ')

export const cases: readonly Case[] = [
  {
    name: 'wrong numbers of arguments',
    commands: `
      HSET
      HSET h
      HSET h f
      HSET h f v g
      HMSET h
      HMSET h f
      HMSET h f v g
      HSETNX h f
      HSETNX h f v g
      HGET h
      HGET h f g
      HMGET h
      HGETALL
      HGETALL h f
      HKEYS
      HVALS h f
      HLEN
      HEXISTS h
      HSTRLEN h
      HDEL h
      HINCRBY h f
      HINCRBY h f 1 2
      HINCRBYFLOAT h f
      HRANDFIELD
      HRANDFIELD h 1 WITHVALUES x
      HSCAN h
    `,
  },
  {
    name: 'setting, reading and deleting',
    commands: `
      HSET h a 1 b 2
      HSET h a 3 c 4 a 5
      HGETALL h
      HGET h a
      HGET h none
      HGET none a
      HSETNX h a x
      HSETNX h d x
      HSETNX new f ""
      HMSET h e 1 f 2
      HMGET h a none b
      HMGET none a b
      HKEYS h
      HVALS h
      HKEYS none
      HVALS none
      HGETALL none
      HLEN h
      HLEN none
      HEXISTS h a
      HEXISTS h none
      HEXISTS none a
      HSTRLEN h a
      HSTRLEN new f
      HSTRLEN h none
      HSTRLEN none a
      HSET h "" empty
      HGET h ""
      HSET h "\\x00\\r\\n" "\\xff\\x00"
      HGET h "\\x00\\r\\n"
      HDEL h a a none
      HDEL h b c d e f
      HDEL h "" "\\x00\\r\\n"
      EXISTS h
      HDEL none a
    `,
  },
  {
    name: 'HINCRBY over the whole range',
    commands: `
      ${each('HSET h f 10\nHINCRBY h f %\nHGET h f', INTEGERS)}
      ${each('HSET h f %\nHINCRBY h f 1\nHGET h f', INTEGERS)}
      HINCRBY new f 5
      HINCRBY new g -5
      HGETALL new
      HSET h f 9223372036854775807
      HINCRBY h f 1
      HINCRBY h f -1
      HSET h f -9223372036854775808
      HINCRBY h f -1
      HINCRBY h f 9223372036854775807
      HINCRBY none f x
      EXISTS none
    `,
  },
  {
    name: 'HINCRBYFLOAT adds and prints like Redis',
    commands: `
      ${each('HSET h f 10.5\nHINCRBYFLOAT h f %', FLOATS)}
      ${each('HSET h f %\nHINCRBYFLOAT h f 1.5', FLOATS)}
      HINCRBYFLOAT new f 3.0
      HGET new f
      HINCRBYFLOAT new f 1e2
      HINCRBYFLOAT new f -103
      HINCRBYFLOAT none f x
      EXISTS none
      HINCRBYFLOAT none f inf
      HINCRBYFLOAT none f nan
    `,
  },
  {
    name: 'encodings and their limits',
    commands: `
      HSET h f ${'x'.repeat(64)}
      OBJECT ENCODING h
      HSET h f ${'x'.repeat(65)}
      OBJECT ENCODING h
      HSET i ${'x'.repeat(65)} v
      OBJECT ENCODING i
      HSET j ${fields(128)}
      OBJECT ENCODING j
      HSET j f128 v
      OBJECT ENCODING j
      HGET j f77
      HLEN j
      HMSET k ${fields(129)}
      OBJECT ENCODING k
      HDEL k f128
      OBJECT ENCODING k
      HSETNX l f ${'x'.repeat(65)}
      OBJECT ENCODING l
      HSET m n 1
      HINCRBYFLOAT m n 0.5
      OBJECT ENCODING m
      HSET j f5 changed
      HSET j f5 ${'y'.repeat(300)}
      HSTRLEN j f5
      HGETALL j
    `,
  },
  {
    name: 'HRANDFIELD where there is nothing to choose',
    commands: `
      HRANDFIELD none
      HRANDFIELD none 5
      HRANDFIELD none 5 WITHVALUES
      HRANDFIELD none x
      HRANDFIELD none 5 FOO
      HSET h f v
      HRANDFIELD h
      HRANDFIELD h 1
      HRANDFIELD h 5
      HRANDFIELD h -3
      HRANDFIELD h 0
      HRANDFIELD h 0 WITHVALUES
      HRANDFIELD h 5 WITHVALUES
      HRANDFIELD h -2 withvalues
      HRANDFIELD h 1 FOO
      HRANDFIELD h WITHVALUES
      HRANDFIELD h x
      HRANDFIELD h 9223372036854775808
      HRANDFIELD h -9223372036854775808
      HRANDFIELD h -9223372036854775807 WITHVALUES
      HRANDFIELD h 4611686018427387904 WITHVALUES
      HSET h g w i x
      HRANDFIELD h 3
      HRANDFIELD h 10 WITHVALUES
      HRANDFIELD h 2
      HRANDFIELD h -7
      HSET big ${fields(200)}
      HRANDFIELD big 10
      HRANDFIELD big -10 WITHVALUES
      HRANDFIELD big 199
      HRANDFIELD big 60 WITHVALUES
    `,
  },
  {
    name: 'HSCAN',
    commands: `
      HSET h a 1 b 2 c 3
      HSCAN h 0
      HSCAN h 0 COUNT 1
      HSCAN h 0 MATCH [ab]
      HSCAN h 0 MATCH *
      HSCAN h 0 MATCH
      HSCAN h 0 COUNT 0
      HSCAN h 0 COUNT x
      HSCAN h 0 FOO
      HSCAN h x
      HSCAN none 0
      HSCAN none x
      HSET big ${fields(300)}
      HSCAN big 0 COUNT 10000
      HSCAN big 0 COUNT 10000 MATCH f1?
    `,
  },
  {
    name: 'hash commands on other types and missing keys',
    commands: `${ONE_OF_EACH}
      ${TYPES.map((key) => ON_OTHER_TYPES.map((line) => line.replaceAll('%', key)).join('\n')).join(`\n${ONE_OF_EACH}\n`)}
      ${ON_OTHER_TYPES.map((line) => `${line.replaceAll('%', 'none')}\nDEL none`).join('\n')}
    `,
  },
  {
    name: 'events and broken watches',
    commands: `
      CONFIG SET notify-keyspace-events KEAn
      b> PSUBSCRIBE __key*
      HSET h a 1
      HSET h a 1
      HMSET h a 2
      HSETNX h a 3
      HSETNX h n 3
      HINCRBY h a 5
      HINCRBYFLOAT h a 0.5
      HDEL h none
      HDEL h a n
      HSET h a 1
      WATCH h
      c> HSET h a 1
      MULTI
      EXEC
      WATCH h
      c> HDEL h none
      MULTI
      EXEC
      WATCH h
      c> HSETNX h a 9
      MULTI
      EXEC
      CONFIG SET notify-keyspace-events ""
    `,
  },
]
