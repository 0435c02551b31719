/** Scripts for FUNCTION and FCALL. */
import type { Case, Step } from '../script.ts'
import { lines } from '../values.ts'

const library = (name: string, code: string) => `#!lua name=${name}\n${code}`
const load = (name: string, code: string): Step => ['FUNCTION', 'LOAD', library(name, code)]
const reload = (code: string): Step => ['FUNCTION', 'LOAD', 'REPLACE', library('l', code)]

const PLAIN = `redis.register_function('f', function(keys, args) return {keys, args} end)`

export const cases: readonly Case[] = [
  {
    name: 'loading libraries',
    commands: [
      ['FUNCTION', 'FLUSH'],
      load('one', PLAIN),
      load('one', PLAIN),
      load('two', PLAIN),
      [
        'FUNCTION',
        'LOAD',
        'REPLACE',
        library('one', `redis.register_function('g', function() return 1 end)`),
      ],
      ['FCALL', 'f', '0'],
      ['FCALL', 'g', '0'],
      ['FCALL', 'G', '0'],
      load('two', PLAIN),
      [
        'FUNCTION',
        'LOAD',
        'REPLACE',
        library('two', `redis.register_function('g', function() end)`),
      ],
      ['FCALL', 'f', '2', 'a', 'b', 'c', 'd'],
      ['FCALL', 'f', '0'],
      ['FCALL', 'f', '-1'],
      ['FCALL', 'f', '1'],
      ['FCALL', 'f', 'x'],
      ['FCALL', 'nosuch', 'x'],
      ['FCALL_RO', 'f', '0'],
      ['FUNCTION', 'LOAD'],
      ['FUNCTION', 'LOAD', 'X', 'y'],
      ['FUNCTION', 'LOAD', ''],
      ['FUNCTION', 'LOAD', 'return 1'],
      ['FUNCTION', 'LOAD', '#!lua'],
      ['FUNCTION', 'LOAD', '#!lua\n'],
      ['FUNCTION', 'LOAD', '#!lua name=a b=c\n'],
      ['FUNCTION', 'LOAD', '#!lua name=a name=b\n'],
      ['FUNCTION', 'LOAD', '#!lua NAME=upper\nredis.register_function("upper", function() end)'],
      ['FUNCTION', 'LOAD', '#!lua name=a-b\n'],
      ['FUNCTION', 'LOAD', '#!lua name=\n'],
      ['FUNCTION', 'LOAD', '#!foo name=a\n'],
      ['FUNCTION', 'LOAD', '#!LUA name=a\nreturn 1'],
      ['FUNCTION', 'LOAD', "#!lua 'name=a\n"],
      ['FUNCTION', 'LOAD', '#!lua name=none\n'],
      load('long', `redis.register_function('${'f'.repeat(600)}', function() return 1 end)`),
      ['FCALL', 'F'.repeat(600), '0'],
      ['FUNCTION', 'DELETE', 'long'],
      ['FCALL', 'f'.repeat(601), '0'],
      ['FUNCTION', 'STATS'],
      ['FUNCTION', 'DELETE', 'one'],
      ['FUNCTION', 'DELETE', 'one'],
      ['FUNCTION', 'DELETE', 'ONE'],
      ['FUNCTION', 'FLUSH', 'x'],
      ['FUNCTION', 'FLUSH', 'SYNC', 'x'],
      ['FUNCTION', 'FLUSH', 'SYNC'],
      ['FUNCTION', 'FLUSH', 'ASYNC'],
      ['FUNCTION', 'STATS'],
      ['FCALL', 'f', '0'],
    ],
  },
  {
    name: 'what a library may do while it loads',
    commands: [
      ['FUNCTION', 'FLUSH'],
      ...lines(`
      for
      x = 1
      return math.random
      local a = nosuch
      error('x')
      redis.call('get','x')
      redis.pcall('get','x')
      redis.x = 1
      redis.setresp(3)
      redis.log(redis.LOG_DEBUG, 'hi')
      redis.log(9, 'hi')
      local a = redis.LOG_WARNING
      redis.register_function()
      redis.register_function('f')
      redis.register_function(1, 2, 3)
      redis.register_function('f', 1)
      redis.register_function(function() end, 'f')
      redis.register_function({})
      redis.register_function{function_name='f'}
      redis.register_function{callback=function() end}
      redis.register_function{function_name='f', callback=1}
      redis.register_function{function_name={}, callback=function() end}
      redis.register_function{function_name='f', callback=function() end, flags={'x'}}
      redis.register_function{function_name='f', callback=function() end, flags='x'}
      redis.register_function{function_name='f', callback=function() end, x=1}
      redis.register_function{function_name='f', callback=function() end, [1]=1}
      redis.register_function{function_name='f', callback=function() end, description={}}
      redis.register_function('a b', function() end)
      redis.register_function('', function() end)
      redis.register_function('f', function() end) redis.register_function('f', function() end)
      redis.register_function{function_name='f', callback=function() end}
      redis.register_function{function_name='f', callback=function() end, description='does', flags={}}
      redis.register_function{FUNCTION_NAME='f', Callback=function() end, flags={'no-writes','allow-oom'}}
      `).map(reload),
      ['FUNCTION', 'LIST'],
      ['FUNCTION', 'LIST', 'WITHCODE'],
      ['FUNCTION', 'LIST', 'LIBRARYNAME', 'L*'],
      ['FUNCTION', 'LIST', 'LIBRARYNAME', 'x*', 'WITHCODE'],
      ['FUNCTION', 'LIST', 'WITHCODE', 'LIBRARYNAME', '?'],
      ['FUNCTION', 'LIST', 'LIBRARYNAME'],
      ['FUNCTION', 'LIST', 'WITHCODE', 'WITHCODE'],
      ['FUNCTION', 'LIST', 'x'],
    ],
  },
  {
    name: 'running functions',
    commands: [
      ['FUNCTION', 'FLUSH'],
      ...lines(`
      redis.register_function('f', function(k, a) return redis.call('set', k[1], a[1]) end)
      redis.register_function('f', function(k, a) return redis.call('nosuch') end)
      redis.register_function('f', function(k, a) return redis.pcall('nosuch') end)
      redis.register_function('f', function(k, a) error('boom') end)
      redis.register_function('f', function(k, a) error({err='My Error'}) end)
      redis.register_function('f', function(k, a) x = 1 end)
      redis.register_function('f', function(k, a) return nosuch end)
      redis.register_function('f', function(k, a) return KEYS end)
      redis.register_function('f', function(k, a) redis.register_function('z', function() end) end)
      redis.register_function('f', function(k, a) return redis.replicate_commands() end)
      redis.register_function('f', function(k, a) return cjson.encode(a) end)
      redis.register_function('f', function(k, a) return {k[1], #k, #a} end)
      redis.register_function('f', function(k, a) local t = {} for n in pairs(redis) do t[#t+1] = n end table.sort(t) return t end)
      redis.register_function('f', function(k, a) redis.setresp(3) return redis.call('hgetall', 'h') end)
      redis.register_function('f', function(k, a) return {ok='x'} end)
      redis.register_function('f', function(k, a) return {map={x=1}} end)
      local n = 0 redis.register_function('f', function(k, a) n = n + 1 return n end)
      `).flatMap((code) => [
        reload(code),
        ['FCALL', 'f', '1', 'key', 'value'],
        ['FCALL', 'f', '1', 'key', 'value'],
        ['FCALL_RO', 'f', '1', 'key', 'value'],
      ]),
      reload(
        `redis.register_function{function_name='r', callback=function(k) return redis.call('get', k[1]) end, flags={'no-writes'}}\n` +
          `redis.register_function{function_name='w', callback=function(k) return redis.call('set', k[1], 1) end, flags={'no-writes'}}`,
      ),
      ['FCALL_RO', 'r', '1', 'key'],
      ['FCALL', 'r', '1', 'key'],
      ['FCALL', 'w', '1', 'key'],
      ['FCALL_RO', 'w', '1', 'key'],
      ['MULTI'],
      ['FCALL', 'r', '1', 'key'],
      ['FCALL', 'nosuch', '0'],
      ['FUNCTION', 'STATS'],
      ['EXEC'],
      ['EVAL', "return redis.call('fcall','r','0')", '0'],
      ['EVAL', "return redis.call('function','list')", '0'],
    ],
  },
  {
    name: 'restoring libraries',
    commands: [
      ['FUNCTION', 'FLUSH'],
      ['FUNCTION', 'RESTORE', 'x'],
      ['FUNCTION', 'RESTORE', ''],
      ['FUNCTION', 'RESTORE', 'x', 'y'],
      ['FUNCTION', 'RESTORE', 'x', 'FLUSH', 'y'],
      ['FUNCTION', 'RESTORE', 'x', 'APPEND'],
    ],
  },
]
