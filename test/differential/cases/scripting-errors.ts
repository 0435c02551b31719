/** Scripts for what fails in EVAL: errors of commands, errors that scripts raise. */
import type { Case } from '../script.ts'
import { lines } from '../values.ts'
import { evaluate } from './scripting.ts'

export const cases: readonly Case[] = [
  {
    name: 'errors of commands in scripts',
    commands: [
      ...lines(`
      RPUSH list a b c
      SET str hello
      `),
      ...evaluate(`
      return redis.call()
      return redis.pcall()
      return redis.call({})
      return redis.call('get', {})
      return redis.call('get', nil)
      return redis.call('get', true)
      return redis.pcall(function() end)
      return redis.call('nosuch')
      return redis.pcall('nosuch')
      return redis.call('get')
      return redis.pcall('get')
      return redis.call('config')
      return redis.call('config','nosuch')
      return redis.call('incr','str')
      return redis.pcall('incr','str')
      return redis.pcall('incr','str').err
      return redis.call('incr','list')
      return redis.pcall('get','list')
      local t = redis.pcall('get','list') return {t.err, tostring(t.ignore_error_stats_update), tostring(t.line)}
      local ok, e = pcall(redis.call, 'get', 'list') return {tostring(ok), e.err, tostring(e.source), tostring(e.line)}
      local ok, e = pcall(redis.call, 'nosuch') return e
      local ok, e = pcall(redis.call, 'get', 'list') error(e)
      local ok, e = pcall(redis.call, 'get', 'list') error(e.err)
      return {redis.pcall('get','list'), redis.pcall('get','str')}
      return redis.call('multi')
      return redis.call('eval','return 1','0')
      return redis.call('subscribe','x')
      return redis.call('auth','x')
      return redis.call('script','load','x')
      return redis.call('function','list')
      return redis.call('fcall','x','0')
      return redis.call('monitor')
      return redis.call('watch','x')
      return redis.call('client','reply','off')
      return redis.call('hello')
      return redis.call('reset')
      return redis.call('debug','sleep',0)
      return redis.call('shutdown')
      return redis.call('echo',0/0)
      return redis.call('set','k',0.1)
      return redis.call('set','k',1e17)
      return redis.call('set','k',123456789012)
      return redis.call('set','k',-0)
      return redis.call('set','k',1/3)
      return redis.call('set','k',1e300)
      return redis.call('get','k')
      `),
      ...lines(`
      EVAL "redis.call('set','a','1') redis.call('nosuch') redis.call('set','a','2')" 0
      GET a
      EVAL "redis.call('set','a','3') error('x')" 0
      GET a
      INFO errorstats
      `).slice(0, 4),
    ],
  },
  {
    name: 'errors that scripts raise',
    commands: [
      ...evaluate(`
      error()
      error('boom')
      error('boom', 0)
      error('boom', 2)
      error(1)
      error(true)
      error({err='My Error'})
      error({err='My Error', source='x', line=5})
      error({err='a\\r\\nb'})
      local t = nil; return t.x
      local t = {} ; t.x.y = 1
      return 1 + {}
      return 'a' + 1
      return #nil
      return nil .. 'x'
      return {} < {}
      return 1 < 'x'
      nosuch()
      local t = {} t.f()
      local s = 'x' s:nosuch()
      local function f() error('in f') end f()
      local function f() local t = nil return t.x end return f()
      return string.rep()
      return string.format('%d', 'x')
      return string.format('%z')
      return tonumber({})
      return setmetatable(1, {})
      return table.concat({{}})
      return table.insert()
      return table.insert({}, 1, 2, 3)
      return next({}, 'x')
      return select(0)
      return unpack({}, 1, 1e8)
      return assert(false)
      return assert(nil, 'said')
      return assert(false, {err='x y'})
      return loadstring('for')()
      local f, e = loadstring('for') return e
      local f, e = loadstring('for', 'name') return e
      local f, e = loadstring('for', '@name') return e
      local f, e = loadstring('for', '=name') return e
      return load(function() return nil end)
      local n = 0 return load(function() n = n + 1 if n < 3 then return n == 1 and 'return ' or '42' end end)()
      local f, e = load(function() return {} end) return e
      return loadstring('return 42')()
      return loadstring('x = 1')()
      local f,m = loadstring(string.dump(function() return 1 end)) return m
      local f = coroutine.wrap(function() error('in coroutine') end) f()
      return {coroutine.resume(coroutine.create(function() error('in coroutine') end))}
      return coroutine.wrap(function() return redis.call('ping') end)()
      return {pcall(error, 'plain')}
      return {select('#', pcall(error, {x=1})), pcall(error, {err={1}})}
      error(redis)
      error(_G)
      return source
      return redis.source
      error({err='-ERR x'})
      error({err='-'})
      error('-x')
      return {pcall(function() error('placed') end)}
      return {xpcall(function() error('placed') end, function(e) return e .. '!' end)}
      local function f() return f() + 1 end return f()
      for
      x =
      return return
      return 'unfinished
      return "\\400"
      goto x
      local t = {1,2
      `),
      ['EVAL', 'local a = 1\nlocal b = 2\nerror("third")', '0'],
      ['EVAL', '\n\n\nreturn redis.call("nosuch")', '0'],
      ['EVAL', 'local a =\n\n for', '0'],
    ],
  },
]
