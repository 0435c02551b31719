/** Scripts for CLIENT. */
import type { Case } from '../script.ts'
import { INTEGERS, each } from '../values.ts'

export const cases: readonly Case[] = [
  {
    name: 'CLIENT SETNAME and GETNAME',
    commands: `
      CLIENT GETNAME
      CLIENT SETNAME me
      CLIENT GETNAME
      CLIENT SETNAME "a b"
      CLIENT SETNAME "a\\nb"
      CLIENT SETNAME "a\\x7fb"
      CLIENT SETNAME "a\\x00b"
      CLIENT SETNAME "\\xc3\\xa9"
      CLIENT SETNAME "!~"
      CLIENT GETNAME
      CLIENT SETNAME ""
      CLIENT GETNAME
      CLIENT SETNAME
      CLIENT SETNAME a b
      CLIENT GETNAME x
      client setname x
      cLiEnT gEtNaMe
    `,
  },
  {
    name: 'CLIENT with bad arguments',
    commands: `
      CLIENT
      CLIENT FOO
      CLIENT FOO bar
      CLIENT ""
      CLIENT ID x
      CLIENT ID
      CLIENT INFO x
      CLIENT LIST TYPE
      CLIENT LIST TYPE foo
      CLIENT LIST FOO
      CLIENT LIST ID
      CLIENT LIST ID x
      CLIENT LIST ID 0
      CLIENT LIST ID -1
      CLIENT LIST ID 99999999
      CLIENT LIST ID 99999999 {id:a}
      CLIENT LIST TYPE normal
      CLIENT LIST TYPE NORMAL
      CLIENT LIST TYPE pubsub
      CLIENT LIST TYPE replica
      CLIENT LIST TYPE master
      CLIENT LIST TYPE normal x
      CLIENT REPLY
      CLIENT REPLY FOO
      CLIENT REPLY ON x
      CLIENT KILL
      CLIENT KILL x
      CLIENT KILL 127.0.0.1:1
      CLIENT KILL ID x
      CLIENT KILL ID 0
      CLIENT KILL ID -1
      CLIENT KILL ID 99999999
      CLIENT KILL TYPE foo
      CLIENT KILL TYPE pubsub
      CLIENT KILL USER nobody
      CLIENT KILL ADDR 127.0.0.1:1
      CLIENT KILL LADDR 127.0.0.1:1
      CLIENT KILL SKIPME foo
      CLIENT KILL SKIPME
      CLIENT KILL ID 1 FOO
      CLIENT KILL FOO bar
      CLIENT KILL ID 99999999 TYPE pubsub SKIPME no
      CLIENT NO-EVICT
      CLIENT NO-EVICT foo
      CLIENT NO-EVICT on
      CLIENT NO-EVICT off
      CLIENT PAUSE
      CLIENT PAUSE x
      CLIENT PAUSE -1
      CLIENT PAUSE 1 FOO
      CLIENT PAUSE 9223372036854775808
      CLIENT PAUSE 0
      CLIENT PAUSE 1 WRITE
      CLIENT PAUSE 1 all
      CLIENT UNPAUSE
      CLIENT UNPAUSE x
      CLIENT UNBLOCK
      CLIENT UNBLOCK x
      CLIENT UNBLOCK 99999999
      CLIENT UNBLOCK 99999999 FOO
      CLIENT UNBLOCK {id:a}
      CLIENT UNBLOCK {id:a} ERROR
      CLIENT GETREDIR
      CLIENT GETREDIR x
      CLIENT TRACKINGINFO
      CLIENT TRACKINGINFO x
      CLIENT TRACKING
      CLIENT TRACKING foo
      CLIENT CACHING
      CLIENT CACHING foo
      CLIENT CACHING yes
    `,
  },
  {
    name: 'CLIENT HELP',
    commands: 'CLIENT HELP\nCLIENT HELP x',
  },
  {
    name: 'CLIENT REPLY',
    commands: `
      CLIENT REPLY OFF
      PING
      SET a 1
      CLIENT REPLY ON
      GET a
      CLIENT REPLY SKIP
      PING
      PING
      CLIENT REPLY SKIP
      CLIENT REPLY SKIP
      PING
      PING
      CLIENT REPLY OFF
      CLIENT REPLY SKIP
      PING
      GET
      NOSUCH
      CLIENT REPLY FOO
      CLIENT REPLY ON
      PING
      CLIENT REPLY SKIP
      MULTI
      SET a 2
      GET a
      EXEC
      client reply skip
      GET
      PING
    `,
  },
  {
    name: 'CLIENT KILL in its forms',
    commands: `
      b> PING
      c> PING
      CLIENT KILL ID {id:b}
      CLIENT KILL {addr:c}
      b> PING
      d> CLIENT SETNAME dee
      CLIENT KILL ADDR {addr:d} ID {id:d}
      e> PING
      CLIENT KILL ADDR {addr:e} ID {id:a}
      e> PING
      e> SUBSCRIBE x
      CLIENT KILL TYPE pubsub
      CLIENT KILL ID {id:a}
      PING
      CLIENT KILL ID {id:a} SKIPME yes
      PING
      f> BLPOP none 0
      CLIENT KILL ID {id:f} SKIPME no
      g> MULTI
      CLIENT KILL ID {id:g} USER default TYPE normal SKIPME no
    `,
  },
  {
    name: 'CLIENT KILL of oneself answers first',
    commands: `
      CLIENT KILL ID {id:a} SKIPME no
      b> CLIENT KILL {addr:b}
    `,
  },
  {
    name: 'CLIENT LIST and INFO show what clients do',
    commands: `
      CLIENT SETNAME first
      b> CLIENT SETNAME second
      b> SELECT 3
      c> SUBSCRIBE x y
      c> PSUBSCRIBE p*
      d> MULTI
      d> PING
      e> BLPOP none 0
      f> WATCH k
      CLIENT LIST ID {id:a} {id:b} {id:c} {id:d} {id:e} {id:f}
      CLIENT INFO
      b> CLIENT INFO
      CLIENT LIST TYPE pubsub
    `,
  },
  {
    name: 'CLIENT UNBLOCK',
    commands: `
      b> BLPOP none 0
      CLIENT UNBLOCK {id:b}
      b> BLPOP none 0
      CLIENT UNBLOCK {id:b} TIMEOUT
      b> BLPOP none 0
      CLIENT UNBLOCK {id:b} ERROR
      b> BRPOPLPUSH none x 0
      CLIENT UNBLOCK {id:b}
      b> BZPOPMIN none 0
      CLIENT UNBLOCK {id:b} error
      b> XREAD BLOCK 0 STREAMS none $
      CLIENT UNBLOCK {id:b}
      b> BLMOVE none x LEFT LEFT 0
      CLIENT UNBLOCK {id:b} foo
      CLIENT UNBLOCK {id:b}
      CLIENT UNBLOCK {id:b}
      b> PING
    `,
  },
  {
    name: 'CLIENT PAUSE holds commands back until CLIENT UNPAUSE',
    commands: `
      CLIENT PAUSE 100000 WRITE
      b> GET k
      b> SET k 1
      b> GET k
      c> PUBLISH x y
      d> MULTI
      d> SET k 2
      d> EXEC
      GET k
      CLIENT UNPAUSE
      CLIENT PAUSE 50
      b> PING
      b> GET k
    `,
  },
  {
    name: 'CLIENT TRACKING options',
    commands: `
      CLIENT TRACKING on FOO
      CLIENT TRACKING on BCAST
      CLIENT TRACKINGINFO
      CLIENT GETREDIR
      CLIENT TRACKING on
      CLIENT TRACKING off
      CLIENT TRACKINGINFO
      CLIENT TRACKING off
      CLIENT TRACKING on PREFIX a
      CLIENT TRACKING on BCAST PREFIX a PREFIX ab
      CLIENT TRACKING on BCAST PREFIX a PREFIX b
      CLIENT TRACKING on BCAST PREFIX abc
      CLIENT TRACKINGINFO
      CLIENT TRACKING off
      CLIENT TRACKING on OPTIN OPTOUT
      CLIENT TRACKING on OPTIN BCAST
      CLIENT TRACKING on OPTIN
      CLIENT TRACKINGINFO
      CLIENT CACHING yes
      CLIENT TRACKINGINFO
      CLIENT CACHING no
      CLIENT TRACKING on OPTOUT
      CLIENT TRACKING off
      CLIENT TRACKING on OPTOUT NOLOOP
      CLIENT TRACKINGINFO
      CLIENT CACHING no
      CLIENT CACHING yes
      CLIENT TRACKING off
      CLIENT TRACKING on REDIRECT 99999999
      CLIENT TRACKING on REDIRECT x
      CLIENT TRACKING on REDIRECT -1
      CLIENT TRACKING on REDIRECT
      CLIENT TRACKING on REDIRECT {id:b}
      CLIENT TRACKINGINFO
      CLIENT TRACKING on REDIRECT {id:b} REDIRECT {id:b}
      CLIENT TRACKING off
      CLIENT TRACKING on PREFIX
      CLIENT TRACKING on NOLOOP NOLOOP
      CLIENT TRACKING off
    `,
  },
  {
    name: 'CLIENT ids count up',
    commands: `
      ${each(
        'CLIENT LIST ID %',
        INTEGERS.filter((text) => !/^0?[1-9]/.test(text)),
      )}
    `,
  },
]
