/** Scripts and SORT in a cluster, on a node that has the slots of {b} and {f} and not that of {a}. */

const forms: readonly [name: string, code: string][] = [
  ['without a first line', ''],
  ['with one', '#!lua\n'],
  ['that may cross slots', '#!lua flags=allow-cross-slot-keys\n'],
]

const bodies: readonly [name: string, code: string][] = [
  ['a key of the node', `return redis.call('GET', '{f}1')`],
  ['a key elsewhere', `return redis.call('GET', '{a}1')`],
  ['a key elsewhere, caught', `return redis.pcall('SET', '{a}1', 'x')`],
  ['keys of two slots at once', `return redis.pcall('MSET', '{b}1', 'x', '{f}1', 'y')`],
  [
    'two slots, one after the other',
    `return {redis.pcall('GET', '{b}1'), redis.pcall('GET', '{f}1')}`,
  ],
  ['no key', `return redis.call('PING')`],
  ['a channel', `return redis.call('PUBLISH', '{a}1', 'x')`],
  ['a shard channel', `return redis.call('SPUBLISH', '{f}1', 'x')`],
  ['a shard channel elsewhere', `return redis.pcall('SPUBLISH', '{a}1', 'x')`],
  ['arguments that are wrong, too', `return redis.pcall('GET', '{a}1', 'x')`],
  ['a command that is not for scripts', `return redis.pcall('WATCH', '{a}1')`],
  ['SORT by other keys', `return redis.pcall('SORT', '{b}l', 'BY', '{b}w_*')`],
  ['SORT that gets other keys', `return redis.pcall('SORT', '{b}l', 'GET', '{b}w_*')`],
  ['a key elsewhere to store to', `return redis.pcall('SORT', '{b}l', 'STORE', '{a}l')`],
]

/** One command a line, for a connection. */
export const scriptTalks: readonly [name: string, commands: string[][]][] = bodies.flatMap(
  ([what, body]) =>
    forms.map(([form, first]): [string, string[][]] => [
      `${what}, in a script ${form}`,
      [
        ['EVAL', first + body, '1', '{b}k'],
        ['EVAL', first + body, '0'],
        ['EVAL_RO', first + body, '1', '{b}k'],
        ['MULTI'],
        ['SET', '{b}k', 'v'],
        ['EVAL', first + body, '1', '{b}k'],
        ['EXEC'],
        ['FUNCTION', 'LOAD', 'REPLACE', library(first, body)],
        ['FCALL', 'f', '1', '{b}k'],
        ['FCALL', 'f', '2', '{b}k', '{b}l'],
        ['FCALL', 'f', '0'],
        ['FUNCTION', 'FLUSH'],
      ],
    ]),
)

/** A library with one function. */
function library(first: string, body: string): string {
  const flags = first.includes('allow') ? `'allow-cross-slot-keys'` : ''
  return `#!lua name=lib
redis.register_function{function_name = 'f', flags = {${flags}}, callback = function() ${body} end}`
}

export const noClusterTalk: string[][] = [
  ['EVAL', `#!lua flags=no-cluster\nreturn 1`, '0'],
  ['EVAL', `#!lua flags=no-cluster\nreturn 1`, '1', '{b}k'],
]
