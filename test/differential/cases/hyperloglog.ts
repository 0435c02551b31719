/** Scripts for the HyperLogLog commands. */
import type { Case, Step } from '../script.ts'
import { ONE_OF_EACH, OTHER_TYPES, each, lines } from '../values.ts'

const ON_OTHER_TYPES = lines(`
  PFADD % a
  PFADD %
  PFCOUNT %
  PFCOUNT h %
  PFCOUNT % %
  PFMERGE out %
  PFMERGE % h
  PFMERGE h % none
  PFDEBUG ENCODING %
  PFDEBUG DECODE %
  PFDEBUG TODENSE %
  PFDEBUG GETREG %
  PFDEBUG FOO %
`)

/** Elements e<from> … e<to - 1>, so many a command. */
function add(key: string, from: number, to: number, at: number): string[] {
  const commands = []
  for (let first = from; first < to; first += at) {
    const elements = Array.from({ length: Math.min(at, to - first) }, (_, i) => `e${first + i}`)
    commands.push(`PFADD ${key} ${elements.join(' ')}`)
  }
  return commands
}

const header = (encoding: number) =>
  Buffer.from([...Buffer.from('HYLL'), encoding, ...Buffer.alloc(11)])
const set = (key: string, ...parts: (Buffer | number[])[]): Step => [
  'SET',
  key,
  Buffer.concat(parts.map((part) => Buffer.from(part))),
]

/** Strings that are no HyperLogLog, or a corrupted one. */
const BROKEN: readonly [name: string, parts: (Buffer | number[])[]][] = [
  ['too short', [header(1).subarray(0, 15)]],
  ['other letters', [Buffer.from('HYLLA'.padEnd(18, 'x'))]],
  ['another encoding', [header(2), [0x7f, 0xff]]],
  ['dense and short', [header(0), Buffer.alloc(12287)]],
  ['dense and long', [header(0), Buffer.alloc(12289)]],
  ['no runs', [header(1)]],
  ['too few registers', [header(1), [0x7f, 0xfe]]],
  ['too many registers', [header(1), [0x7f, 0xff, 0x80]]],
  ['zeros beyond the end', [header(1), [0x7f, 0xf0, 0x3f]]],
]

/** The estimate is made stale, so that PFCOUNT has to look at the registers. */
const stale = (parts: (Buffer | number[])[]) => {
  const all = Buffer.concat(parts.map((part) => Buffer.from(part)))
  if (all.length > 15) all[15] = 0x80
  return all
}

export const cases: readonly Case[] = [
  {
    name: 'PFADD and PFCOUNT',
    commands: `
      PFADD h
      GET h
      OBJECT ENCODING h
      PFADD h
      PFCOUNT h
      GET h
      PFADD h a
      GET h
      PFADD h a
      GET h
      PFCOUNT h
      GET h
      PFADD h a
      GET h
      PFADD h b c d
      GET h
      PFCOUNT h
      PFCOUNT h h
      PFCOUNT h none
      PFCOUNT none
      PFCOUNT none none2
      EXISTS none
      PFADD h2 "" a "" b
      GET h2
      PFCOUNT h2
      PFCOUNT h h2
      STRLEN h2
      TYPE h2
      PFADD
      PFCOUNT
      pfadd h "binary \\x00 \\xff element"
      pfcount h
      PFADD t a
      EXPIRE t 100
      PFADD t b
      TTL t
      PFCOUNT t
      TTL t
      COPY h h3
      PFADD h3 more
      PFCOUNT h
      PFCOUNT h3
      APPEND h3 x
      PFCOUNT h3
      PFADD h3 x
    `,
  },
  {
    name: 'HyperLogLogs against other types and missing keys',
    commands: `${ONE_OF_EACH}
      PFADD h a b c
      ${OTHER_TYPES.map((key) => ON_OTHER_TYPES.map((line) => line.replaceAll('%', key)).join('\n')).join('\n')}
      ${ON_OTHER_TYPES.map((line) => `${line.replaceAll('%', 'none')}\nDEL none`).join('\n')}
      SET str abc
      SET n 12
      SET e ""
      ${ON_OTHER_TYPES.map((line) => each(line, ['str', 'n', 'e'])).join('\n')}
      GET str
      GET out
    `,
  },
  {
    name: 'a sparse HyperLogLog grows as in Redis, to a dense one',
    commands: [
      ...add('h', 0, 120, 1).flatMap((line) => [line, 'GET h']),
      ...add('h', 0, 3000, 37).flatMap((line) => [line, 'GET h', 'PFDEBUG ENCODING h']),
      'PFCOUNT h',
      'GET h',
      ...add('h', 3000, 9000, 500).flatMap((line) => [line, 'PFCOUNT h']),
      'GET h',
      'PFDEBUG ENCODING h',
    ],
  },
  {
    name: 'elements that are added at once give the same as one by one',
    commands: [
      ...add('one', 0, 700, 1),
      ...add('all', 0, 700, 700),
      'GET one',
      'GET all',
      'PFCOUNT one all',
    ],
  },
  {
    name: 'hll-sparse-max-bytes says when a HyperLogLog becomes dense',
    commands: [
      ...[0, 17, 18, 19, 20, 21, 100, 4000].flatMap((limit) => [
        `CONFIG SET hll-sparse-max-bytes ${limit}`,
        `DEL h${limit}`,
        ...add(`h${limit}`, 0, 60, 1).flatMap((line) => [
          line,
          `PFDEBUG ENCODING h${limit}`,
          `STRLEN h${limit}`,
        ]),
        ...add(`h${limit}`, 60, 3000, 300),
        `PFDEBUG ENCODING h${limit}`,
        `PFMERGE m${limit} h${limit}`,
        `PFDEBUG ENCODING m${limit}`,
        `GET m${limit}`,
      ]),
      'CONFIG SET hll-sparse-max-bytes 3000',
      ...add('h4000', 0, 20, 1),
      'PFDEBUG ENCODING h4000',
      'GET h4000',
    ],
  },
  {
    name: 'PFMERGE',
    commands: [
      ...add('a', 0, 100, 50),
      ...add('b', 80, 250, 50),
      ...add('big', 0, 5000, 500),
      'PFMERGE out a',
      'GET out',
      'PFCOUNT out a',
      'PFMERGE out b',
      'GET out',
      'PFCOUNT out',
      'PFMERGE out a b none',
      'GET out',
      'PFMERGE ab a b',
      'GET ab',
      'PFCOUNT ab',
      'PFCOUNT a b',
      'EXPIRE ab 100',
      'PFMERGE ab a',
      'TTL ab',
      'PFMERGE a a a',
      'GET a',
      'PFMERGE new',
      'GET new',
      'PFCOUNT new',
      'PFMERGE a',
      'GET a',
      'PFMERGE dense a big b',
      'GET dense',
      'PFCOUNT dense',
      'PFMERGE big a',
      'GET big',
      'PFCOUNT big',
      'PFMERGE a big',
      'GET a',
      'PFDEBUG ENCODING a',
      'PFMERGE none none2',
      'GET none',
      'PFMERGE',
      ...add('c', 10_000, 10_700, 100),
      ...add('d', 20_000, 20_700, 100),
      'PFMERGE cd c d',
      'PFDEBUG ENCODING cd',
      'GET cd',
      'PFCOUNT cd c d',
      'PFMERGE c d',
      'GET c',
    ],
  },
  {
    name: 'PFCOUNT keeps the estimate in the string',
    commands: [
      ...add('h', 0, 50, 50),
      'GETRANGE h 8 15',
      'PFCOUNT h',
      'GETRANGE h 8 15',
      ['SETRANGE', 'h', '8', Buffer.from([1, 2, 3, 0, 0, 0, 0, 0])],
      'PFCOUNT h',
      'PFCOUNT h h',
      ['SETRANGE', 'h', '8', Buffer.from([1, 2, 3, 0, 0, 0, 0, 0x7f])],
      'PFCOUNT h',
      ['SETRANGE', 'h', '8', Buffer.from([1, 2, 3, 0, 0, 0, 0, 0x80])],
      'PFCOUNT h',
      'GETRANGE h 8 15',
      'PFADD h e1',
      'GETRANGE h 8 15',
      'PFADD h new',
      'GETRANGE h 8 15',
      set('raw', header(1), [0x7f, 0xff]),
      'OBJECT ENCODING raw',
      'PFCOUNT raw',
      'OBJECT ENCODING raw',
      set('raw2', stale([header(1), [0x7f, 0xff]])),
      'PFCOUNT raw2',
      'GET raw2',
    ],
  },
  {
    name: 'counting a changed HyperLogLog is a write for those who watch it',
    commands: `
      PFADD h a b
      WATCH h
      b> PFCOUNT h
      MULTI
      PING
      EXEC
      WATCH h
      b> PFCOUNT h
      b> PFADD h a
      MULTI
      PING
      EXEC
      WATCH h
      b> PFDEBUG TODENSE h
      MULTI
      PING
      EXEC
    `,
  },
  {
    name: 'strings that are no HyperLogLog and corrupted ones are refused',
    commands: BROKEN.flatMap(([, parts], i) => [
      set(`b${i}`, stale(parts)),
      `PFCOUNT b${i}`,
      `PFCOUNT b${i} none`,
      `PFMERGE out b${i}`,
      `PFMERGE b${i} h`,
      `PFADD b${i} a b c`,
      `GET b${i}`,
      `PFDEBUG ENCODING b${i}`,
      `PFDEBUG TODENSE b${i}`,
      `PFDEBUG GETREG b${i}`,
      `EXISTS out`,
    ]),
  },
  {
    name: 'bytes of the header that nobody uses stay as they are',
    commands: [
      ...add('h', 0, 10, 10),
      'SETRANGE h 5 xyz',
      'PFADD h new',
      'GET h',
      'PFMERGE out h',
      'GETRANGE out 0 17',
      ...add('big', 0, 3000, 300),
      'SETRANGE out 5 abc',
      'PFMERGE out big',
      'GETRANGE out 0 17',
      'PFDEBUG TODENSE h',
      'GETRANGE h 0 17',
      'PFMERGE h big',
      'GETRANGE h 0 17',
    ],
  },
  {
    name: 'dense registers above what a hash can give',
    commands: [
      set('h', header(0), Buffer.alloc(12288, 0xff)),
      'PFCOUNT h',
      'PFCOUNT h none',
      set('h2', stale([header(0), Buffer.alloc(12288, 0xff)])),
      'PFCOUNT h2',
      'PFCOUNT h2 none',
      'PFADD h2 a',
      'PFMERGE h3 h2',
      'GET h3',
      set('h4', stale([header(0), Buffer.alloc(12288, 0x41)])),
      'PFCOUNT h4',
      'PFCOUNT h4 h2',
      'PFADD h4 a b c',
      'GET h4',
    ],
  },
  {
    name: 'PFDEBUG and PFSELFTEST',
    commands: [
      ...add('h', 0, 30, 10),
      'PFDEBUG DECODE h',
      'PFDEBUG decode h',
      'PFDEBUG ENCODING h',
      'PFDEBUG FOO h',
      'PFDEBUG',
      'PFDEBUG DECODE',
      'PFDEBUG DECODE h x',
      'PFDEBUG DECODE none',
      ...add('s', 0, 900, 300),
      'PFDEBUG DECODE s',
      'PFDEBUG TODENSE h',
      'PFDEBUG TODENSE h',
      'PFDEBUG DECODE h',
      'GET h',
      'PFDEBUG GETREG h',
      'PFDEBUG GETREG s',
      'PFDEBUG ENCODING s',
      'PFADD e',
      'PFDEBUG DECODE e',
      'PFSELFTEST',
      'PFSELFTEST x',
    ],
  },
  {
    name: 'events of HyperLogLog commands',
    commands: `
      CONFIG SET notify-keyspace-events KEA
      b> PSUBSCRIBE __key*
      PFADD h
      PFADD h a
      PFADD h a
      PFCOUNT h
      PFMERGE out h
      PFMERGE out h
      PFDEBUG TODENSE h
      PFDEBUG GETREG out
      CONFIG SET notify-keyspace-events ""
    `,
  },
]
