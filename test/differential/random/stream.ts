import type { Family } from './grammar.ts'
import { mostly, oneOf } from './terms.ts'

export const family: Family = {
  keys: ['x1', 'x2'],
  terms: {
    // How long an entry is idle is another time here than there, where a time-out takes up to 100 ms.
    idle: mostly(oneOf('0', '100000000'), oneOf('-1', 'x', '', '1.5', '9223372036854775808')),
    id: ({ random }) => `${random.between(1, 30)}-${random.below(4)}`,
    newid: mostly(
      ({ random }) =>
        random.pick([
          `${random.between(1, 60)}-${random.below(4)}`,
          `${random.between(1, 60)}-*`,
          `${random.between(1, 60)}`,
        ]),
      oneOf(
        '0-0',
        '0-1',
        'x',
        '',
        '-',
        '1-2-3',
        '18446744073709551615-18446744073709551615',
        '1-x',
      ),
    ),
    start: mostly(
      ({ random }) =>
        random.pick([
          '-',
          '+',
          '0',
          `${random.between(1, 60)}`,
          `${random.between(1, 60)}-1`,
          `(${random.between(1, 60)}-0`,
        ]),
      oneOf(
        'x',
        '',
        '(',
        '(-',
        '(+',
        '18446744073709551616',
        '(18446744073709551615-18446744073709551615',
      ),
    ),
    after: mostly(
      ({ random }) => random.pick(['0', '$', '5', '10-1', '30-1']),
      oneOf('x', '>', '', '-'),
    ),
    threshold: mostly(({ random }) => random.between(0, 8), oneOf('-1', 'x', '')),
    // Above all that was ever deleted: 7.0 does not look at that, 7.2 does.
    high: ({ random }) => `${random.between(61, 63)}-${random.below(4)}`,
    field: oneOf('f', 'g', ''),
    group: oneOf('g1', 'g2', 'g3'),
    consumer: oneOf('alice', 'bob', ''),
  },
  forms: `
    6* XADD key newid (field value)+
    2* XADD key {[NOMKSTREAM]} [MAXLEN threshold|MAXLEN = threshold|MINID id|MAXLEN ~ threshold] newid field value
    XADD key newid field
    2* XDEL key (id)+
    2* XTRIM key (MAXLEN|MINID) [=|~] threshold
    XTRIM key MAXLEN ~ threshold LIMIT count
    XTRIM key MAXLEN = threshold LIMIT count
    XLEN key
    4* XRANGE key start start [COUNT count]
    2* XREVRANGE key start start [COUNT count]
    2* XREAD [COUNT count] STREAMS key after
    XREAD STREAMS key key after after
    ! XREAD BLOCK 1 STREAMS key key after after
    2* XGROUP CREATE key group after [MKSTREAM] [ENTRIESREAD small]
    XGROUP SETID key group after [ENTRIESREAD small]
    XGROUP DESTROY key group
    XGROUP CREATECONSUMER key group consumer
    XGROUP DELCONSUMER key group consumer
    6* XREADGROUP GROUP group consumer [COUNT count] [NOACK] STREAMS key >
    2* XREADGROUP GROUP group consumer [COUNT count] STREAMS key after
    XREADGROUP GROUP group consumer STREAMS key key > after
    3* XACK key group (id)+
    2* XPENDING key group
    2* XPENDING key group [IDLE idle] start start count [consumer]
    3* XCLAIM key group consumer (0|100000) (id)+ {[JUSTID] [FORCE] [RETRYCOUNT small] [LASTID id]}
    2* XAUTOCLAIM key group consumer 0 start [COUNT count] [JUSTID]
    XSETID key high [ENTRIESADDED small] [MAXDELETEDID id]
    XINFO STREAM key
    XINFO STREAM key FULL [COUNT count]
    2* DEL key
    RENAME key key
    COPY key key REPLACE
  `,
}
