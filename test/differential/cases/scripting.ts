/** Scripts for EVAL and its kin: what goes in and comes out, what scripts see, how they fail. */
import type { Case, Step } from '../script.ts'
import { lines } from '../values.ts'

const evaluate = (scripts: string, ...rest: string[]): Step[] =>
  lines(scripts).map((script) => ['EVAL', script, ...(rest.length ? rest : ['0'])])

/** Each script of the text without keys, once as it is and once after redis.setresp(3). */
const inBoth = (scripts: string): Step[] =>
  lines(scripts).flatMap((script) => [
    ['EVAL', script, '0'],
    ['EVAL', `redis.setresp(3) ${script}`, '0'],
  ])

export const cases: readonly Case[] = [
  {
    name: 'arguments of EVAL and EVALSHA',
    commands: [
      ...lines(`
      SCRIPT FLUSH
      EVAL "return 1"
      EVAL "return 1" x
      EVAL "return 1" -1
      EVAL "return 1" 1
      EVAL "return 1" 99999999999999999999
      EVAL "return {KEYS[1],KEYS[2],ARGV[1],ARGV[2],#KEYS,#ARGV}" 2 a b c
      EVAL "return {KEYS[1],KEYS[2],ARGV[1],ARGV[2],#KEYS,#ARGV}" 0 a b c
      EVAL "return {#KEYS,#ARGV}" 1 a
      EVAL "return ARGV" 0 1 2 3 4 5 6 7 8 9
      EVAL "return KEYS" 10 1 2 3 4 5 6 7 8 9 10
      EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
      SCRIPT FLUSH
      EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
      SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db
      SCRIPT LOAD "return 1"
      SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db E0E1F9FABFC9D4800C877A703B823AC0578FF8DB x
      EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
      EVALSHA E0E1F9FABFC9D4800C877A703B823AC0578FF8DB 0
      EVALSHA_RO e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
      EVALSHA abc 0
      EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db x
      SCRIPT LOAD
      SCRIPT LOAD "return"
      SCRIPT LOAD "for"
      SCRIPT LOAD ""
      EVAL "" 0
      SCRIPT FLUSH SYNC
      SCRIPT FLUSH ASYNC
      SCRIPT FLUSH x
      SCRIPT FLUSH SYNC x
      SCRIPT KILL
      SCRIPT DEBUG NO
      SCRIPT DEBUG x
      SCRIPT x
      FUNCTION KILL
      `),
      ['EVAL', 'return ARGV[1]', '0', Buffer.from([0, 255, 13, 10, 27])],
      ['EVAL', 'return ARGV[1]', '0', 'x'.repeat(100_000)],
      ['EVAL', 'return #ARGV[1]', '0', 'x'.repeat(1_000_000)],
      ['EVAL', 'return string.rep("x", 200000)', '0'],
    ],
  },
  {
    name: 'what a script returns',
    commands: inBoth(`
      return
      return nil
      return true
      return false
      return 3
      return 3.99
      return -3.99
      return 1e30
      return -1e30
      return 0/0
      return 9007199254740993
      return 'text'
      return ''
      return {}
      return {1,2,3}
      return {1,nil,3}
      return {nil}
      return {1,{2,{3,{4}}}}
      return {1,'a',true,false,3.7}
      return {ok='fine'}
      return {ok='a\\r\\nb'}
      return {ok=1}
      return {ok=''}
      return {err='My Error'}
      return {err='a\\r\\nb'}
      return {err='-x'}
      return {err=1}
      return {err='zero\\0cut'}
      return {double=3.5}
      return {double=1e20}
      return {double=-1/0}
      return {double=0.1}
      return {double='x'}
      return {map={a=1}}
      return {map={}}
      return {map={a={1,2}}}
      return {set={a=true}}
      return {set={}}
      return {big_number='123456789012345678901234567890'}
      return {big_number='1\\r\\n2'}
      return {verbatim_string={format='txt',string='abc'}}
      return {verbatim_string={format='mkd',string='a\\r\\nb'}}
      return {verbatim_string={format='txt'}}
      return {verbatim_string='x'}
      return {{ok='a'},{err='b c'},{map={x=1}},{double=2}}
      return function() end
      return coroutine.create(function() end)
      return cjson.null
      return unpack({1,2,3})
      return redis
      return _G
      return redis.status_reply('fine')
      return redis.error_reply('My Error')
      return redis.error_reply('CODE')
      return redis.error_reply('-CODE text')
      return redis.error_reply('text\\r\\n')
      return redis.error_reply(' x')
      return redis.error_reply('')
      return redis.error_reply(1)
      return redis.error_reply()
      return redis.error_reply('a','b')
      return redis.status_reply()
      return redis.status_reply(1)
      return redis.status_reply('a','b')
    `),
  },
  {
    name: 'what redis.call gives to a script',
    commands: [
      ...lines(`
      SET str hello
      SET num 10
      RPUSH list a b c
      SADD set a
      ZADD zset 1.5 a
      HSET hash f v
      XADD stream 1-1 f v
      `),
      ...inBoth(`
      return redis.call('get','str')
      return redis.call('get','none')
      return type(redis.call('get','none'))
      return redis.call('incr','num')
      return type(redis.call('incr','num'))
      return redis.call('lrange','list',0,-1)
      return #redis.call('lrange','list',0,-1)
      return redis.call('smembers','set')
      return type(redis.call('smembers','set').set)
      return redis.call('hgetall','hash')
      return redis.call('hgetall','none')
      local t = redis.call('hgetall','hash') return t.map and t.map.f or t[2]
      return redis.call('zscore','zset','a')
      local t = redis.call('zscore','zset','a') return type(t) == 'table' and tostring(t.double) or t
      return redis.call('zrange','zset',0,-1,'withscores')
      return redis.call('xrange','stream','-','+')
      return redis.call('ping')
      return redis.call('ping').ok
      return redis.call('echo','x')
      return redis.call('set','str','x')
      return redis.call('set','str','x','nx')
      return type(redis.call('set','str','x','nx'))
      return redis.call('lpop','none',3)
      return redis.call('mget','str','none','list')
      return redis.call('exists','str','none')
      return redis.call('scan','0','count','1000','match','str')
      return redis.call('type','list')
      return redis.call('object','encoding','num')
      return redis.call('command','count') > 100
      return redis.call('sismember','set','a')
      return redis.call('debug','protocol','true')
      return redis.call('client','getname')
      return redis.call('sort','list','alpha')
      `),
    ],
  },
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
  {
    name: 'what scripts see and cannot change',
    commands: evaluate(`
      local t = {} for k, v in pairs(string) do t[#t+1] = k end table.sort(t) return t
      local t = {} for k, v in pairs(table) do t[#t+1] = k end table.sort(t) return t
      local t = {} for k, v in pairs(math) do t[#t+1] = k end table.sort(t) return t
      local t = {} for k, v in pairs(cjson) do t[#t+1] = k end table.sort(t) return t
      local t = {} for k, v in pairs(cmsgpack) do t[#t+1] = k end table.sort(t) return t
      local t = {} for k, v in pairs(struct) do t[#t+1] = k end table.sort(t) return t
      local t = {} for k, v in pairs(bit) do t[#t+1] = k end table.sort(t) return t
      local t = {} for k, v in pairs(coroutine) do t[#t+1] = k end table.sort(t) return t
      local t = {} for k, v in pairs(redis) do t[#t+1] = k .. type(v) end table.sort(t) return t
      local t = {} for k, v in pairs(_G) do if k ~= 'os' then t[#t+1] = k .. type(v) end end table.sort(t) return t
      local t = {} local k = nil repeat k = next(redis, k) t[#t+1] = tostring(k) until not k table.sort(t) return t
      return _VERSION
      return {redis.LOG_DEBUG, redis.LOG_VERBOSE, redis.LOG_NOTICE, redis.LOG_WARNING}
      return {redis.REPL_NONE, redis.REPL_AOF, redis.REPL_SLAVE, redis.REPL_REPLICA, redis.REPL_ALL}
      return print
      return dofile
      return loadfile
      return require
      return io
      return debug
      return package
      return module
      return newproxy
      return getfenv
      return setfenv
      x = 1
      x = nil
      function f() end
      _G.x = 1
      _G['x'] = 1
      rawset(_G, 'x', 1)
      redis.x = 1
      redis.call = nil
      rawset(redis, 'x', 1)
      string.x = 1
      math.random = nil
      table.insert = nil
      cjson.x = 1
      cjson.encode = nil
      bit.x = 1
      coroutine.x = 1
      setmetatable(_G, {})
      setmetatable(redis, {})
      setmetatable(string, nil)
      getmetatable('').__index = 1
      getmetatable('').x = 1
      getmetatable(_G).__index = 1
      table.insert(math, 1)
      table.insert(_G, 1)
      KEYS = 1
      KEYS[1] = 'x' return KEYS[1]
      ARGV.x = 1 return ARGV.x
      return {type(getmetatable('')), type(getmetatable(_G)), type(getmetatable({}))}
      return rawget(_G, 'nosuch')
      return rawget(redis, 'LOG_DEBUG')
      return rawequal(_G, _G._G)
      return _G.nosuch
      return nosuch
      return type(nosuch)
      if nosuch then return 1 end
      return _G.redis.call('ping')
      return tostring(_G):sub(1, 6)
      return tostring(redis):sub(1, 6)
      return tostring(print)
      return setmetatable({}, {__index=function(t, k) return k .. '!' end}).hello
      local t = setmetatable({}, {__metatable='locked'}) return getmetatable(t)
      local t = setmetatable({}, {__metatable='locked'}) setmetatable(t, {})
      return (' x '):upper():rep(2)
      return ('abc'):byte(1, -1)
      return {('abc'):byte(0), ('abc'):byte(-1), ('abc'):byte(4), ('abc'):byte(2, 2^40), ('abc'):byte(), ('abc'):byte(nil, 2)}
      return ('x'):rep(1e6):byte(1, -1)
      return {('hello'):sub(2, -2), ('hello'):sub(-100, 100), ('hello'):sub(0), ('hello'):sub(4, 2), ('hello'):sub(1.5, 3.5), ('hello'):sub('2')}
      return {('hello'):sub(2^31, -1), ('hello'):sub(1, 2^53), ('hello'):sub(-2^31, 2), ('hello'):sub(1, math.huge), ('hello'):find('l', 2^40)}
      return ('hello'):sub()
      return ('hello'):sub({})
      return getmetatable('').__index == string
      local t = {} for k, v in pairs(getmetatable(_G)) do t[#t+1] = k .. type(v) end return t
      return {('key=value'):match('(%w+)=(%w+)')}
      return {string.find('hello', 'l+')}
      return string.gsub('hello', 'l', {l='L'})
      return {string.gsub('hello', '', '-'), string.gsub('abc', '%w', '%0%0'), string.gsub('abc def', '(%w+) (%w+)', '%2 %1'), string.gsub('x', 'x', '%%')}
      return {string.gsub('abc', '.', {a=1, b=true}), string.gsub('abc', '.', function(c) return c == 'b' and 'B' end)}
      return {string.gsub('a.b.c', '%.', '/', 1), string.gsub('abc', 'b*', '-'), string.gsub('', 'x*', '-'), string.gsub('abc', '^a', '')}
      return string.gsub('abc', '.', {a={}})
      return string.gsub('abc', '.', function() return {} end)
      return string.gsub('abc', '(', 'x')
      return string.gsub('abc', '%', 'x')
      return string.gsub('abc', '[a', 'x')
      return string.gsub('abc', 'a)', 'x')
      return string.gsub('abc', 'a', '%2')
      return string.gsub('abc', '%f', 'x')
      return string.gsub('abc', '%b', 'x')
      return string.gsub('abc', '%1', 'x')
      return string.gsub('abc', 'a')
      return string.gsub('abc', 'a', nil)
      return string.gsub('abc', 'a', true)
      return string.gsub('abc')
      return string.find('abc')
      return string.find({}, 'a')
      return string.match('abc', {})
      return string.find('abc', string.rep('(a)', 33))
      return {string.find('abc', 'b', -1), string.find('abc', 'b', -2), string.find('abc', '', 10), string.find('abc', '', 3), string.find('a+b', '+', 1, true)}
      return {string.find('a\\0b', '%z'), string.find('a\\0b', 'b'), string.match('2024-05-06', '(%d+)-(%d+)-(%d+)'), string.match('  x  ', '^%s*(.-)%s*$')}
      return {string.match('THE (quick) fox', '%((%a+)%)'), string.find('THE (quick) fox', '%b()'), string.match('x=1', '()=()'), string.gsub('THE fox', '%f[%a]%a+', 'w')}
      local t = {} for w in string.gmatch('one two  three', '%a+') do t[#t+1] = w end return t
      local t = {} for k, v in ('a=1,b=2'):gmatch('(%w)=(%w)') do t[#t+1] = k .. v end return t
      local t = {} for p in ('abc'):gmatch('()') do t[#t+1] = p end return t
      return string.gmatch('a')
      return string.gfind('a', 'b')
      return string.format('%5.2f|%d|%s|%q|%x|%c|%e|%g|%i|%u|%o|%%', 3.14159, 42, 'x', 'a"b\\n', 255, 65, 12345.678, 0.0001, 7, 8, 9)
      local t = {3,1,2} table.sort(t) return t
      local t = {'b','a'} table.sort(t, function(a, b) return a > b end) return t
      return table.concat({1,2,3}, ',')
      local t = {1,2,3} table.remove(t, 1) return t
      local t = {1,2,3} table.insert(t, 2, 9) return t
      return {table.maxn({1,2,[10]=3}), table.getn({1,2})}
      local t = {} table.foreach({1,2}, function(k, v) t[#t+1] = k * v end) return t
      return tostring(1/3)
      return {tostring(1e15), tostring(1e16), tostring(123456789012345), tostring(-0), tostring(1e100), tostring(2^53), tostring(10/2)}
      return {string.format('%d %5d|%-5d|%05d|%+d|% d|%.3d|%x|%X|%#x|%o|%#o|%u|%i', 1700000000123, 42, 42, 42, 42, 42, 7, 255, 255, 255, 8, 8, 2^40, -5), string.format('%d %x %u', -1, -1, -1), string.format('%d', 1e19), string.format('%5.1s|%-5s|%c', 'abc', 'x', 65)}
      return string.format('%d')
      return string.format('%')
      return string.format('%123d', 1)
      return string.format('%y', 1)
      return string.format('%s', {})
      return string.format('%s', nil)
      return {tonumber('ffffffffff', 16), tonumber('-ff', 16), tonumber('0xff', 16), tonumber('8', 8), tonumber(' 11 ', 2), tonumber('', 16), tonumber('zz', 36), tonumber('99999999999999999999', 11)}
      return tonumber('1', 1)
      return tonumber()
      return {tostring(tonumber('0x')), tostring(tonumber(' -0X ')), tostring(tonumber('0x1p4')), tostring(tonumber('x')), tostring(tonumber('0')), tostring(tonumber('0xx'))}
      return {tonumber('0x10'), tonumber('10', 2), tonumber('z', 36), tonumber(' 5 '), tonumber('1e2')}
      return {math.floor(-1.5), math.ceil(-1.5), math.abs(-2), math.max(1,5,3), math.min(4,2), math.fmod(7,3), 7 % -3, -7 % 3}
      return {math.huge, -math.huge, math.pi}
      return {tostring(math.sin(1)), tostring(math.cos(1)), tostring(math.exp(1)), tostring(math.log(10)), tostring(math.sqrt(2)), tostring(2^0.5)}
      return collectgarbage('count') > 0
      return collectgarbage()
      return gcinfo() > 0
      return redis.sha1hex('')
      return redis.sha1hex('hello')
      return redis.sha1hex(12)
      return redis.sha1hex()
      return redis.sha1hex('a', 'b')
      return redis.log()
      return redis.log(1)
      return redis.log('x', 'y')
      return redis.log(9, 'x')
      return redis.log('0', 'x')
      return redis.log(redis.LOG_DEBUG, 'a', 1, {}, 'b')
      return redis.setresp()
      return redis.setresp(1)
      return redis.setresp(4)
      return redis.setresp('x')
      return redis.setresp('3')
      return redis.setresp(2.9)
      return redis.set_repl()
      return redis.set_repl(9)
      return redis.set_repl(redis.REPL_ALL)
      return redis.replicate_commands()
      return redis.acl_check_cmd('get', 'x')
      return redis.acl_check_cmd('nosuch')
      return redis.acl_check_cmd('set')
      return redis.acl_check_cmd('config')
      return redis.acl_check_cmd('get', 'x', 'y')
      return redis.acl_check_cmd('set', 'x', 'y')
      return redis.acl_check_cmd()
    `),
  },
  {
    name: 'random numbers from a seed',
    commands: evaluate(`
      math.randomseed(0) local t = {} for i = 1, 50 do t[i] = tostring(math.random()) end return t
      math.randomseed(1) local t = {} for i = 1, 50 do t[i] = math.random(1000) end return t
      local t = {} for i = 1, 50 do t[i] = math.random(-1000, 1000) end return t
      math.randomseed(42) local t = {} for i = 1, 50 do t[i] = math.random(1000000) end return t
      math.randomseed(-7) local t = {} for i = 1, 50 do t[i] = tostring(math.random()) end return t
      math.randomseed(4294967296) return tostring(math.random())
      math.randomseed(1.9) return tostring(math.random())
      return math.random(0)
      return math.random(10, 1)
      return math.random(1, 2, 3)
      return math.random('x')
      return math.random(2147483647)
      return math.random(-2147483648, 2147483647)
      return math.randomseed()
    `),
  },
  {
    name: 'cjson',
    commands: [
      ...evaluate(`
      return cjson.encode(nil)
      return cjson.encode(true)
      return cjson.encode('a"b\\\\c/d\\n\\r\\t\\b\\f\\0\\1\\31\\127\\200')
      return cjson.encode('äöü€')
      return cjson.encode({})
      return cjson.encode({1,2,3})
      return cjson.encode({1,nil,3})
      return cjson.encode({[1]=1,[3]=3})
      return cjson.encode({a=1})
      return cjson.encode({[1]=1,[100]=2})
      return cjson.encode({[0]=1})
      return cjson.encode({[1.5]=1})
      return cjson.encode({[-1]=1})
      return cjson.encode({[1]=1,a=2})
      return cjson.encode({[true]=1})
      return cjson.encode({[{}]=1})
      return cjson.encode(function() end)
      return cjson.encode({x=function() end})
      return cjson.encode(coroutine.create(function() end))
      return cjson.encode(cjson.null)
      return cjson.encode({cjson.null, false})
      return cjson.encode(1/0)
      return cjson.encode(0/0)
      return cjson.encode({a={b={c={1,2,{d='e'}}}}})
      return cjson.encode({0.1, 1/3, 1e20, 1e-7, 123456789.123, -0, 1e15, 1e14, 12345678901234567890, 2^53})
      return cjson.encode()
      return cjson.encode(1, 2)
      local t = {} t.t = t return cjson.encode(t)
      local t = {} for i = 1, 1001 do t = {t} end return cjson.encode(t)
      local t = {} for i = 1, 999 do t = {t} end return #cjson.encode(t)
      return cjson.decode('null') == cjson.null
      return cjson.decode('true')
      return cjson.decode('1')
      return cjson.decode('[]')
      return cjson.decode('{}')
      return cjson.decode('[1,2.5,"x",true,false,null]')
      return cjson.decode('{"a":{"b":[1,2]}}').a.b
      return cjson.decode(' [ 1 , 2 ] ')
      return tostring(cjson.decode('1e5'))
      return tostring(cjson.decode('-1.5e-3'))
      return tostring(cjson.decode('0x10'))
      return tostring(cjson.decode('nan'))
      return tostring(cjson.decode('-inf'))
      return tostring(cjson.decode('Infinity'))
      return tostring(cjson.decode('+1'))
      return tostring(cjson.decode('01'))
      return tostring(cjson.decode('.5'))
      return tostring(cjson.decode('-'))
      return cjson.decode('"\\\\u0041\\\\u00e4\\\\u20ac\\\\ud83d\\\\ude00\\\\n\\\\/\\\\b"')
      return cjson.decode('"\\\\ud83d"')
      return cjson.decode('"\\\\ude00"')
      return cjson.decode('"\\\\u12"')
      return cjson.decode('"\\\\x"')
      return cjson.decode('"abc')
      return cjson.decode('')
      return cjson.decode(' ')
      return cjson.decode('[')
      return cjson.decode('[1')
      return cjson.decode('[1,')
      return cjson.decode('[1,]')
      return cjson.decode('[,1]')
      return cjson.decode('{"a"}')
      return cjson.decode('{"a":}')
      return cjson.decode('{"a":1')
      return cjson.decode('{"a":1,}')
      return cjson.decode('{a:1}')
      return cjson.decode('{1:1}')
      return cjson.decode('tru')
      return cjson.decode('nul')
      return cjson.decode('falsey')
      return cjson.decode('[1 2]')
      return cjson.decode('1 2')
      return cjson.decode('[1]x')
      return cjson.decode('@')
      return cjson.decode('}')
      return cjson.decode('"a\\0b"')
      return cjson.decode('a\\0')
      return cjson.decode('1\\0')
      return cjson.decode(1)
      return cjson.decode({})
      return cjson.decode()
      return cjson.decode('1', 2)
      return cjson.decode(string.rep('[', 1001) .. string.rep(']', 1001))
      return cjson.decode(string.rep('{"a":', 1001) .. '1' .. string.rep('}', 1001))
      return #cjson.decode(string.rep('[', 1000) .. string.rep(']', 1000))
      cjson.encode_invalid_numbers(true) local s = cjson.encode({1/0, 0/0, -1/0}) cjson.encode_invalid_numbers(false) return s
      cjson.encode_invalid_numbers('null') local s = cjson.encode({1/0, 0/0}) cjson.encode_invalid_numbers('off') return s
      return {cjson.encode_invalid_numbers('null'), cjson.encode_invalid_numbers('on'), cjson.encode_invalid_numbers(false)}
      return cjson.encode_invalid_numbers('x')
      cjson.decode_invalid_numbers(false) local ok, e = pcall(cjson.decode, '[nan]') cjson.decode_invalid_numbers(true) return e
      cjson.decode_invalid_numbers(false) local ok, e = pcall(cjson.decode, '01') cjson.decode_invalid_numbers(true) return e
      cjson.decode_invalid_numbers(false) local ok, e = pcall(cjson.decode, '0x1') cjson.decode_invalid_numbers(true) return e
      cjson.encode_sparse_array(true) local s = cjson.encode({[1]=1,[100]=2}) cjson.encode_sparse_array(false) return s
      return {cjson.encode_sparse_array(true, 3, 5), cjson.encode_sparse_array(false, 2, 10)}
      return cjson.encode_sparse_array(1)
      return cjson.encode_sparse_array(true, -1)
      return {cjson.encode_max_depth(5), pcall(cjson.encode, {{{{{{1}}}}}}), cjson.encode_max_depth(1000)}
      return {cjson.decode_max_depth(2), pcall(cjson.decode, '[[[1]]]'), cjson.decode_max_depth(1000)}
      return cjson.encode_max_depth(0)
      return cjson.encode_max_depth('x')
      return cjson.encode_max_depth(1, 2)
      cjson.encode_number_precision(3) local s = cjson.encode({1/3, 123456, 1.5}) cjson.encode_number_precision(14) return s
      cjson.encode_number_precision(10) local s = cjson.encode({1/3, 123456, 1.5}) cjson.encode_number_precision(14) return s
      return cjson.encode_number_precision(15)
      return cjson.encode_keep_buffer(true)
      return cjson._VERSION .. cjson._NAME
      return type(cjson.new().encode)
      local c = cjson.new() c.encode_number_precision(3) return {c.encode(1/3), cjson.encode(1/3), c.new().encode(1/3)}
      cjson.encode_sparse_array(true)
      return cjson.encode({[1]=1, [100]=2})
      `),
      [
        'FUNCTION',
        'LOAD',
        'REPLACE',
        "#!lua name=j\nredis.register_function('j', function() return pcall(cjson.encode, {[1]=1, [100]=2}) end)",
      ],
      ['FCALL', 'j', '0'],
      ['SCRIPT', 'FLUSH'],
      ['EVAL', 'return {pcall(cjson.encode, {[1]=1, [100]=2})}', '0'],
      ['FUNCTION', 'DELETE', 'j'],
    ],
  },
  {
    name: 'cmsgpack, struct and bit',
    commands: evaluate(`
      return cmsgpack.pack(nil, true, false, 0, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, 2^53)
      return cmsgpack.pack(-1, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649, -2^53)
      return cmsgpack.pack(1.5, 0.1, 1e300, 1/0, -1/0, 1e19, 3.4e38)
      return cmsgpack.pack('', 'a', string.rep('x', 31), string.rep('x', 32), string.rep('x', 256))
      return cmsgpack.pack(string.rep('x', 70000))
      return cmsgpack.pack({}, {1,2,3}, {a=1}, {1,2,a=3}, {[1]=1,[3]=3}, {{1},{2}})
      return cmsgpack.pack({1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17})
      local t = {} for i = 1, 70000 do t[i] = 1 end return #cmsgpack.pack(t)
      local t = {} for i = 1, 20 do t = {t} end return cmsgpack.pack(t)
      local t = {} t.t = t return cmsgpack.pack(t)
      return cmsgpack.pack(function() end)
      return cmsgpack.pack()
      return {cmsgpack.unpack(cmsgpack.pack(1, 'a', true, {1,2,{3}}, -5, 300))}
      return tostring(cmsgpack.unpack(cmsgpack.pack(0.1)))
      return {cmsgpack.unpack('')}
      return cmsgpack.unpack('\\193')
      return cmsgpack.unpack('\\196\\1a')
      return cmsgpack.unpack('\\217\\5ab')
      return cmsgpack.unpack('\\146\\1')
      return cmsgpack.unpack('\\203\\1')
      return cmsgpack.unpack('\\129\\192\\1')
      return cmsgpack.unpack('\\221\\255\\255\\255\\255')
      return cmsgpack.unpack()
      return cmsgpack.unpack(1)
      return {cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3))}
      return {cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3), 1)}
      return {cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3), 2)}
      return {cmsgpack.unpack_one(cmsgpack.pack(1), 9)}
      return {cmsgpack.unpack_one(cmsgpack.pack(1), -1)}
      return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2)}
      return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2, 1)}
      return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 0, 0)}
      return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), -1, 0)}
      return cmsgpack.unpack_limit(cmsgpack.pack(1))
      return struct.pack('bBhHiIlLT', 1, 2, 3, 4, 5, 6, 7, 8, 9)
      return struct.pack('>bBhHiIlLT', 1, 2, 3, 4, 5, 6, 7, 8, 9)
      return struct.pack('bBhHiIlL', -1, -1, -1, -1, -1, -1, -1, -1)
      return struct.pack('bh', 300, 70000)
      return struct.pack('L', 1e19)
      return struct.pack('fd', 1.5, 0.1)
      return struct.pack('>fd', 1.5, 0.1)
      return struct.pack('s', 'abc')
      return struct.pack('c5', 'abcdefgh')
      return struct.pack('c0', 'abc')
      return struct.pack('c5', 'abc')
      return struct.pack('i3I7', 100000, 5)
      return struct.pack('>i3I7', 100000, 5)
      return struct.pack('i33', 1)
      return struct.pack('i32', -1)
      return struct.pack('i99999999999', 1)
      return struct.pack('!4bi', 1, 2)
      return struct.pack('!bd', 1, 2)
      return struct.pack('!3b', 1)
      return struct.pack('b x b', 1, 2)
      return struct.pack('z', 1)
      return struct.pack('b')
      return struct.pack('b', 'x')
      return struct.pack()
      return {struct.unpack('bBhHiIlLT', struct.pack('bBhHiIlLT', 1, 2, 3, 4, 5, 6, 7, 8, 9))}
      return {struct.unpack('>bhil', struct.pack('>bhil', -1, -2, -3, -4))}
      return {struct.unpack('BHIL', struct.pack('BHIL', -1, -2, -3, -4))}
      local a, b = struct.unpack('fd', struct.pack('fd', 1.5, 0.1)) return {tostring(a), tostring(b)}
      local a, b = struct.unpack('>fd', struct.pack('>fd', 1.5, 0.1)) return {tostring(a), tostring(b)}
      return {struct.unpack('s', 'abc\\0def')}
      return {struct.unpack('ss', 'abc\\0def\\0')}
      return {struct.unpack('s', 'abc')}
      return {struct.unpack('c3c2', 'abcdefgh')}
      return {struct.unpack('Bc0', '\\3abcdef')}
      return {struct.unpack('c0', 'abc')}
      return {struct.unpack('Bc0', '\\9abc')}
      return {struct.unpack('b', 'abc', 2)}
      return {struct.unpack('b', 'abc', 4)}
      return {struct.unpack('b', 'abc', 0)}
      return {struct.unpack('b', 'abc', -1)}
      return {struct.unpack('i', 'abc')}
      return {struct.unpack('!4bi', struct.pack('!4bi', 1, 2))}
      return {struct.unpack('i3', struct.pack('i3', -5))}
      return {struct.unpack('I16', struct.pack('I16', 5))}
      return {struct.size('bhil'), struct.size('!bhil'), struct.size('c10'), struct.size('fd'), struct.size('i3x')}
      return struct.size('s')
      return struct.size('c0')
      return struct.size('z')
      return {bit.tobit(0xffffffff), bit.tobit(2^31), bit.tobit(-2^31 - 1), bit.tobit(1.5), bit.tobit(2^40 + 5)}
      return {bit.bnot(0), bit.band(0xff, 0x0f), bit.bor(1, 2, 4), bit.bxor(0xff, 0x0f, 1), bit.band(7)}
      return {bit.lshift(1, 31), bit.lshift(1, 32), bit.rshift(-1, 28), bit.arshift(-256, 4), bit.rol(0x12345678, 8), bit.ror(0x12345678, 8)}
      return {bit.bswap(0x12345678), bit.tohex(255), bit.tohex(255, 4), bit.tohex(255, -4), bit.tohex(-1, 0), bit.tohex(5, 100), bit.tohex(5, -100)}
      return bit.band()
      return bit.band('x')
      return bit.band('7', 3)
      return bit.bnot(nil)
    `),
  },
  {
    name: 'flags of scripts',
    commands: [
      ['EVAL', '#!lua\nreturn 1', '0'],
      ['EVAL', '#!lua \nreturn 1', '0'],
      ['EVAL', '#!lua', '0'],
      ['EVAL', '#!x\nreturn 1', '0'],
      ['EVAL', '#!\nreturn 1', '0'],
      ['EVAL', '#!lua name=x\nreturn 1', '0'],
      ['EVAL', '#!lua flags=\nreturn 1', '0'],
      ['EVAL', '#!lua flags=x\nreturn 1', '0'],
      ['EVAL', '#!lua flags=no-writes,\nreturn 1', '0'],
      ['EVAL', '#!lua flags=no-writes,x\nreturn 1', '0'],
      ['EVAL', '#!lua flags=No-Writes\nreturn 1', '0'],
      [
        'EVAL',
        '#!lua flags=no-writes,allow-oom,allow-stale,no-cluster,allow-cross-slot-keys\nreturn 1',
        '0',
      ],
      ['EVAL', "#!lua 'flags=no-writes\nreturn 1", '0'],
      ['EVAL', '#!lua flags=no-writes\nreturn redis.call("set","a","b")', '0'],
      ['EVAL', '#!lua flags=no-writes\nreturn redis.pcall("set","a","b")', '0'],
      ['EVAL', '#!lua flags=no-writes\nreturn redis.call("get","a")', '0'],
      ['EVAL', '#!lua flags=no-writes\nreturn redis.call("publish","a","b")', '0'],
      ['EVAL', '#!lua\nreturn redis.call("set","a","b")', '0'],
      ['EVAL', '#!lua\n\nerror("third")', '0'],
      ['EVAL_RO', 'return redis.call("get","a")', '0'],
      ['EVAL_RO', 'return redis.call("set","a","c")', '0'],
      ['EVAL_RO', 'return redis.call("pfcount","a")', '0'],
      ['EVAL_RO', '#!lua\nreturn 1', '0'],
      ['EVAL_RO', '#!lua flags=no-writes\nreturn 1', '0'],
      ['SCRIPT', 'LOAD', '#!lua flags=no-writes\nreturn 2'],
      ['SCRIPT', 'LOAD', '#!lua flags=x\nreturn 2'],
      ['SCRIPT', 'LOAD', '#!x\nreturn 2'],
      ['GET', 'a'],
      ['CONFIG', 'SET', 'maxmemory', '1'],
      ['EVAL', 'return redis.call("set","x",1)', '0'],
      ['EVAL', 'redis.call("del","x") return redis.call("set","x",1)', '0'],
      ['EVAL', 'return redis.call("get","x")', '0'],
      ['EVAL', '#!lua\nreturn 1', '0'],
      ['EVAL_RO', '#!lua\nreturn 1', '0'],
      ['MULTI'],
      ['EVAL', 'return 1', '0'],
      ['EXEC'],
      ['EVAL', '#!lua flags=allow-oom\nreturn redis.call("set","x",1)', '0'],
      ['EVAL', '#!lua flags=no-writes\nreturn redis.call("get","x")', '0'],
      ['CONFIG', 'SET', 'maxmemory', '0'],
    ],
  },
  {
    name: 'scripts in transactions, watched keys, selected databases, notifications',
    commands: `
      MULTI
      EVAL "return redis.call('incr',KEYS[1])" 1 n
      EVAL "return redis.call('nosuch')" 0
      EVAL "return" 0
      EVALSHA abc 0
      EXEC
      WATCH k
      b> EVAL "redis.call('set',KEYS[1],'x')" 1 k
      MULTI
      EXEC
      EVAL "redis.call('select',3) redis.call('set','here',1)" 0
      GET here
      SELECT 3
      GET here
      SELECT 5
      EVAL "return redis.call('set','five',1)" 0
      SELECT 0
      CONFIG SET notify-keyspace-events KEA
      b> PSUBSCRIBE __key*__:*
      EVAL "redis.call('set','a','b') redis.call('lpush','l','x') redis.call('del','a')" 0
      CONFIG SET notify-keyspace-events ""
      b> PUNSUBSCRIBE
      b> SUBSCRIBE ch
      EVAL "redis.call('publish','ch','1') return redis.call('publish','ch','2')" 0
      b> UNSUBSCRIBE
      b> BLPOP wait 0
      EVAL "redis.call('rpush','wait','1') redis.call('rpush','wait','2') return redis.call('lrange','wait',0,-1)" 0
      LRANGE wait 0 -1
      EVAL "redis.call('rpush','wait','1') return redis.call('lpop','wait')" 0
      EVAL "return redis.call('time')[1] == redis.call('time')[1]" 0
      EVAL "redis.call('set','e','v','px',1) local n = 0 while n < 300000 do n = n + 1 end local there = redis.call('exists','e') redis.call('del','e') return there" 0
    `,
  },
]
