import type { Family } from './grammar.ts'
import { mostly, oneOf } from './terms.ts'

export const family: Family = {
  // In redis-server a number out of range that any command read makes it refuse numbers: streams of others
  // would show that again and again.
  isApart: true,
  keys: ['l1', 'l2', 'e1', 'e2', 'z1', 'z2'],
  terms: {
    number: mostly(oneOf('1', '2', '-3', '10', '2.5', '1e2'), oneOf('a', 'inf', ''), 30),
    letter: oneOf('a', 'b', 'c', '1', '2'),
    f: oneOf('f'),
    // With BY and ALPHA, elements of equal weight come in any order: never both.
    // Weights and fields that a pattern may find.
    weight: oneOf('w_a', 'w_b', 'w_1', 'w_2', 'w_10', 'h_a', 'h_b'),
    by: oneOf('w_*', 'h_*->f', 'w_*->f', 'nosort', '*', 'none_*', 'h_*->', '->'),
    get: oneOf('#', 'w_*', 'h_*->f', 'none_*', '*', 'h_*->none', ''),
  },
  forms: `
    2* RPUSH key (number)+
    RPUSH key (letter)+
    SADD key (number)+
    ZADD key number letter number letter
    2* SET weight number
    HSET weight f number
    2* SORT key
    4* SORT key {[ALPHA] [ASC|DESC] [LIMIT index index] [STORE key]}
    4* SORT key {BY by [DESC] [STORE key]}
    3* SORT key {BY by (GET get)+ [STORE key]}
    2* SORT_RO key {[BY by] [GET get]}
    SORT_RO key {ALPHA [GET get]}
    SORT_RO key STORE key
    SORT key {[BY by] [junk]}
    LRANGE key 0 -1
    DEL key
  `,
}
