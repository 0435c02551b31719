import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseArguments } from '../../host/node/config/arguments.ts'
import { ConfigError, ConfigFileError, readDirectives } from '../../host/node/config/directives.ts'
import { glob } from '../../host/node/config/glob.ts'
import { needsQuotes, quote, splitArguments } from '../../host/node/config/quoting.ts'
import { Random, seed } from '../support/random.ts'
import { redisMissing } from '../support/redis.ts'

const folder = mkdtempSync(join(tmpdir(), 'wadi-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes a file of the test's folder and answers its path. */
function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text, 'latin1')
  return path
}

describe('a line is split at blanks', () => {
  test.each<[string, string[] | null]>([
    ['save 900 1', ['save', '900', '1']],
    ['  a\t b  ', ['a', 'b']],
    ['', []],
    ['requirepass "a b"', ['requirepass', 'a b']],
    ["requirepass 'a b'", ['requirepass', 'a b']],
    ['""', ['']],
    ["''", ['']],
    ['"\\n\\r\\t\\b\\a\\"\\\\"', ['\n\r\t\b\x07"\\']],
    ['"\\x41\\xff\\xZZ"', ['A\xffxZZ']],
    ['"\\q"', ['q']],
    ["'\\' \\n'", ["' \\n"]],
    ['a"b c"', ['ab c']],
    ['"a"b', null],
    ["'a'b", null],
    ['"a', null],
    ["'a", null],
    ['"a\\', null],
  ])('%j', (line, args) => {
    expect(splitArguments(line)).toEqual(args)
  })

  test(`what was quoted comes back, whatever its bytes (seed ${seed})`, () => {
    const random = new Random()
    for (let round = 0; round < 500; round++) {
      const bytes = Array.from({ length: random.below(20) }, () => random.below(256))
      const text = String.fromCharCode(...bytes)
      expect(splitArguments(quote(text))).toEqual([text])
      if (!needsQuotes(text)) expect(splitArguments(text)).toEqual([text])
    }
  })
})

describe('the command line', () => {
  test.each([
    [['-v'], { do: 'version' }],
    [['--version'], { do: 'version' }],
    [['-h'], { do: 'help' }],
    [['--test-memory', '10'], { do: 'test-memory', megabytes: '10' }],
    [['--test-memory'], { do: 'test-memory', megabytes: undefined }],
    [[], { do: 'serve', file: undefined, stdin: false, options: '' }],
    [['-'], { do: 'serve', file: undefined, stdin: true, options: '' }],
    [['a.conf', '-'], { do: 'serve', file: 'a.conf', stdin: true, options: '' }],
    [
      ['a.conf', '--port', '7'],
      { do: 'serve', file: 'a.conf', stdin: false, options: 'port "7" ' },
    ],
    [
      ['--port', '7', '--replicaof', 'h', '8'],
      { do: 'serve', file: undefined, stdin: false, options: 'port "7" \nreplicaof "h" "8" ' },
    ],
    [['--port 7'], { do: 'serve', file: undefined, stdin: false, options: 'port 7 ' }],
    [
      ['--save', '--port', '7'],
      { do: 'serve', file: undefined, stdin: false, options: 'save ""\nport "7" ' },
    ],
    [['--save', ''], { do: 'serve', file: undefined, stdin: false, options: 'save "" ' }],
    [['--save'], { do: 'serve', file: undefined, stdin: false, options: 'save ""' }],
    [
      ['--requirepass', '--secret'],
      { do: 'serve', file: undefined, stdin: false, options: 'requirepass "--secret" ' },
    ],
  ])('%j', (argv, line) => {
    expect(parseArguments(argv)).toEqual(line)
  })
})

describe('a configuration file', () => {
  const read = (path: string, options = '') =>
    [...readDirectives({ file: path, stdin: undefined, options })].map(({ name, args, line }) => ({
      [name]: args,
      line,
    }))

  test('comments and empty lines are skipped, names are in lower case, lines are counted', () => {
    const path = file('plain.conf', '# comment\n\nPORT 7000\r\n  save 900 1  \nsave 60 10\n')
    expect(read(path, 'port "1" ')).toEqual([
      { port: ['7000'], line: 3 },
      { save: ['900', '1'], line: 4 },
      { save: ['60', '10'], line: 5 },
      { port: ['1'], line: 7 },
    ])
  })

  test('an include stands for the lines of its file', () => {
    const inner = file('inner.conf', '\nport 1\n')
    const path = file('outer.conf', `port 0\ninclude ${inner}\nport 2`)
    expect(read(path)).toEqual([
      { port: ['0'], line: 1 },
      { port: ['1'], line: 2 },
      { port: ['2'], line: 3 },
    ])
  })

  test('a pattern includes what matches in order, and may match nothing', () => {
    mkdirSync(join(folder, 'conf.d'), { recursive: true })
    file('conf.d/b.conf', 'port 2\n')
    file('conf.d/a.conf', 'port 1\n')
    file('conf.d/.hidden.conf', 'port 3\n')
    file('conf.d/c.other', 'port 4\n')
    const path = file(
      'glob.conf',
      `include ${folder}/conf.d/*.conf\ninclude ${folder}/none/*.conf\n`,
    )
    expect(read(path)).toEqual([
      { port: ['1'], line: 1 },
      { port: ['2'], line: 2 },
    ])
    expect(glob(`${folder}/conf.d/[!a]*.?o[mn]f`)).toEqual([join(folder, 'conf.d/b.conf')])
    expect(glob(`${folder}/co*/a.conf`)).toEqual([join(folder, 'conf.d/a.conf')])
  })

  test('quotes that do not balance are an error of their line', () => {
    const path = file('quotes.conf', 'port 1\nrequirepass "a\n')
    expect(() => read(path)).toThrow(ConfigError)
  })

  test('a file that is not there', () => {
    expect(() => read('/nowhere/x.conf')).toThrow(ConfigFileError)
  })

  test('files that include each other', () => {
    const path = join(folder, 'self.conf')
    writeFileSync(path, `include ${path}\n`)
    expect(() => read(path)).toThrow('Too many nested includes')
  })
})

describe.skipIf(redisMissing())('errors are reported as redis-server does', () => {
  const report = (path: string | undefined, args: string[]): string => {
    const line = parseArguments(path === undefined ? args : [path, ...args])
    if (line.do !== 'serve') throw new Error('not a start')
    try {
      for (const { name, line: number, text } of readDirectives({ ...line, stdin: undefined })) {
        if (name === 'nonsense') {
          throw new ConfigError('Bad directive or wrong number of arguments', {
            line: number,
            text,
          })
        }
      }
    } catch (error) {
      if (error instanceof ConfigError) return error.report('7.0.15')
      throw error
    }
    return ''
  }
  test.each<[string, string | undefined, string[]]>([
    ['an unknown directive', 'port 0\nnonsense 1 "a b"\n', []],
    ['one on the command line', undefined, ['--nonsense', 'a"b', '\x01']],
    ['one behind a file', 'port 0\n\n', ['--loglevel', 'notice', '--nonsense', '1']],
    ['quotes that do not balance', 'port 0\nrequirepass "x\n', []],
    ['nothing behind the dashes', undefined, ['--nonsense']],
  ])('%s', (_, text, args) => {
    const path = text === undefined ? undefined : file('report.conf', text)
    const argv = [...(path === undefined ? [] : [path]), ...args]
    const redis = spawnSync('redis-server', argv, { encoding: 'latin1', timeout: 5000 })
    expect(report(path, args)).toBe(redis.stderr)
  })
})
