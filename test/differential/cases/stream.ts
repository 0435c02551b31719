/** Scripts for streams. Groups make their consumers first where Redis 7.2 and 7.0 would differ. */
import type { Case } from '../script.ts'
import { INTEGERS, each, words } from '../values.ts'

/** Valid and invalid ids of entries. */
const IDS = words(`
  0 1 1-1 0-0 0-1 5-* 5-5 5-6 6 7-18446744073709551615 7-* 8-18446744073709551616 - + $ >
  -1 +1 1- -1-1 1-1-1 1-+5 1--5 1--05 01-01 " 1" "1 " 1-x x "" "9-9\\x00x" (1 (1-1
  18446744073709551615 18446744073709551615-18446744073709551614 18446744073709551616
  ${'1'.repeat(127)} ${'1'.repeat(128)}
`)

const OTHERS = `
  SET str hello
  ZADD list 1 a
`

export const NINE = `
  XADD s 1-1 f 1
  XADD s 1-2 f 2
  XADD s 2-1 f 3 g 4
  XADD s 3-0 h 5
  XADD s 3-7 f 6
  XADD s 5-1 f 7
  XADD s 5-2 f 8
  XADD s 5-3 f 9
  XADD s 9-9 f 10
`

export const cases: readonly Case[] = [
  {
    name: 'wrong numbers of arguments',
    commands: `
      XADD
      XADD s
      XADD s *
      XADD s * f
      XADD s * f v g
      XADD s MAXLEN 5 * f
      XADD s NOMKSTREAM 1-1 f
      XLEN
      XLEN a b
      XRANGE s
      XRANGE s -
      XREVRANGE s +
      XDEL s
      XTRIM s
      XTRIM s MAXLEN
      XSETID s
      XREAD
      XREAD STREAMS
      XREAD STREAMS s
      XREAD COUNT 1 STREAMS s
      XREADGROUP GROUP g c STREAMS s
      XREADGROUP GROUP g c COUNT
      XGROUP
      XGROUP FOO
      XGROUP FOO s g $
      XGROUP CREATE s g
      XGROUP SETID s g
      XGROUP DESTROY s
      XGROUP DESTROY s g x
      XGROUP CREATECONSUMER s g
      XGROUP CREATECONSUMER s g c d
      XGROUP DELCONSUMER s g
      XACK s g
      XPENDING s
      XCLAIM s g c 0
      XAUTOCLAIM s g c 0
      XINFO
      XINFO FOO s
      XINFO STREAM
      XINFO GROUPS
      XINFO GROUPS s x
      XINFO CONSUMERS s
    `,
  },
  {
    name: 'missing keys and other types',
    commands: `${OTHERS}
      ${each(
        `
          XADD % * f v
          XADD % NOMKSTREAM * f v
          XLEN %
          XRANGE % - +
          XREVRANGE % + - COUNT 2
          XRANGE % - + COUNT 0
          XDEL % 1-1
          XDEL % x
          XTRIM % MAXLEN 5
          XSETID % 5-5
          XREAD STREAMS % 0
          XREADGROUP GROUP g c STREAMS % >
          XGROUP CREATE % g $
          XGROUP CREATE % g $ FOO
          XGROUP SETID % g $
          XGROUP DESTROY % g
          XGROUP CREATECONSUMER % g c
          XGROUP DELCONSUMER % g c
          XACK % g 1-1
          XACK % g x
          XPENDING % g
          XPENDING % g - + 10
          XCLAIM % g c 0 1-1
          XAUTOCLAIM % g c 0 0
          XINFO STREAM %
          XINFO STREAM % FULL
          XINFO GROUPS %
          XINFO CONSUMERS % g
        `.replace('XADD % * f v', 'XLEN %'),
        ['none', 'list', 'str'],
      )}
      XADD list * f v
    `,
  },
  {
    name: 'XADD with every kind of id',
    commands: `
      ${each('XADD s % f v', IDS)}
      XRANGE s - +
      ${each('XADD t % f v', [...IDS].reverse())}
      XADD u 0-* f v
      XADD u 0-* f v
      XADD u 18446744073709551615-* f v
      XADD u 18446744073709551615-18446744073709551614 f v
      XADD u 18446744073709551615-* f v
      XADD u 18446744073709551615-* f v
      XADD v 1-18446744073709551615 f v
      XADD v 1-* f v
      XADD v 1-1 f v
      XADD v 2 f v
      XRANGE v - +
      XADD w 18446744073709551614-18446744073709551615 f v
      XADD w * f v
      XADD w * f v
      XINFO STREAM w
    `,
  },
  {
    name: 'XADD options',
    commands: `${NINE}
      XADD s NOMKSTREAM 10-1 f v
      XADD none NOMKSTREAM 10-1 f v
      XADD none nomkstream nomkstream * f v
      XADD none NOMKSTREAM MAXLEN 5 * f v
      XADD s MAXLEN 3 11-1 f v
      XADD s MAXLEN = 3 11-2 f v
      XADD s MAXLEN ~ 1 11-3 f v
      XADD s MAXLEN ~ 1 LIMIT 0 11-4 f v
      XADD s MAXLEN ~ 1 LIMIT 1 11-5 f v
      XADD s MAXLEN 1 LIMIT 1 11-6 f v
      XADD s LIMIT 1 11-6 f v
      XADD s MAXLEN -1 11-6 f v
      XADD s MAXLEN x 11-6 f v
      XADD s MAXLEN ~ x 11-6 f v
      XADD s MAXLEN = 11-6 f v
      XADD s MAXLEN 1 MAXLEN 1 11-6 f v
      XADD s MAXLEN 1 MINID 1 11-6 f v
      XADD s MINID 1 MAXLEN 1 11-6 f v
      XADD s MINID x 11-6 f v
      XADD s MINID - 11-6 f v
      XADD s MAXLEN ~ 1 LIMIT -1 11-6 f v
      XADD s MAXLEN ~ 1 LIMIT x 11-6 f v
      XADD s MINID 11-2 11-7 f v
      XADD s MINID = 11-4 11-8 f v
      XADD s MINID ~ 11-9 11-9 f v
      XADD s maxlen 0 11-10 f v
      XADD s MAXLEN 0 NOMKSTREAM 11-11 f v
      XLEN s
      XINFO STREAM s
      XADD s 0-0 f v
      XADD none 0-0 f v
      XADD none 0 f v
      EXISTS none
    `,
  },
  {
    name: 'fields and values of every kind',
    commands: [
      ...[
        ...INTEGERS,
        'field',
        '"\\x00\\xff\\r\\n"',
        'x'.repeat(63),
        'x'.repeat(64),
        'x'.repeat(5000),
      ].map((value, i) => `XADD s ${i + 1} ${value} ${value} ${i % 3 ? 'a' : value} ${value}`),
      'XRANGE s - +',
      'XREVRANGE s + -',
      'XINFO STREAM s FULL',
    ],
  },
  {
    name: 'XRANGE and XREVRANGE',
    commands: `${NINE}
      XRANGE s - +
      XREVRANGE s + -
      ${each('XRANGE s % +', IDS)}
      ${each('XRANGE s - %', IDS)}
      ${each('XREVRANGE s % -', IDS)}
      ${each('XREVRANGE s + %', IDS)}
      ${each('XRANGE s 2 5 COUNT %', INTEGERS)}
      XRANGE s 5 5
      XRANGE s (1-1 (5-2
      XRANGE s (1-2 (2-1
      XRANGE s ( +
      XRANGE s (- +
      XRANGE s (+ +
      XRANGE s - (0
      XRANGE s - (0-0
      XRANGE s (18446744073709551615-18446744073709551615 +
      XRANGE s - (18446744073709551615-18446744073709551615
      XRANGE s 5 2
      XREVRANGE s 2 5
      XREVRANGE s 5 2 COUNT 2
      XRANGE s - + COUNT
      XRANGE s - + FOO 1
      XRANGE s - + COUNT 1 COUNT 3
      XRANGE s - + COUNT 1 FOO
      XDEL s 1-1 3-0 5-2 9-9
      XRANGE s - +
      XREVRANGE s + -
      XREVRANGE s + - COUNT 1
      XRANGE s - + COUNT 1
    `,
  },
  {
    name: 'XDEL',
    commands: `${NINE}
      XDEL s 1-1
      XDEL s 1-1 1-1 1-2 7-7 x
      XDEL s 1-1 1-1 1-2 7-7
      XDEL s 3
      XDEL s 2-1 3-0
      XINFO STREAM s
      ${each('XDEL s %', IDS)}
      XINFO STREAM s
      XLEN s
      XDEL s 5-1 5-2 5-3 9-9 3-7
      XINFO STREAM s
      XRANGE s - +
      TYPE s
      XADD s 9-9 f v
      XADD s 9-10 f v
      XINFO STREAM s FULL
    `,
  },
  {
    name: 'XTRIM',
    commands: `${NINE}
      XTRIM s
      XTRIM s FOO 1
      XTRIM s MAXLEN
      XTRIM s MAXLEN =
      XTRIM s MAXLEN ~
      XTRIM s MAXLEN 5 FOO
      XTRIM s LIMIT 5
      XTRIM s MAXLEN 5 LIMIT 5
      XTRIM s MAXLEN ~ 5 LIMIT 5
      XTRIM s NOMKSTREAM MAXLEN 1
      XTRIM s LIMIT 5 MAXLEN ~ 5
      XTRIM s MAXLEN 100
      XTRIM s MAXLEN 7
      XINFO STREAM s
      XTRIM s MINID 3
      XTRIM s MINID 3-1
      XDEL s 5-2
      XTRIM s MINID = 5-3
      XINFO STREAM s
      XTRIM s MAXLEN = 1
      XTRIM s MINID ~ 100
      XTRIM s MINID 100
      XINFO STREAM s
      XTRIM s MAXLEN 0
    `,
  },
  {
    name: 'trimming many nodes',
    commands: [
      ...Array.from({ length: 450 }, (_, i) => `XADD s ${i + 1}-0 f ${i}`),
      'XTRIM s MAXLEN ~ 200',
      'XINFO STREAM s',
      'XADD s MAXLEN ~ 100 LIMIT 50 1000 f v',
      'XADD s MAXLEN ~ 100 LIMIT 150 1001 f v',
      'XTRIM s MINID ~ 350',
      'XTRIM s MINID ~ 300',
      'XTRIM s MINID 320',
      'XINFO STREAM s',
      'XDEL s 320',
      'XTRIM s MINID ~ 401',
      'XTRIM s MINID 430',
      'XINFO STREAM s',
      'XTRIM s MAXLEN 0',
      'XINFO STREAM s',
    ],
  },
  {
    name: 'the configuration of nodes',
    commands: [
      'CONFIG SET stream-node-max-entries 3',
      ...Array.from({ length: 10 }, (_, i) => `XADD s ${i + 1} f ${i}`),
      'XINFO STREAM s',
      'XTRIM s MAXLEN ~ 4',
      'CONFIG SET stream-node-max-entries 0',
      ...Array.from({ length: 300 }, (_, i) => `XADD t ${i + 1} f ${i}`),
      'XDEL t 5 6 7',
      'XINFO STREAM t',
      'CONFIG SET stream-node-max-bytes 100',
      ...Array.from(
        { length: 30 },
        (_, i) => `XADD u ${i + 1} f ${i} g${i % 2} "some longer value"`,
      ),
      'XINFO STREAM u',
      'CONFIG SET stream-node-max-bytes 4096',
      'CONFIG SET stream-node-max-entries 100',
    ],
  },
  {
    name: 'XSETID',
    commands: `${NINE}
      ${each('XSETID s %', IDS)}
      XSETID s 20-0 ENTRIESADDED
      XSETID s 20-0 ENTRIESADDED 8
      XSETID s 20-0 ENTRIESADDED 9
      XSETID s 20-0 ENTRIESADDED -1
      XSETID s 20-0 ENTRIESADDED x
      XSETID s 20-0 MAXDELETEDID 20-1
      XSETID s 20-0 MAXDELETEDID x
      XSETID s 20-0 FOO
      XINFO STREAM s
      XSETID s 20-0 ENTRIESADDED 100 MAXDELETEDID 3-3
      XINFO STREAM s
      XSETID s 20-0 MAXDELETEDID 0-0
      XSETID s 21-0 MAXDELETEDID 2-0
      XINFO STREAM s
      XSETID none 1-1
      DEL s
      XGROUP CREATE s g $ MKSTREAM
      XSETID s 1-1
      XINFO STREAM s
      XADD s 1-1 f v
      XADD s 1-2 f v
    `,
  },
  {
    name: 'XREAD',
    commands: `${NINE}
      XADD t 1-5 a b
      XREAD STREAMS s 0
      XREAD STREAMS s t 0 0
      XREAD COUNT 2 STREAMS s t 0 0
      XREAD COUNT 2 STREAMS s none t 5 0 0
      XREAD STREAMS s t 9-9 1-5
      XREAD STREAMS s t $ 0
      XREAD STREAMS s $
      XREAD STREAMS none 0
      XREAD STREAMS none $
      XREAD COUNT 0 STREAMS s 5-2
      XREAD COUNT -3 STREAMS s 5-2
      XREAD COUNT x STREAMS s 5-2
      XREAD STREAMS s >
      XREAD STREAMS s -
      XREAD STREAMS s x
      XREAD STREAMS s t 0
      XREAD FOO STREAMS s 0
      XREAD GROUP g c STREAMS s 0
      XREAD NOACK STREAMS s 0
      XREAD COUNT 1
      XREAD COUNT 1 COUNT 3 STREAMS s 0
      XREAD BLOCK x STREAMS s 0
      XREAD BLOCK -1 STREAMS s 0
      XREAD BLOCK 5 STREAMS s 0
      XREAD STREAMS s s 5-2 5-3
      XDEL s 9-9
      XREAD STREAMS s 5-3
      XREAD STREAMS s 5-2
      XREAD STREAMS s 18446744073709551615-18446744073709551615
      ${each(
        'XREAD STREAMS s %',
        IDS.filter((id) => id !== '+'),
      )}
      XTRIM s MAXLEN 0
      XREAD STREAMS s 0
    `,
  },
  {
    name: 'XINFO',
    commands: `${NINE}
      XGROUP CREATE s g 0
      XGROUP CREATE s empty 0
      XGROUP CREATECONSUMER s g c
      XGROUP CREATECONSUMER s g d
      XREADGROUP GROUP g c COUNT 3 STREAMS s >
      XREADGROUP GROUP g d COUNT 3 STREAMS s >
      XINFO STREAM s
      XINFO GROUPS s
      XINFO CONSUMERS s none
      XINFO CONSUMERS s g
      XINFO STREAM s FULL
      XINFO STREAM s FULL COUNT 1
      XINFO STREAM s FULL COUNT 0
      XINFO CONSUMERS s empty
      XINFO STREAM s FOO
      XINFO STREAM s FULL COUNT
      XINFO STREAM s FULL FOO 1
      XINFO STREAM s FULL COUNT x
      XINFO STREAM s FULL COUNT 1 2
      XINFO STREAM none
    `,
  },
  {
    name: 'events',
    commands: `${NINE}
      CONFIG SET notify-keyspace-events KEA
      b> PSUBSCRIBE __key*__:*
      XADD s 20-1 f v
      XADD s MAXLEN 5 20-2 f v
      XADD s MAXLEN 50 20-3 f v
      XADD new 1-1 f v
      XADD none NOMKSTREAM * f v
      XDEL s 20-1 20-1 7-7
      XDEL s 7-7
      XTRIM s MAXLEN 3
      XTRIM s MAXLEN 3
      XSETID s 30-0
      XGROUP CREATE s g 0
      XGROUP CREATE made g 0 MKSTREAM
      XGROUP SETID s g 0
      XGROUP CREATECONSUMER s g c
      XGROUP CREATECONSUMER s g c
      XREADGROUP GROUP g c STREAMS s >
      XREADGROUP GROUP g d STREAMS s 0
      XACK s g 20-3
      XCLAIM s g e 0 20-2
      XAUTOCLAIM s g f 0 0
      XGROUP DELCONSUMER s g c
      XGROUP DELCONSUMER s g c
      XGROUP DESTROY s g
      XGROUP DESTROY s g
      CONFIG SET notify-keyspace-events ""
    `,
  },
  {
    name: 'what breaks WATCH',
    commands: `${NINE}
      XGROUP CREATE s g 0
      XGROUP CREATECONSUMER s g c
      ${each(
        `
        WATCH s
        b> %
        MULTI
        EXEC`,
        [
          'XADD s 20-1 f v',
          'XDEL s 1-1',
          'XDEL s 1-1',
          'XTRIM s MAXLEN 6',
          'XTRIM s MAXLEN 6',
          'XSETID s 30-0',
          'XREADGROUP GROUP g c COUNT 3 STREAMS s >',
          'XREADGROUP GROUP g c COUNT 3 STREAMS s 0',
          'XACK s g 3-0',
          'XCLAIM s g c 0 3-7',
          'XGROUP CREATE s h 0',
          'XGROUP SETID s h 0',
          'XGROUP CREATECONSUMER s h c',
          'XGROUP DELCONSUMER s h c',
          'XGROUP DESTROY s h',
        ],
      )}
    `,
  },
  {
    name: 'waiting for new entries',
    commands: `
      b> XREAD BLOCK 0 STREAMS s $
      XADD s 1-1 f v
      b> XREAD BLOCK 0 STREAMS s $
      XADD s 1-2 f v
      b> XREAD BLOCK 0 COUNT 1 STREAMS s 1-2
      MULTI
      XADD s 2-1 f v
      XADD s 2-2 f v
      EXEC
      b> XREAD BLOCK 0 STREAMS s t u 2-2 $ 0
      XADD t 1-1 f v
      b> XREAD BLOCK 0 STREAMS s t 5 $
      XADD s 3-1 f v
      XADD s 5-1 f v
      b> XREAD BLOCK 0 STREAMS s s $ 2-2
      b> XREAD BLOCK 0 STREAMS s $
      c> XREAD BLOCK 0 STREAMS s 0
      c> XREAD BLOCK 0 STREAMS s $
      d> XREAD BLOCK 0 STREAMS s 7-1
      XADD s 7-1 f v
      XADD s 7-2 f v
    `,
  },
  {
    name: 'time-outs of XREAD and XREADGROUP',
    commands: `
      XREAD BLOCK 20 STREAMS none $
      ~ a
      XADD s 1-1 f v
      XGROUP CREATE s g $
      XREADGROUP GROUP g c BLOCK 20 STREAMS s >
      ~ a
      XREADGROUP GROUP g c BLOCK 0 STREAMS s 0
      MULTI
      XREAD BLOCK 0 STREAMS s $
      XREADGROUP GROUP g c BLOCK 0 STREAMS s >
      EXEC
      b> XREAD BLOCK 0 STREAMS none $
      CLIENT UNBLOCK {id:b}
      b> XREAD BLOCK 0 STREAMS none $
      CLIENT UNBLOCK {id:b} ERROR
    `,
  },
]
