/** Scripts for HELLO, AUTH, CLIENT, RESET, SELECT, PING, ECHO and QUIT. */
import type { Case } from '../script.ts'

export const cases: readonly Case[] = [
  {
    name: 'PING and ECHO',
    commands: `
      PING
      PING hi
      PING ""
      PING "\\x00\\r\\n"
      PING a b
      ping
      ECHO
      ECHO hi
      ECHO ""
      ECHO a b
    `,
  },
  {
    name: 'QUIT answers and closes',
    commands: `
      PING
      QUIT
    `,
  },
  {
    name: 'QUIT with arguments, and in a transaction',
    commands: `
      MULTI
      SET a 1
      QUIT
      b> QUIT a b
      c> GET a
    `,
  },
  {
    name: 'what follows QUIT in the same packet is not executed',
    commands: [{ raw: 'QUIT\r\nSET a 1\r\n' }, 'b> GET a', { raw: 'PING\r\nquit\r\n', on: 'c' }],
  },
  {
    name: 'HELLO switches the protocol',
    commands: `
      HELLO 2
      CLIENT GETNAME
      HELLO 3
      CLIENT GETNAME
      GET none
      HELLO
      HELLO 2
      GET none
      HELLO 1
      HELLO 4
      HELLO x
      HELLO ""
      HELLO 3.0
      HELLO -3
      HELLO 9223372036854775808
      GET none
      HELLO 3 SETNAME me
      CLIENT GETNAME
      HELLO 3 SETNAME "a b"
      CLIENT GETNAME
      HELLO 2 SETNAME
      HELLO 2 FOO
      HELLO 2 AUTH
      HELLO 2 AUTH default
      HELLO 2 AUTH default x
      HELLO 2 AUTH nobody x
      HELLO 2 AUTH default x SETNAME you
      CLIENT GETNAME
      HELLO 3 SETNAME a SETNAME b
      CLIENT GETNAME
      HELLO SETNAME c
      HELLO 2 SETNAME ""
      CLIENT GETNAME
      HELLO 5 FOO
      HELLO 3 FOO bar
      GET none
      MULTI
      HELLO 2
      EXEC
      GET none
      MULTI
      HELLO 3
      GET none
      EXEC
      GET none
    `,
  },
  {
    name: 'AUTH without a password set',
    commands: `
      AUTH
      AUTH x
      AUTH ""
      AUTH default x
      AUTH default ""
      AUTH nobody x
      AUTH a b c
    `,
  },
  {
    name: 'AUTH with a password set',
    commands: `
      CONFIG SET requirepass secret
      b> PING
      b> GET k
      b> NOSUCH
      b> GET
      b> AUTH wrong
      b> AUTH default wrong
      b> AUTH nobody secret
      b> AUTH
      b> AUTH a b c
      b> MULTI
      b> EXEC
      b> HELLO 3
      b> HELLO 2
      b> HELLO
      b> HELLO 3 AUTH default wrong
      b> HELLO 3 AUTH default secret SETNAME bee
      b> GET k
      b> CLIENT GETNAME
      c> AUTH secret
      c> GET k
      c> RESET
      c> GET k
      c> AUTH default secret
      c> AUTH wrong
      c> GET k
      d> QUIT
      e> SUBSCRIBE x
      e> RESET
      GET k
      CONFIG GET requirepass
      CONFIG SET requirepass ""
      f> GET k
      CONFIG GET requirepass
    `,
  },
  {
    name: 'RESET forgets what a connection was',
    commands: `
      CLIENT SETNAME me
      SELECT 1
      SET k one
      WATCH k
      MULTI
      RESET
      EXEC
      CLIENT GETNAME
      GET k
      SELECT 1
      DEL k
      RESET x
      SUBSCRIBE ch
      RESET
      b> PUBLISH ch hi
      PING
      GET none
      MONITOR
      RESET
      b> PING
      PING
      CLIENT REPLY OFF
      RESET
      PING
    `,
  },
  {
    name: 'tracking sends invalidations',
    commands: `
      CLIENT TRACKING on
      GET k
      MGET k l
      b> SET k 1
      b> SET k 2
      b> SET l 1
      GET k
      SET k 3
      GET k
      b> DEL k
      GET k
      b> FLUSHALL
      CLIENT TRACKING off
      CLIENT TRACKING on NOLOOP
      GET k
      SET k 1
      b> SET k 2
      CLIENT TRACKING off
      CLIENT TRACKING on BCAST PREFIX u:
      b> SET u:1 x
      b> SET v:1 x
      b> MSET u:2 a u:3 b v:2 c
      b> MULTI
      b> SET u:4 x
      b> DEL u:1
      b> EXEC
      CLIENT TRACKING off
      CLIENT TRACKING on OPTIN
      GET k
      b> SET k 5
      CLIENT CACHING yes
      GET k
      b> SET k 6
      MULTI
      CLIENT CACHING yes
      GET k
      EXEC
      b> SET k 7
      CLIENT TRACKING off
      CLIENT TRACKING on OPTOUT
      CLIENT CACHING no
      GET k
      b> SET k 8
      GET k
      b> EXPIRE k 100
      GET k
      b> PEXPIREAT k 1
    `,
    protocol: 3,
  },
  {
    name: 'tracking redirected to a RESP2 subscriber',
    commands: `
      b> SUBSCRIBE __redis__:invalidate
      CLIENT TRACKING on REDIRECT {id:b}
      GET k
      c> SET k 1
      c> FLUSHALL
      c> SET k 2
      b> UNSUBSCRIBE
      b> QUIT
      GET k
      c> SET k 3
      CLIENT TRACKINGINFO
    `,
    protocol: 2,
  },
  {
    name: 'subscribed clients may only do little in RESP2',
    commands: `
      SUBSCRIBE a
      GET k
      PING
      PING x
      SET k v
      NOSUCH
      GET
      MULTI
      UNSUBSCRIBE a
      GET k
      PSUBSCRIBE *
      SSUBSCRIBE s
      HELLO 2
      ECHO x
      RESET
      GET k
      SUBSCRIBE a b a
      UNSUBSCRIBE c b
      UNSUBSCRIBE
      UNSUBSCRIBE
      PUNSUBSCRIBE
      SUNSUBSCRIBE
      SUBSCRIBE
      PUBLISH
      PUBLISH a
      QUIT
    `,
  },
  {
    name: 'MONITOR shows commands of others',
    commands: `
      MONITOR x
      b> MONITOR
      PING
      SET "a\\x00b" "c\\"d\\\\e\\r\\n\\xff"
      SELECT 3
      get k
      GET
      NOSUCH x
      MULTI
      SET a 1
      INCR a
      EXEC
      AUTH x
      AUTH default x
      HELLO 2 AUTH default x
      CONFIG GET maxmemory
      MONITOR
      SET k v
      PING
      QUIT
    `,
    protocol: 2,
  },
  {
    name: 'commands in upper, lower and mixed case, and unknown ones',
    commands: `
      PiNg
      gEt k
      FOO
      FOO a b c
      "foo bar"
      foo "a'b" "c\\nd"
      foo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b c
      ${'foo'.repeat(60)} a
      foo ${'a '.repeat(60)}
      foo ${'abcdefghij '.repeat(20)}
      config|get x
      "config|get" maxmemory
      client|id
    `,
  },
  {
    name: 'protocol errors close the connection',
    commands: [
      { raw: '*1\r\n:1\r\n' },
      { raw: '*x\r\n', on: 'b' },
      { raw: '*1\r\n$-1\r\n', on: 'c' },
      { raw: '*1\r\n$x\r\n', on: 'd' },
      { raw: '*1048577\r\n', on: 'e' },
      { raw: '*2147483648\r\n', on: 'f' },
      { raw: '*1\r\n$536870913\r\n', on: 'g' },
      { raw: 'PING "unbalanced\r\n', on: 'h' },
      { raw: '*-1\r\nPING\r\n', on: 'i' },
      { raw: '*0\r\nPING\r\n', on: 'j' },
      { raw: '\r\n\r\nPING\r\n', on: 'k' },
      { raw: '  \r\nPING\r\n', on: 'l' },
      { raw: 'PING\nPING\n', on: 'm' },
      { raw: "set 'a b' \"c\\x41\"\r\nget 'a b'\r\n", on: 'n' },
      { raw: 'PING "a"b\r\n', on: 'o' },
      { raw: '*1\r\n$4\r\nPINGxxPING\r\n', on: 'p' },
      { raw: '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n', on: 'q' },
      { raw: '$3\r\nfoo\r\n', on: 'r' },
      { raw: '*1\r\n$99999999999999999999\r\n', on: 's' },
      { raw: '*99999999999999999999\r\n', on: 't' },
      { raw: '*+1\r\n$4\r\nPING\r\n', on: 'u' },
      { raw: '*01\r\n$04\r\nPING\r\n', on: 'v' },
      { raw: '* 1\r\n', on: 'w' },
      { raw: '*\r\n', on: 'x' },
      { raw: '*1\r\n$\r\n', on: 'y' },
      { raw: '*1\r\nPING\r\n', on: 'z' },
    ],
  },
]
