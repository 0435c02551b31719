/** Scripts for keys with an expiry. */
import type { Case } from '../script.ts'
import { INTEGERS, ONE_OF_EACH, TIMES, each } from '../values.ts'
import { ALL } from './generic.ts'

const EXPIRES = ['EXPIRE', 'PEXPIRE', 'EXPIREAT', 'PEXPIREAT']

export const cases: readonly Case[] = [
  {
    name: 'EXPIRE and its kin: past, future, out of range',
    commands: EXPIRES.map(
      (command) => `
      ${each(`SET k v\n${command} k %\nTTL k\nPEXPIRETIME k`, TIMES)}
      ${each(`DEL k\n${command} k %`, TIMES)}
      ${each(`SET k v\n${command} k %`, INTEGERS)}
    `,
    ).join('\n'),
  },
  {
    name: 'conditions of EXPIRE',
    commands: `
      SET k v
      EXPIREAT k 33177117420 XX
      TTL k
      EXPIREAT k 33177117420 GT
      TTL k
      EXPIREAT k 33177117420 LT
      EXPIRETIME k
      EXPIREAT k 33177117420 LT
      EXPIREAT k 33177117420 GT
      EXPIREAT k 33177117421 GT
      EXPIRETIME k
      EXPIREAT k 33177117422 LT
      EXPIRETIME k
      EXPIREAT k 33177117420 LT
      EXPIRETIME k
      EXPIREAT k 33177117430 NX
      EXPIRETIME k
      EXPIREAT k 33177117430 XX
      EXPIRETIME k
      PERSIST k
      PERSIST k
      EXPIREAT k 33177117420 NX
      EXPIRETIME k
      EXPIREAT k 33177117400 xx gt
      EXPIREAT k 33177117400 XX LT
      EXPIRETIME k
      EXPIREAT k 33177117500 XX GT XX
      EXPIRETIME k
      EXPIREAT k 1 GT
      EXISTS k
      EXPIREAT k 1 NX
      EXISTS k
      EXPIREAT k 1 LT
      EXISTS k
      EXPIREAT k 1 LT
      SET k v
      EXPIRE k 100 NX XX
      EXPIRE k 100 XX NX
      EXPIRE k 100 NX GT
      EXPIRE k 100 NX LT
      EXPIRE k 100 LT NX
      EXPIRE k 100 GT LT
      EXPIRE k 100 LT GT
      EXPIRE k 100 GT LT NX
      EXPIRE k 100 foo
      EXPIRE k 100 ""
      EXPIRE k 100 NX foo
      EXPIRE k 100 foo NX XX
      EXPIRE k 100 NX NX
      TTL k
      EXPIRE k x foo
      EXPIRE k x NX XX
      EXPIRE k 9223372036854775807 NX XX
      EXPIRE none 100 NX
      EXPIRE none 100 NX XX
      EXPIRE none x
      EXPIRE none 100 foo
      EXPIRE k -1 XX
      EXPIRE k -1 NX
      EXISTS k
    `,
  },
  {
    name: 'TTL readings',
    commands: `${ONE_OF_EACH}
      ${ALL.map((key) => each(`% ${key}`, ['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME', 'PERSIST'])).join('\n')}
      ${each('EXPIRE % 100\nTTL %\nPERSIST %\nTTL %', ALL)}
      PEXPIRE str 1499
      TTL str
      PEXPIREAT str 33177117420499
      EXPIRETIME str
      PEXPIREAT str 33177117420500
      EXPIRETIME str
      PEXPIREAT str 33177117420999
      EXPIRETIME str
      PEXPIRETIME str
    `,
  },
  {
    name: 'keys that have expired are not there for any command',
    commands: `${ONE_OF_EACH}
      ${each('PEXPIRE % 1', ALL)}
      ~ 10
      ${ALL.map((key) => each(`% ${key}`, ['TYPE', 'EXISTS', 'TTL', 'PTTL', 'EXPIRETIME', 'TOUCH', 'OBJECT ENCODING', 'PERSIST', 'DEL'])).join('\n')}
      ${ONE_OF_EACH}
      ${each('PEXPIREAT % 1', ALL)}
      DBSIZE
      KEYS *
      RANDOMKEY
      SCAN 0
      ${ONE_OF_EACH}
      ${each('PEXPIRE % 1', ALL)}
      ~ 10
      RENAME str x
      RENAMENX list x
      COPY set x
      MOVE zset 1
      UNLINK hash
      EXPIRE stream 100
      SET a 1 PX 1
      SET b 2
      ~ 10
      RENAMENX b a
      SET c 1 PX 1
      ~ 10
      COPY a c
      SELECT 1
      SET d 1 PX 1
      SELECT 0
      SET d 2
      ~ 10
      MOVE d 1
      KEYS *
    `,
  },
]
