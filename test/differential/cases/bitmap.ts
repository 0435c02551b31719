/** Scripts for the bitmap commands. */
import type { Case } from '../script.ts'
import { INDEXES, INTEGERS, ONE_OF_EACH, OTHER_TYPES, each, lines, words } from '../values.ts'

const ON_OTHER_TYPES = lines(`
  SETBIT % 0 1
  GETBIT % 0
  BITCOUNT %
  BITPOS % 1
  BITOP NOT out %
  BITOP AND out str %
  BITFIELD % GET u8 0
  BITFIELD % SET u8 0 1
  BITFIELD_RO % GET u8 0
  BITCOUNT % 0 x
  BITPOS % 2
  BITFIELD % GET u65 0
  BITFIELD %
  SETBIT % x 1
  BITOP OR % str str
  SETBIT % 0 2
  GETBIT % -1
  BITCOUNT % 0 -1 FOO
`)

const TYPES = words(`
  u1 u8 u63 u64 u0 i1 i8 i64 i65 i0 u i U8 I8 x8 "" u-1 u+8 u08 u8x "u 8"
  i99999999999999999999
`)

export const cases: readonly Case[] = [
  {
    name: 'SETBIT and GETBIT',
    commands: `
      SETBIT k 7 1
      GET k
      SETBIT k 7 0
      GET k
      SETBIT k 0 1
      GETBIT k 0
      GETBIT k 1
      GETBIT k 7
      GETBIT k 8
      GETBIT k 4294967295
      GETBIT k 4294967296
      SETBIT k 4294967296 1
      SETBIT k -1 1
      SETBIT k 100 1
      STRLEN k
      GETBIT k 100
      SETBIT k 1 2
      SETBIT k 1 -1
      SETBIT k 1 x
      SETBIT k 1 ""
      SETBIT k 1
      SETBIT k 1 1 1
      SETBIT k
      GETBIT k
      GETBIT
      GETBIT k 1 1
      SETBIT k x 2
      SETBIT new 5 0
      STRLEN new
      GET new
      SET n 12
      SETBIT n 6 1
      GET n
      OBJECT ENCODING n
      GETBIT n 3
      SET t 5 EX 100
      SETBIT t 0 1
      TTL t
      ${each('GETBIT k %', INTEGERS)}
      ${each('SETBIT k % 2', INTEGERS)}
      SET int 12
      GETBIT int 2
      GETBIT int 15
      GETBIT int 16
    `,
  },
  {
    name: 'bitmap commands against other types and missing keys',
    commands: `${ONE_OF_EACH}
      ${OTHER_TYPES.map((key) => ON_OTHER_TYPES.map((line) => line.replaceAll('%', key)).join('\n')).join(`\n${ONE_OF_EACH}\n`)}
      ${ON_OTHER_TYPES.map((line) => `${line.replaceAll('%', 'none')}\nDEL none`).join('\n')}`,
  },
  {
    name: 'BITCOUNT over bytes and bits',
    commands: `
      SET k foobar
      BITCOUNT k
      ${INDEXES.map((from) => `BITCOUNT k ${from} -1\nBITCOUNT k 0 ${from}\nBITCOUNT k ${from} -1 BIT\nBITCOUNT k 1 ${from} BIT`).join('\n')}
      ${[-100, -49, -48, -9, -1, 0, 5, 9, 30, 47, 48].map((from) => each(`BITCOUNT k ${from} % BIT\nBITCOUNT k ${from} % byte`, [-100, -49, -48, -47, -1, 0, 5, 9, 30, 46, 47, 48])).join('\n')}
      BITCOUNT k 0
      BITCOUNT k 0 1 2
      BITCOUNT k 0 1 BIT BIT
      BITCOUNT k BIT
      BITCOUNT k x 1 FOO
      BITCOUNT k 5 1 BIT
      BITCOUNT
      BITCOUNT none
      BITCOUNT none 0 1
      BITCOUNT none x y
      BITCOUNT none 0 1 FOO
      SET n 123456789
      BITCOUNT n
      BITCOUNT n 1 3
      SET e ""
      BITCOUNT e
      BITCOUNT e 0 -1
      BITCOUNT e 0 -1 BIT
    `,
  },
  {
    name: 'BITPOS over bytes and bits',
    commands: `
      SET k "\\x00\\xff\\xf0\\x00\\x01"
      ${[0, 1].map((bit) => each(`BITPOS k ${bit} %\nBITPOS k ${bit} 0 %\nBITPOS k ${bit} % -1 BIT\nBITPOS k ${bit} 3 % BIT`, INDEXES)).join('\n')}
      ${[0, 1].map((bit) => [-41, -40, -25, -8, 0, 7, 8, 9, 15, 16, 20, 23, 24, 38, 39, 40].map((from) => each(`BITPOS k ${bit} ${from} % BIT`, [-41, -40, -25, -8, -1, 0, 7, 8, 16, 20, 24, 39, 40])).join('\n')).join('\n')}
      BITPOS k 0
      BITPOS k 1
      BITPOS k 2
      BITPOS k -1
      BITPOS k x
      BITPOS k 1 0 -1 FOO
      BITPOS k 1 0 BIT
      BITPOS k 1 BIT
      BITPOS k 1 0 -1 BIT 1
      BITPOS k
      BITPOS
      SET ones "\\xff\\xff\\xff"
      BITPOS ones 0
      BITPOS ones 0 0
      BITPOS ones 0 0 -1
      BITPOS ones 0 3
      BITPOS ones 0 0 2
      BITPOS ones 0 0 -1 BIT
      BITPOS ones 0 5 -1 BIT
      BITPOS ones 0 1
      BITPOS ones 1
      BITPOS ones 1 5
      SET zeros "\\x00\\x00\\x00"
      BITPOS zeros 1
      BITPOS zeros 1 0 -1
      BITPOS zeros 0 1
      BITPOS zeros 1 0 -1 BIT
      BITPOS none 0
      BITPOS none 1
      BITPOS none 0 5 6
      BITPOS none 1 0 -1 BIT
      BITPOS none 2
      BITPOS none 0 x
      SET e ""
      BITPOS e 0
      BITPOS e 1
      BITPOS e 0 0 -1
      SET n 12
      BITPOS n 1
    `,
  },
  {
    name: 'BITOP',
    commands: `
      MSET a abcdef b ab c "" n 12
      BITOP AND out a b
      GET out
      BITOP OR out a b
      GET out
      BITOP XOR out a b
      GET out
      BITOP NOT out a
      GET out
      BITOP NOT out a b
      BITOP NOT out
      BITOP AND out
      BITOP AND out a
      GET out
      BITOP and out a n
      GET out
      BITOP OR out none
      EXISTS out
      SET out x EX 100
      BITOP AND out a none
      GET out
      TTL out
      SET out x
      BITOP OR out none none2
      EXISTS out
      SET out x
      BITOP NOT out c
      EXISTS out
      BITOP XOR a a a
      GET a
      BITOP NOT b b
      GET b
      BITOP FOO out a
      BITOP "" out a
      BITOP NAND out a b
      BITOP
      BITOP AND
      RPUSH list x
      BITOP AND list a b
      TYPE list
      RPUSH list2 x
      BITOP AND list2 none
      EXISTS list2
      RPUSH list3 x
      BITOP AND out a list3
      BITOP NOT out list3
      BITOP FOO out list3
      MSET x1 "\\xff\\x0f\\xf0\\xaa\\x55\\x12\\x34\\x56\\x78\\x9a\\xbc\\xde\\xf0\\x11\\x22\\x33\\x44\\x55\\x66\\x77\\x88\\x99\\xaa\\xbb\\xcc\\xdd\\xee\\xff\\x01\\x02\\x03\\x04\\x05\\x06\\x07" x2 "\\x0f\\xf0\\x55\\xaa\\x99\\x88\\x77\\x66\\x55\\x44\\x33\\x22\\x11\\x00\\xff\\xee\\xdd\\xcc\\xbb\\xaa\\x99\\x88\\x77\\x66\\x55\\x44\\x33\\x22\\x11\\x00\\xff\\xee\\xdd" x3 "\\x01\\x02\\x03"
      BITOP AND out x1 x2 x3
      GET out
      BITOP OR out x1 x2 x3
      GET out
      BITOP XOR out x1 x2 x3 x1
      GET out
      BITOP NOT out x1
      GET out
    `,
  },
  {
    name: 'BITFIELD reads and writes integers of all widths',
    commands: `
      BITFIELD k SET u8 0 255 GET u8 0 GET i8 0
      BITFIELD k INCRBY u2 100 1
      BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
      BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
      BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
      BITFIELD k INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
      BITFIELD k OVERFLOW FAIL INCRBY u2 102 1
      BITFIELD k OVERFLOW FAIL SET u2 102 4
      BITFIELD k OVERFLOW WRAP SET u2 102 7 GET u2 102
      BITFIELD k OVERFLOW SAT SET u2 102 7 GET u2 102
      BITFIELD k OVERFLOW SAT SET u2 102 -7 GET u2 102
      BITFIELD k OVERFLOW SAT SET i4 102 -9 GET i4 102
      BITFIELD k OVERFLOW SAT SET i4 102 9 GET i4 102
      BITFIELD k OVERFLOW WRAP SET i4 102 9 GET i4 102
      BITFIELD k OVERFLOW FAIL SET i4 102 9 GET i4 102
      BITFIELD k SET i64 0 -9223372036854775808 GET i64 0 INCRBY i64 0 -1 
      BITFIELD k SET i64 0 9223372036854775807 OVERFLOW SAT INCRBY i64 0 1 GET i64 0
      BITFIELD k SET i64 0 9223372036854775807 OVERFLOW FAIL INCRBY i64 0 1 GET i64 0
      BITFIELD k SET i64 0 9223372036854775807 OVERFLOW WRAP INCRBY i64 0 1 GET i64 0
      BITFIELD k SET u63 0 9223372036854775807 OVERFLOW WRAP INCRBY u63 0 1 GET u63 0
      BITFIELD k SET u63 0 -1 GET u63 0
      BITFIELD k OVERFLOW SAT INCRBY u63 0 -9223372036854775808 GET u63 0
      BITFIELD k OVERFLOW SAT INCRBY u63 1 9223372036854775807 INCRBY u63 1 9223372036854775807
      BITFIELD k OVERFLOW SAT INCRBY i33 7 9223372036854775807 INCRBY i33 7 -9223372036854775808
      BITFIELD k OVERFLOW WRAP INCRBY i33 7 9223372036854775807 INCRBY i33 7 -9223372036854775808
      BITFIELD k OVERFLOW FAIL INCRBY i33 7 9223372036854775807 INCRBY i33 7 -9223372036854775808
      BITFIELD k SET u1 #3 1 GET u1 3 GET u8 #0 GET u8 #1 SET i5 #7 -3 GET i5 35 GET i5 #7
      GET k
      BITFIELD k
      BITFIELD none
      EXISTS none
      BITFIELD none GET u8 0
      EXISTS none
      BITFIELD none GET u8 1000 GET i16 #9
      BITFIELD none SET u8 0 0
      STRLEN none
      BITFIELD none2 GET u8 200 SET u8 16 0
      STRLEN none2
      BITFIELD none3 OVERFLOW FAIL SET u8 16 256
      EXISTS none3
      STRLEN none3
      BITFIELD none3 OVERFLOW FAIL INCRBY u8 16 256 GET u8 0
      EXISTS none3
      SET n 12
      BITFIELD n GET u8 0 INCRBY u8 0 1 GET u8 0
      GET n
      OBJECT ENCODING n
      BITFIELD n GET u8 8 GET u8 12 GET u16 4 GET u8 16 GET i16 15
      SET t x EX 100
      BITFIELD t SET u8 0 1
      TTL t
      bitfield k get u8 0 overflow fail incrby u8 0 1000
    `,
  },
  {
    name: 'BITFIELD refuses what it cannot do, and changes nothing then',
    commands: `
      ${each('BITFIELD k GET % 0', TYPES)}
      ${each('BITFIELD k SET % 0 1', TYPES)}
      ${each('BITFIELD k GET u8 %', INTEGERS)}
      ${each('BITFIELD k GET u8 #%', ['', '0', '-1', '+1', '01', '1.0', 'x', '4294967295', '9223372036854775808'])}
      ${each('BITFIELD k SET u8 0 %', INTEGERS)}
      ${each('BITFIELD k INCRBY i8 0 %', INTEGERS)}
      BITFIELD k GET u8 4294967288
      BITFIELD k GET u8 4294967289
      BITFIELD k GET u8 4294967295
      BITFIELD k GET i64 #67108863
      BITFIELD k GET i64 #67108864
      BITFIELD k GET u63 #9223372036854775807
      BITFIELD k OVERFLOW
      BITFIELD k OVERFLOW FOO
      BITFIELD k OVERFLOW FOO SET u8 0 1
      BITFIELD k OVERFLOW WRAP
      BITFIELD k OVERFLOW WRAP OVERFLOW SAT
      BITFIELD k GET
      BITFIELD k GET u8
      BITFIELD k SET u8 0
      BITFIELD k SET u8
      BITFIELD k INCRBY u8 0
      BITFIELD k FOO u8 0
      BITFIELD k SET u8 0 1 FOO
      BITFIELD k SET u8 0 1 GET u65 0
      BITFIELD k GET u8 0 SET u8 0 x
      EXISTS k
      BITFIELD
      BITFIELD_RO
      BITFIELD_RO k
      BITFIELD_RO k GET u8 0 GET i8 #1
      BITFIELD_RO k SET u8 0 1
      BITFIELD_RO k INCRBY u8 0 1
      BITFIELD_RO k OVERFLOW WRAP
      BITFIELD_RO k GET u8 0 SET u8 0 1
      BITFIELD_RO k OVERFLOW FAIL GET u8 0
      BITFIELD_RO k GET u8 0 OVERFLOW FOO
      BITFIELD_RO k FOO
      EXISTS k
    `,
  },
]
