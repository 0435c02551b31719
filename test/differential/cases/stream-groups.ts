/** Scripts for the groups of streams. They make their consumers first where Redis 7.2 and 7.0 would differ. */
import type { Case } from '../script.ts'
import { each } from '../values.ts'
import { NINE } from './stream.ts'

export const cases: readonly Case[] = [
  {
    name: 'XGROUP',
    commands: `${NINE}
      XGROUP CREATE none g $
      XGROUP CREATE none g x MKSTREAM
      EXISTS none
      XGROUP CREATE made g $ MKSTREAM
      XGROUP CREATE made g $ MKSTREAM
      XGROUP CREATE made h 5 MKSTREAM MKSTREAM ENTRIESREAD 3
      XGROUP CREATE made i 5 MKSTREAM ENTRIESREAD 3
      XGROUP CREATE s g $
      XGROUP CREATE s g $
      XGROUP CREATE s h 0 ENTRIESREAD -1
      XGROUP CREATE s i 0 ENTRIESREAD -2
      XGROUP CREATE s i 0 ENTRIESREAD x
      XGROUP CREATE s i 0 ENTRIESREAD
      XGROUP CREATE s i 0 FOO
      XGROUP CREATE s i 5-1 ENTRIESREAD 5
      XGROUP CREATE s "" 5-1
      ${each('XGROUP CREATE s j%x %', ['-', '+', '>', 'x', '5', '5-*', '(5'])}
      XINFO GROUPS s
      XGROUP SETID s g 0
      XGROUP SETID s g -
      XGROUP SETID s h +
      XGROUP SETID s i $
      XGROUP SETID s i 5-1 ENTRIESREAD 3
      XGROUP SETID s i 5-1 MKSTREAM
      XGROUP SETID s i 5-1 ENTRIESREAD -1
      XGROUP SETID s none 5-1
      XGROUP SETID none g 5-1
      XINFO GROUPS s
      XGROUP CREATECONSUMER s g c
      XGROUP CREATECONSUMER s g c
      XGROUP CREATECONSUMER s none c
      XGROUP CREATECONSUMER none g c
      XGROUP DELCONSUMER s g c
      XGROUP DELCONSUMER s g c
      XGROUP DELCONSUMER s none c
      XGROUP DESTROY s g
      XGROUP DESTROY s g
      XGROUP DESTROY s none
      XGROUP DESTROY none g
      XINFO GROUPS s
      XGROUP help
      XINFO help
      xgroup create s k 0
      XGROUP CREATE s "a\\x00b" 0
      XGROUP SETID s "b\\x00b" 0
    `,
  },
  {
    name: 'reading as a group',
    commands: `${NINE}
      XGROUP CREATE s g 0
      XGROUP CREATECONSUMER s g c
      XGROUP CREATECONSUMER s g d
      XREADGROUP GROUP g c COUNT 2 STREAMS s >
      XREADGROUP GROUP g d COUNT 3 STREAMS s >
      XREADGROUP GROUP g c STREAMS s 0
      XREADGROUP GROUP g c STREAMS s 1-1
      XREADGROUP GROUP g d COUNT 1 STREAMS s 2-1
      XREADGROUP GROUP g c STREAMS s 100
      XPENDING s g
      XPENDING s g - + 10
      XPENDING s g - + 10 c
      XPENDING s g - + 10 none
      XPENDING s g (1-1 (3-7 10
      XPENDING s g - + 0
      XPENDING s g - + -1
      XPENDING s g - + x
      XPENDING s g x + 1
      XPENDING s g - x 1
      XPENDING s g - +
      XPENDING s g IDLE 0 - + 10
      XPENDING s g IDLE 100000 - + 10
      XPENDING s g IDLE -5 - + 10 d
      XPENDING s g IDLE x - + 10
      XPENDING s g IDLE 5 - +
      XPENDING s g FOO 5 - + 10
      XPENDING s g - + 10 c d
      XPENDING s g IDLE 5 - + 10 c d
      XPENDING s none
      XPENDING none g
      XREADGROUP GROUP g c NOACK STREAMS s >
      XREADGROUP GROUP g c STREAMS s >
      XINFO GROUPS s
      XACK s g 1-1 1-1 9-9 100
      XACK s g x
      XACK s g 2-1 x
      XACK s none 1-1
      XACK none g 1-1
      XREADGROUP GROUP g c STREAMS s 0
      XDEL s 1-2 3-0
      XREADGROUP GROUP g c STREAMS s 0
      XREADGROUP GROUP g d STREAMS s 0
      XGROUP DELCONSUMER s g d
      XPENDING s g
      XGROUP DELCONSUMER s g c
      XPENDING s g
    `,
  },
  {
    name: 'errors of XREADGROUP',
    commands: `${NINE}
      XGROUP CREATE s g 0
      XGROUP CREATECONSUMER s g c
      XREADGROUP GROUP g c STREAMS s $
      XREADGROUP GROUP g c STREAMS s x
      XREADGROUP GROUP g c STREAMS s -
      XREADGROUP GROUP none c STREAMS s >
      XREADGROUP GROUP g c STREAMS none >
      XREADGROUP GROUP g c STREAMS s none > >
      XREADGROUP GROUP g c STREAMS s s > > >
      XREADGROUP COUNT 5 BLOCK 5 NOACK STREAMS s >
      XREADGROUP FOO g c STREAMS s >
      XREADGROUP GROUP g STREAMS s >
      XREADGROUP GROUP g c COUNT x STREAMS s >
      XREADGROUP GROUP g c BLOCK x STREAMS s >
      XREADGROUP GROUP g c FOO BAR BAZ
      XREADGROUP GROUP g c COUNT 0 STREAMS s >
      XREADGROUP GROUP g c STREAMS s 18446744073709551615-18446744073709551615
    `,
  },
  {
    name: 'how far groups are',
    commands: `${NINE}
      XGROUP CREATE s g 0
      XGROUP CREATE s h $
      XGROUP CREATE s i 5-1
      XGROUP CREATE s j 0 ENTRIESREAD 0
      XGROUP CREATECONSUMER s g c
      XGROUP CREATECONSUMER s h c
      XGROUP CREATECONSUMER s i c
      XGROUP CREATECONSUMER s j c
      XINFO GROUPS s
      ${each(
        `XREADGROUP GROUP % c COUNT 2 STREAMS s >
      XREADGROUP GROUP % c COUNT 1 NOACK STREAMS s >`,
        ['g', 'h', 'i', 'j'],
      )}
      XINFO GROUPS s
      XDEL s 5-2
      XINFO GROUPS s
      XADD s 10-1 f v
      XINFO GROUPS s
      ${each('XREADGROUP GROUP % c COUNT 5 NOACK STREAMS s >', ['g', 'h', 'i', 'j'])}
      XINFO GROUPS s
      XTRIM s MAXLEN 2
      XGROUP CREATE s k 0
      XGROUP CREATECONSUMER s k c
      XINFO GROUPS s
      XREADGROUP GROUP k c COUNT 1 STREAMS s >
      XINFO GROUPS s
      XREADGROUP GROUP k c COUNT 5 STREAMS s >
      XINFO GROUPS s
      XTRIM s MAXLEN 0
      XGROUP CREATE s l 0
      XINFO GROUPS s
      XSETID s 100 ENTRIESADDED 50
      XINFO GROUPS s
      XADD s 101-0 f v
      XINFO GROUPS s
      XGROUP SETID s l 0 ENTRIESREAD 100
      XINFO GROUPS s
    `,
  },
  {
    name: 'XCLAIM',
    commands: `${NINE}
      XGROUP CREATE s g 0
      XGROUP CREATECONSUMER s g c
      XGROUP CREATECONSUMER s g d
      XREADGROUP GROUP g c COUNT 4 STREAMS s >
      XCLAIM s g d 0 1-1
      XCLAIM s g d 0 1-1 JUSTID
      XCLAIM s g d 100000 1-1 1-2
      XCLAIM s g d 0 1-2 2-1 7-7 RETRYCOUNT 9 IDLE 5000
      XPENDING s g IDLE 4000 - + 10
      XCLAIM s g d 0 3-0 TIME 1000 JUSTID
      XPENDING s g IDLE 100000000 - + 10 d
      XCLAIM s g d 0 9-9
      XCLAIM s g d 0 9-9 FORCE
      XCLAIM s g d 0 5-3 FORCE JUSTID
      XCLAIM s g d 0 100 FORCE JUSTID
      XCLAIM s g d 0 5-2 FORCE RETRYCOUNT 7 TIME 99999999999999
      XPENDING s g - + 10
      XCLAIM s g d 0 1-1 LASTID 50-0
      XINFO GROUPS s
      XCLAIM s g d 0 1-1 LASTID 5-0
      XINFO GROUPS s
      XDEL s 2-1
      XCLAIM s g c 0 2-1 1-1
      XPENDING s g - + 10
      XCLAIM s g c x 1-1
      XCLAIM s g c -5 1-1
      XCLAIM s g c 0 x
      XCLAIM s g c 0 1-1 x
      XCLAIM s g c 0 1-1 IDLE
      XCLAIM s g c 0 1-1 IDLE x
      XCLAIM s g c 0 1-1 TIME x
      XCLAIM s g c 0 1-1 RETRYCOUNT x
      XCLAIM s g c 0 1-1 RETRYCOUNT -5
      XCLAIM s g c 0 1-1 LASTID x
      XCLAIM s g c 0 1-1 FORCE 1-2
      XCLAIM s none c 0 1-1
      XCLAIM none g c 0 1-1
      XCLAIM s g c 0 1-1 IDLE -100
      XCLAIM s g c 0 1-1 IDLE 9223372036854775807
      XPENDING s g - + 10
      XREADGROUP GROUP g c STREAMS s 0
    `,
  },
  {
    name: 'XAUTOCLAIM',
    commands: `${NINE}
      XGROUP CREATE s g 0
      XGROUP CREATECONSUMER s g c
      XGROUP CREATECONSUMER s g d
      XREADGROUP GROUP g c COUNT 7 STREAMS s >
      XAUTOCLAIM s g d 0 0 COUNT 2
      XAUTOCLAIM s g d 0 2-1 COUNT 2 JUSTID
      XAUTOCLAIM s g d 100000 0
      XAUTOCLAIM s g d 100000 0 COUNT 1
      XAUTOCLAIM s g d 0 (5-1
      XAUTOCLAIM s g d 0 + JUSTID
      XAUTOCLAIM s g d 0 - COUNT 1
      XDEL s 1-1 3-0 3-7
      XAUTOCLAIM s g c 0 0 COUNT 3
      XAUTOCLAIM s g c 0 0
      XPENDING s g - + 10
      XAUTOCLAIM s g c 0 0 COUNT 0
      XAUTOCLAIM s g c 0 0 COUNT -1
      XAUTOCLAIM s g c 0 0 COUNT x
      XAUTOCLAIM s g c 0 0 COUNT
      XAUTOCLAIM s g c 0 0 FOO
      XAUTOCLAIM s g c x 0
      XAUTOCLAIM s g c -1 0
      XAUTOCLAIM s g c 0 x
      XAUTOCLAIM s none c 0 0
      XAUTOCLAIM none g c 0 0
      XPENDING s g
    `,
  },
  {
    name: 'groups are served in order of arrival',
    commands: `
      XGROUP CREATE s g $ MKSTREAM
      XGROUP CREATE s h $
      b> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
      c> XREADGROUP GROUP g d BLOCK 0 STREAMS s >
      d> XREADGROUP GROUP h c BLOCK 0 NOACK STREAMS s >
      e> XREAD BLOCK 0 STREAMS s $
      XADD s 1-1 f v
      XPENDING s g
      XPENDING s h
      XADD s 1-2 f v
      XPENDING s g - + 10
      XINFO GROUPS s
      b> XREADGROUP GROUP g c BLOCK 0 COUNT 2 STREAMS s >
      MULTI
      XADD s 2-1 f v
      XADD s 2-2 f v
      XADD s 2-3 f v
      EXEC
      XADD s 3-1 f v
      b> XREADGROUP GROUP g c BLOCK 0 COUNT 2 STREAMS s >
      b> XREADGROUP GROUP g c BLOCK 0 COUNT 2 STREAMS s >
      XDEL s 3-1
      XADD s 4-1 f v
      XPENDING s g
    `,
  },
  {
    name: 'what waits for a group that goes',
    commands: `
      ${each(
        `
        XGROUP CREATE s g $ MKSTREAM
        b> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
        %
        b> PING
        DEL s t`,
        [
          'XGROUP DESTROY s g',
          'DEL s',
          'UNLINK s',
          'RENAME s t',
          'SET s x',
          'FLUSHALL',
          'FLUSHDB ASYNC',
        ],
      )}
      XGROUP CREATE s g $ MKSTREAM
      XGROUP CREATE s h $
      b> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
      c> XREADGROUP GROUP h c BLOCK 0 STREAMS s >
      d> XREAD BLOCK 0 STREAMS s $
      XGROUP DESTROY s h
      DEL s
      SET s x
      DEL s
      XADD s 1-1 f v
      XGROUP CREATE s g $
      b> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
      PEXPIRE s -1
      EXISTS s
    `,
  },
  {
    name: 'what lets nobody in',
    commands: `
      XGROUP CREATE s g $ MKSTREAM
      b> XREADGROUP GROUP g c BLOCK 0 STREAMS s >
      c> XREAD BLOCK 0 STREAMS s $
      XGROUP CREATE s h $
      XGROUP SETID s g 0
      XSETID s 5-5
      XTRIM s MAXLEN 0
      MULTI
      DEL s
      XGROUP CREATE s g $ MKSTREAM
      EXEC
      XADD s 8-8 f v
    `,
  },
  {
    name: 'the count of entries read wraps',
    commands: `
      XADD s 1-1 a 1
      XADD s 2-1 a 1
      XADD s 3-1 a 1
      XGROUP CREATE s g 0 ENTRIESREAD 9223372036854775807
      XREADGROUP GROUP g c COUNT 1 STREAMS s >
      XINFO GROUPS s
      XREADGROUP GROUP g c STREAMS s >
      XINFO GROUPS s
    `,
  },
]
