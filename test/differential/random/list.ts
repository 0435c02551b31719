import type { Family } from './grammar.ts'
import { longItem, mostly, oneOf } from './terms.ts'

export const family: Family = {
  keys: ['l1', 'l2', 'l3'],
  terms: {
    item: ({ random }) => (random.once(6) ? longItem(random, 80) : random.pick(ITEMS)),
    removals: mostly(
      ({ random }) => random.between(-5, 5),
      oneOf('x', '', '1.5', '9223372036854775808'),
    ),
    wait: oneOf('0.001', '-1', 'x', '', 'nan', '1e400'),
    numkeys: mostly(oneOf('1', '2'), oneOf('0', '-1', 'x', '3')),
    long: ({ random }) => random.text(random.pick([60, 200, 1000, 4000, 9000]), 'xyz'),
    far: ({ random }) => random.between(-300, 300),
    side: mostly(oneOf('LEFT', 'RIGHT'), oneOf('left', 'FOO', '')),
  },
  forms: `
    3* LPUSH key (item)+
    4* RPUSH key (item)+
    RPUSH key (long)+
    LPUSH key (long)+ (item)+
    LSET key index long
    LINSERT key (BEFORE|AFTER) item long
    LRANGE key far far
    LINDEX key far
    ! CONFIG SET LIST-MAX-LISTPACK-SIZE (-2|-1|-5|1|3|16)
    LPUSHX key (item)+
    RPUSHX key (item)+
    2* LPOP key
    RPOP key
    2* LPOP key count
    RPOP key count
    LLEN key
    4* LRANGE key index index
    2* LINDEX key index
    2* LSET key index item
    2* LINSERT key (BEFORE|AFTER|FOO) item item
    3* LREM key removals item
    2* LTRIM key index index
    3* LPOS key item {[RANK small] [COUNT count] [MAXLEN count]}
    RPOPLPUSH key key
    3* LMOVE key key side side
    2* LMPOP numkeys key key side [COUNT count]
    LMPOP 1 key side [COUNT count]
    ! BLPOP (key)+ wait
    ! BRPOP key wait
    ! BLMOVE key key side side wait
    ! BRPOPLPUSH key key wait
    ! BLMPOP wait 1 key side [COUNT count]
    DEL key
  `,
}

const ITEMS = ['a', 'b', 'c', 'a', '1', '2', '10', '-1', '', '3.5', 'hello world', '12345678901']
