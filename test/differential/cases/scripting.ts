/** Scripts for EVAL and its kin: what goes in and comes out, what scripts see, how they fail. */
import type { Case, Step } from '../script.ts'
import { lines } from '../values.ts'

export const evaluate = (scripts: string, ...rest: string[]): Step[] =>
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
