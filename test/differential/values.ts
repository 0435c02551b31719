/** Arguments that tell a careful parser from a careless one, quoted for a line of a script. */

/** The words of a text; one in double quotes may hold spaces. */
export function words(text: string): string[] {
  return text.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? []
}

/** The lines of a text, without those that are empty or begin with `#`. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** One line for each value, put in place of `%`. */
export function each(template: string, values: readonly (string | number)[]): string {
  return values.map((value) => template.replaceAll('%', String(value))).join('\n')
}

/** Valid and invalid 64-bit integers, and what looks like one. */
export const INTEGERS = words(`
  0 1 -1 10 -0 +1 01 -01 "" " 1" "1 " 1.0 1e3 0x10 9223372036854775807 9223372036854775808
  -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616
  99999999999999999999 --1 - + "1\\x00" abc nan inf 1_000 4294967295 4294967296 -2147483649
`)

/** Valid and invalid floating point numbers. */
export const FLOATS = words(`
  0 1 -1 1.5 +1.5 .5 5. -.5 -0 -0.0 1e5 1E-5 1e e1 "" " 1" "1 " "1\\x00" abc --1 1_0 1,5
  0x10 0x1p3 1e308 1e309 -1e309 1e400 1e-400 5e-324 1e-320 nan -nan NaN inf +inf -inf
  Infinity infin 3.0e3 0.1 123456789.123456789 17179869184.5 9007199254740993
  18446744073709551616 3.14159265358979323846
`)

/** Positions in a sequence: inside, at and past both ends, and what is none. */
export const INDEXES = words(`
  0 1 2 5 6 100 -1 -2 -5 -6 -7 -100 "" x 1.5 9223372036854775807 -9223372036854775808
  9223372036854775808
`)

/** Times to live, in any unit: past, none, far, out of range. */
export const TIMES = words(`
  0 -1 1000 100000 9223372036854775807 -9223372036854775808 9223372036854775
  9223372036854776 9223370000000000 -9223372036854775 "" x 1.5 10x 99999999999999999999
`)

/** One key of each type that a command can meet: str num list set zset hash stream. */
export const ONE_OF_EACH = `
  SET str hello
  SET num 10
  RPUSH list a b c
  SADD set a b c
  ZADD zset 1 a 2 b 3 c
  HSET hash f v g w
  XADD stream 1-1 f v
`

export const OTHER_TYPES = ['list', 'set', 'zset', 'hash', 'stream']
