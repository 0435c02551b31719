import type { Family } from './grammar.ts'
import { oneOf } from './terms.ts'

export const family: Family = {
  keys: ['s1', 's2', 's3', 's4'],
  terms: { number: oneOf('0', '1', '-5', '3.5', '1e3', '10', '9223372036854775806', '  7', '0.1') },
  forms: `
    3* SET key value
    2* SET key integer
    2* SET key number
    3* ! SET key value {[NX|XX] [GET] [KEEPTTL|EX seconds|PX ms|EXAT unixtime|PXAT unixms]}
    ! SET key value {[NX] [XX] [GET] [KEEPTTL] [EX seconds] [PX ms] [junk]}
    3* GET key
    MGET (key)+
    MSET (key value)+
    MSETNX (key value)+
    SETNX key value
    ! SETEX key seconds value
    ! PSETEX key ms value
    2* GETSET key value
    2* GETDEL key
    2* ! GETEX key [PERSIST|EX seconds|PX ms|EXAT unixtime|PXAT unixms|junk]
    3* APPEND key value
    2* STRLEN key
    3* SETRANGE key offset value
    3* GETRANGE key index index
    SUBSTR key index index
    3* INCR key
    2* DECR key
    3* INCRBY key integer
    2* INCRBY key small
    2* DECRBY key integer
    3* INCRBYFLOAT key float
    LCS key key {[LEN] [IDX] [WITHMATCHLEN] [MINMATCHLEN small]}
  `,
}
