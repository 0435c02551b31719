/** Scripts for strings that are numbers. */
import type { Case } from '../script.ts'
import { FLOATS, INTEGERS, each } from '../values.ts'

export const cases: readonly Case[] = [
  {
    name: 'INCR and its kin count over the whole range',
    commands: `
      INCR k
      INCRBY k 41
      DECR k
      DECRBY k 100
      GET k
      OBJECT ENCODING k
      SET k 9223372036854775806
      INCR k
      INCR k
      INCRBY k 1
      GET k
      INCRBY k -9223372036854775808
      INCRBY k -9223372036854775808
      SET k -9223372036854775808
      DECR k
      DECRBY k 1
      INCRBY k -1
      DECRBY k -9223372036854775808
      DECRBY none -9223372036854775808
      DECRBY none 9223372036854775807
      GET k
      EXPIRE k 100
      SET t 5 EX 100
      INCR t
      TTL t
      ${each('INCRBY i %\nGET i', INTEGERS)}
      DEL i
      ${each('DECRBY i %\nGET i', INTEGERS)}
    `,
  },
  {
    name: 'INCR of values that only look like numbers',
    commands: `
      ${each('SET k %\nINCR k\nGET k\nDECRBY k x', INTEGERS)}
      ${each('SET k %\nINCRBYFLOAT k 1\nGET k', FLOATS)}
      SETRANGE k 0 12
      INCR k
      SET k 12
      APPEND k 3
      INCR k
      OBJECT ENCODING k
    `,
  },
  {
    name: 'INCRBYFLOAT adds and prints like Redis',
    commands: `
      ${each('SET k 0\nINCRBYFLOAT k %', FLOATS)}
      ${each('SET k 10.5\nINCRBYFLOAT k %\nINCRBYFLOAT k -0.1', FLOATS)}
      SET k 3.0
      INCRBYFLOAT k 1
      SET k 1e5
      INCRBYFLOAT k 0
      SET k 5e-3
      INCRBYFLOAT k 0
      SET k 0.1
      INCRBYFLOAT k 0.2
      INCRBYFLOAT k -0.3
      INCRBYFLOAT k 1e18
      INCRBYFLOAT k 1e-18
      INCRBYFLOAT k 1e300
      INCRBYFLOAT new -1.25
      GET new
      OBJECT ENCODING new
      SET t 1 EX 100
      INCRBYFLOAT t 1
      TTL t
      OBJECT ENCODING t
      SET k -5
      INCRBYFLOAT k 5
      INCRBYFLOAT k -0.0
    `,
  },
]
