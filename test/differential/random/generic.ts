import type { Family } from './grammar.ts'
import { oneOf } from './terms.ts'

export const family: Family = {
  keys: ['s1', 's2', 'l1', 'h1', 'z1', 'e1', 'x1', 'g1'],
  terms: { type: oneOf('string', 'list', 'set', 'zset', 'hash', 'stream', 'FOO', '') },
  forms: `
    3* DEL (key)+
    UNLINK (key)+
    2* EXISTS (key)+
    TOUCH (key)+
    3* TYPE key
    2* OBJECT ENCODING key
    OBJECT (ENCODING|FOO) [key] [junk]
    3* RENAME key key
    2* RENAMENX key key
    3* COPY key key {[REPLACE] [DB db]}
    COPY key key [junk]
    2* MOVE key db
    2* ! EXPIRE key seconds [NX|XX]
    2* ! PEXPIRE key ms [NX|XX]
    2* ! EXPIREAT key unixtime {[NX|XX] [GT|LT]}
    2* ! PEXPIREAT key unixms {[NX|XX] [GT|LT]}
    ! EXPIRE key seconds junk
    2* TTL key
    PTTL key
    EXPIRETIME key
    PEXPIRETIME key
    2* PERSIST key
    KEYS pattern
    ! SCAN 0 COUNT 1000 {[MATCH pattern] [TYPE type]}
    ! SCAN 0 COUNT 1000 {[MATCH pattern] [TYPE type] [junk]}
    ! SCAN 0 COUNT junk
    ! SCAN -x COUNT 1000 [junk]

    2* SELECT db
    SWAPDB db db
    RANDOMKEY
    SET key value
    APPEND key value
  `,
}
