/** Scripts for SORT and SORT_RO. */
import type { Case } from '../script.ts'
import { lines } from '../values.ts'

const NUMBERS = 'RPUSH l 3 1 -2 10 2.5 1e2 0 1 -inf'
const WORDS = 'RPUSH w pear Apple apple fig 10 9 "" zebra fig'
const SETS = lines(`
  SADD i 5 3 -7 100 12
  SADD s 5 3 a b 12
  SADD m 5 3 -7 100 12 0.5
  ZADD z 3 30 1 10 2 20 2 15
`)
const WEIGHTS = lines(`
  RPUSH l a b c d 7
  MSET w_a 3 w_b 1 w_c 2 w_7 -1
  HSET h_a f 30 n ann
  HSET h_b f 10 n bob
  HSET h_c f 2x n cyd
  HSET h_7 f 20
  RPUSH w_list x
`)

/** Every option with every input. */
const INPUTS = ['l', 'w', 'i', 'm', 'z', 'none']
const OPTIONS = lines(`
  ASC
  DESC
  ALPHA
  ALPHA DESC
  DESC ASC
  LIMIT 0 3
  LIMIT 2 2
  LIMIT 2 -1
  LIMIT -1 2
  LIMIT 100 2
  LIMIT 0 0
  LIMIT 1 100 DESC
  LIMIT 0 -7
  ALPHA LIMIT 1 3
  ALPHA STORE out
  STORE out
  STORE out DESC LIMIT 0 2
  STORE out LIMIT 5 0
`)

function sorts(command: string, options: readonly string[] = OPTIONS): string[] {
  const allowed = options.filter((option) => command === 'SORT' || !option.includes('STORE'))
  return INPUTS.flatMap((key) =>
    allowed.flatMap((option) => [
      `${command} ${key} ${option}`,
      ...(option.includes('STORE') ? ['LRANGE out 0 -1', 'TTL out'] : []),
    ]),
  )
}

export const cases: readonly Case[] = [
  {
    name: 'SORT by the elements themselves',
    commands: [NUMBERS, WORDS, ...SETS, ...sorts('SORT')],
  },
  {
    name: 'SORT_RO by the elements themselves',
    commands: [NUMBERS, WORDS, ...SETS, ...sorts('SORT_RO')],
  },
  {
    name: 'SORT of long inputs',
    commands: [
      ['RPUSH', 'l', ...Array.from({ length: 900 }, (_, i) => (i * 7919) % 1000)],
      ['SADD', 'i', ...Array.from({ length: 900 }, (_, i) => (i * 7919) % 100003)],
      ['SADD', 'm', ...Array.from({ length: 900 }, (_, i) => `m${(i * 7919) % 100003}`)],
      ['ZADD', 'z', ...Array.from({ length: 600 }, (_, i) => [i % 17, (i * 31) % 601]).flat()],
      ...lines(`
        SORT l
        SORT l DESC LIMIT 10 20
        SORT l ALPHA LIMIT 890 20
        SORT l BY nosort LIMIT 300 10
        SORT l BY nosort DESC LIMIT 300 10
        SORT i
        SORT i ALPHA DESC LIMIT 0 7
        SORT m ALPHA
        SORT m ALPHA LIMIT 450 5
        SORT z
        SORT z BY nosort LIMIT 100 10
        SORT z BY nosort DESC LIMIT 100 10
        SORT l STORE out
        LRANGE out 0 -1
        SORT m ALPHA DESC STORE l
        LRANGE l 0 -1
      `),
    ],
  },
  {
    name: 'SORT BY other keys',
    commands: [
      ...WEIGHTS,
      ...lines(`
        SORT l BY w_*
        SORT l BY w_* DESC
        SORT l BY w_* LIMIT 1 2
        SORT l BY h_*->f
        SORT l BY h_*->n ALPHA
        SORT l BY h_*->n ALPHA DESC
        SORT l BY h_*->
        SORT l BY h_*->missing
        SORT l BY none_*
        SORT l BY none_* DESC
        SORT l BY *
        SORT l BY * ALPHA
        SORT l BY nosort
        SORT l BY nosort DESC
        SORT l BY nosort DESC LIMIT 1 2
        SORT l BY nosort LIMIT 3 100
        SORT l BY #
        SORT l BY ""
        SORT l BY w_* BY nosort
        SORT l BY nosort BY w_*
        SORT l BY ->*
        SORT l BY w_*->f
        SORT l BY h_*->f*
        SORT_RO l BY w_*
        SORT_RO l BY h_*->n ALPHA
        SET w_d nan
        SORT l BY w_*
        SET w_d "3 "
        SORT l BY w_*
        SET w_d " 3"
        SORT l BY w_*
        SET w_d ""
        SORT l BY w_*
        SET w_d 0x10
        SORT l BY w_*
        SET w_d "3\\x00x"
        SORT l BY w_*
        SET w_d -inf
        SORT l BY w_*
        SET w_d 12345678901234567890123
        SORT l BY w_*
        DEL w_d
        RPUSH w_d 1
        SORT l BY w_*
        SET w_c 1e500
        SORT l BY w_*
        # In redis-server the overflow would be found again in later numbers, until one is read that forgets it.
        INCRBYFLOAT w_b 1
      `),
    ],
  },
  {
    name: 'SORT GET',
    commands: [
      ...WEIGHTS,
      ...lines(`
        SORT l BY w_* GET #
        SORT l BY w_* GET w_*
        SORT l BY w_* GET # GET w_* GET h_*->n GET none_*
        SORT l BY nosort GET h_*->f GET h_*->none
        SORT l BY nosort GET fixed
        SORT l BY nosort GET w_a
        SORT l BY nosort GET w_list
        SORT l BY nosort GET h_*
        SORT l BY nosort GET h_*->
        SORT l BY nosort GET w_*->f
        SORT l BY nosort GET ""
        SORT l BY nosort LIMIT 1 2 GET # GET w_*
        SORT l GET # GET w_* BY get GET h_*->f LIMIT 0 2
        SORT_RO l BY w_* GET # GET w_*
        SORT l BY w_* GET # GET h_*->n STORE out
        LRANGE out 0 -1
        SORT l BY nosort GET none_* STORE out
        LRANGE out 0 -1
        SORT l BY nosort GET w_* STORE w_a
        LRANGE w_a 0 -1
        SORT l BY nosort STORE l
        LRANGE l 0 -1
        SORT none GET # STORE l
        EXISTS l
        RPUSH get get by limit
        SORT get ALPHA GET #
        SET by_get by
        SORT get ALPHA GET by_* GET # STORE store
        LRANGE store 0 -1
      `),
    ],
  },
  {
    name: 'SORT of sets and sorted sets without an order',
    commands: [
      ...SETS,
      ...lines(`
        SORT i BY nosort
        SORT m BY nosort
        SORT m BY nosort STORE out
        LRANGE out 0 -1
        SORT m BY nosort DESC STORE out
        LRANGE out 0 -1
        SORT m BY nosort LIMIT 1 2 STORE out
        LRANGE out 0 -1
        SORT z BY nosort
        SORT z BY nosort DESC
        SORT z BY nosort LIMIT 1 2
        SORT z BY nosort DESC LIMIT 1 2
        SORT z BY nosort DESC LIMIT 3 10 GET # STORE out
        LRANGE out 0 -1
        SORT z BY nosort LIMIT 4 1
      `),
    ],
  },
  {
    name: 'a sorted set that was sorted is no listpack any more',
    commands: [
      ...'abcdefg'.split('').map((key) => `ZADD ${key} 2 2 1 1 3 x`),
      ...lines(`
        SORT a ALPHA
        OBJECT ENCODING a
        SORT_RO b BY nosort
        OBJECT ENCODING b
        SORT c
        OBJECT ENCODING c
        SORT d LIMIT 0 0
        OBJECT ENCODING d
        SORT e LIMIT a 1
        OBJECT ENCODING e
        SORT f BY nosort STORE out
        OBJECT ENCODING f
        SORT g BY nosort STORE g
        TYPE g
        ZADD a 0 0 5 x
        ZREM a 2
        ZRANGE a 0 -1 WITHSCORES
        OBJECT ENCODING a
        COPY a copy
        OBJECT ENCODING copy
        ZRANGESTORE range a 0 -1
        OBJECT ENCODING range
        RENAME a renamed
        OBJECT ENCODING renamed
        MULTI
        SORT e ALPHA
        OBJECT ENCODING e
        EXEC
      `),
    ],
  },
  {
    name: 'SORT refuses',
    commands: lines(`
      RPUSH l 1 a 3
      SORT l
      SORT l DESC LIMIT 0 1
      SORT l STORE out
      EXISTS out
      SORT l ALPHA
      SADD s x
      SORT s
      ZADD z 1 x
      SORT z
      SORT
      SORT_RO
      SORT l BY
      SORT l GET
      SORT l STORE
      SORT l LIMIT
      SORT l LIMIT 0
      SORT l LIMIT a 1
      SORT l LIMIT 0 b
      SORT l LIMIT 99999999999999999999 1
      SORT l LIMIT 9223372036854775807 9223372036854775807 ALPHA
      SORT l LIMIT -9223372036854775808 9223372036854775807 ALPHA
      SORT l FOO
      SORT l ALPHA FOO
      SORT l LIMIT a 1 FOO
      SORT_RO l STORE out
      SORT_RO l ALPHA STORE out
      SET str x
      HSET h f v
      XADD x 1-1 f v
      SORT str
      SORT h
      SORT x
      SORT_RO str
      SORT str FOO
      SORT str STORE l
      SORT none
      SORT_RO none BY w_* GET #
    `),
  },
  {
    name: 'SORT tells what it did',
    commands: lines(`
      CONFIG SET notify-keyspace-events KEAm
      RPUSH l 2 1
      SET out x EX 1000
      k> PSUBSCRIBE __keyevent*
      SORT l STORE out
      SORT none STORE out
      SORT none STORE out
      SORT l BY none_* GET none2_*
      SORT l STORE l
      k> PUNSUBSCRIBE
      CONFIG SET notify-keyspace-events ""
    `),
  },
  {
    name: 'SORT inside a transaction and under WATCH',
    commands: lines(`
      RPUSH l 2 1
      WATCH out
      b> SORT l STORE out
      MULTI
      PING
      EXEC
      WATCH l
      b> SORT l
      MULTI
      SORT l
      SORT l STORE out
      SORT l LIMIT 1
      EXEC
      LRANGE out 0 -1
    `),
  },
  {
    name: 'SORT of numbers and words',
    commands: `
      RPUSH l 3 1 2 10 -5 0.5
      SORT l
      SORT l DESC
      SORT l ASC
      SORT l ALPHA
      SORT l ALPHA DESC
      SORT l LIMIT 0 2
      SORT l LIMIT 1 2 DESC
      SORT l LIMIT -1 2
      SORT l LIMIT 2 -1
      SORT l LIMIT 10 2
      SORT l LIMIT 0 0
      SORT l LIMIT 0
      SORT l LIMIT x 1
      SORT l LIMIT 0 x
      SORT l STORE out
      LRANGE out 0 -1
      SORT l FOO
      SORT l BY
      SORT l GET
      SORT l STORE
      SORT l BY nosort
      SORT l BY nosort DESC
      SORT l BY nosort LIMIT 1 2
      SORT l BY nosort GET #
      SORT none
      SORT none STORE out
      EXISTS out
      RPUSH words b a c
      SORT words
      SORT words ALPHA
      SORT words BY w_*
      MSET w_a 3 w_b 2 w_c 1 d_a A d_b B
      SORT words BY w_*
      SORT words BY w_* GET d_*
      SORT words BY w_* GET # GET d_* GET none_*
      SORT words BY w_* GET d_* STORE out
      LRANGE out 0 -1
      HSET h_a f 1 g x
      HSET h_b f 0 g y
      SORT words BY h_*->f GET h_*->g ALPHA
      SORT words BY h_*->f GET h_*->none
      SORT words BY w_*->f
      SORT words ALPHA GET h_*->
      SORT words BY nosort GET w_*
      SORT_RO words ALPHA
      SORT_RO words ALPHA STORE out
      SADD s 3 1 2
      SORT s
      SORT s BY nosort STORE out
      ZADD z 1 c 2 b 3 a
      SORT z ALPHA
      SORT z BY nosort
      SORT z BY nosort DESC
      SORT z BY nosort LIMIT 0 2
      SORT z BY nosort DESC LIMIT 1 1
      SORT z BY nosort STORE out
      LRANGE out 0 -1
      DEL z
      SET str x
      SORT str
      HSET hash f v
      SORT hash
      SORT str FOO
      RPUSH bad 1 x
      SORT bad
      SORT bad STORE out
      LRANGE out 0 -1
      RPUSH infs inf -inf 5
      SORT infs
      RPUSH nans nan 5
      SORT nans
      SORT l BY w_* DESC ASC ALPHA
      SORT l STORE l
      LRANGE l 0 -1
      SORT words BY x
      SORT words BY *
      SORT words BY w_\\*
    `,
  },
]
