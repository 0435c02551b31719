/** Scripts for COMMAND GETKEYSANDFLAGS: the keys of commands, well formed and not. */
import type { Case } from '../script.ts'

export const cases: readonly Case[] = [
  {
    name: 'the keys of commands and what happens to them',
    commands: `
      COMMAND GETKEYSANDFLAGS georadius k 1 2 3 m store d
      COMMAND GETKEYSANDFLAGS georadius k 1 2 3 m store d storedist e
      COMMAND GETKEYSANDFLAGS georadius k 1 2 3 m
      COMMAND GETKEYSANDFLAGS sort k by x get y limit 1 2 store d store e
      COMMAND GETKEYSANDFLAGS sort_ro k by x
      COMMAND GETKEYSANDFLAGS set k v get
      COMMAND GETKEYSANDFLAGS set k v ex 1
      COMMAND GETKEYSANDFLAGS bitfield k get u8 0
      COMMAND GETKEYSANDFLAGS bitfield k set u8 0 1
      COMMAND GETKEYSANDFLAGS bitfield k foo
      COMMAND GETKEYSANDFLAGS bitfield k overflow wrap get u8 0
      COMMAND GETKEYSANDFLAGS bitfield k get u8
      COMMAND GETKEYSANDFLAGS zunionstore d 2 a b
      COMMAND GETKEYSANDFLAGS zunionstore d 3 a b
      COMMAND GETKEYSANDFLAGS zunionstore d 0 a b
      COMMAND GETKEYSANDFLAGS zunion 0 a b
      COMMAND GETKEYSANDFLAGS xread streams a b 1 2
      COMMAND GETKEYSANDFLAGS xread streams a b 1
      COMMAND GETKEYSANDFLAGS xread streams
      COMMAND GETKEYSANDFLAGS xread streams a
      COMMAND GETKEYSANDFLAGS xread streams a b c
      COMMAND GETKEYSANDFLAGS xread count 1 block 2 foo streams a 1
      COMMAND GETKEYSANDFLAGS xreadgroup group g c count 1 streams a b 1 2
      COMMAND GETKEYSANDFLAGS xreadgroup group streams c streams a b 1 2
      COMMAND GETKEYSANDFLAGS memory usage k
      COMMAND GETKEYSANDFLAGS object encoding k
      COMMAND GETKEYSANDFLAGS publish a b
      COMMAND GETKEYSANDFLAGS spublish a b
      COMMAND GETKEYSANDFLAGS ssubscribe a b
      COMMAND GETKEYSANDFLAGS mset a b c d
      COMMAND GETKEYSANDFLAGS mset a b c
      COMMAND GETKEYSANDFLAGS blpop a b c 0
      COMMAND GETKEYSANDFLAGS blpop a 0
      COMMAND GETKEYSANDFLAGS ping x
      COMMAND GETKEYSANDFLAGS foo x
      COMMAND GETKEYSANDFLAGS get a b
      COMMAND GETKEYSANDFLAGS config get
      COMMAND GETKEYSANDFLAGS config get x
      COMMAND GETKEYSANDFLAGS memory foo bar
      COMMAND GETKEYSANDFLAGS xgroup create k g
      COMMAND GETKEYSANDFLAGS blmpop 1 2 a b left
      COMMAND GETKEYSANDFLAGS lmpop 1 a
      COMMAND GETKEYSANDFLAGS lmpop 1 a left
      COMMAND GETKEYSANDFLAGS bitop and d a b
      COMMAND GETKEYSANDFLAGS pfcount a b
      COMMAND GETKEYSANDFLAGS geosearchstore d s a b c d e
      COMMAND GETKEYSANDFLAGS watch a b
      COMMAND GETKEYSANDFLAGS restore a 0 b
      COMMAND GETKEYSANDFLAGS sintercard 2 a b limit 3
      COMMAND GETKEYS sintercard 2 a b limit 3
      COMMAND GETKEYS get|x a
      COMMAND GETKEYS config|get a b
      COMMAND GETKEYSANDFLAGS sort k store
      COMMAND GETKEYSANDFLAGS sort k limit 1 store d
      COMMAND GETKEYSANDFLAGS sort k limit 1 store d e
      COMMAND GETKEYSANDFLAGS rename a b
      COMMAND GETKEYSANDFLAGS copy a b db 1
      COMMAND GETKEYSANDFLAGS smove a b c
      COMMAND GETKEYSANDFLAGS pfmerge d a b
      COMMAND GETKEYSANDFLAGS pfdebug x y
      COMMAND GETKEYSANDFLAGS debug object x
      COMMAND GETKEYSANDFLAGS lcs a b
      COMMAND GETKEYSANDFLAGS brpoplpush a b 0
      COMMAND GETKEYSANDFLAGS zdiffstore d 1 a
      COMMAND GETKEYSANDFLAGS bzmpop 0 1 a min
      COMMAND GETKEYSANDFLAGS geoadd a 1 2 x
      COMMAND GETKEYSANDFLAGS xinfo stream k
      COMMAND GETKEYSANDFLAGS xclaim k g c 1 1-1
      COMMAND GETKEYS del a a a
      COMMAND GETKEYS config get
      COMMAND GETKEYSANDFLAGS cluster keyslot x
      COMMAND GETKEYSANDFLAGS acl cat x
      COMMAND GETKEYSANDFLAGS zrangestore a b 0 1
      COMMAND GETKEYSANDFLAGS georadiusbymember k a 1 m storedist z
      COMMAND GETKEYSANDFLAGS georadiusbymember k a 1 store storedist z
    `,
  },
]
