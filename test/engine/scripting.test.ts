/** Scripts on an engine: what they leave in the log, what ends them, what outlives them. */
import { describe, expect, it } from 'vitest'
import { Kind } from '../../host/core/abi.ts'
import { Lab } from '../support/lab.ts'
import { Stage } from '../support/stage.ts'

function opened(): {
  stage: Stage
  client: number
  run: (script: string, ...args: string[]) => string
} {
  const stage = new Stage()
  const client = stage.open()
  const run = (script: string, ...args: string[]) =>
    String(stage.ask(client, ['EVAL', script, '0', ...args]).bytes)
  return { stage, client, run }
}

const COUNTER = `#!lua name=counter
local n = 0
redis.register_function('count', function() n = n + 1 return n end)`

describe('the log', () => {
  const logging = () => {
    const all = opened()
    all.stage.engine.logOn(true)
    return all
  }

  it.each([
    ["redis.call('SET','a','1')", ['SELECT 0', 'SET a 1']],
    [
      "redis.call('SET','a','1') redis.call('INCR','a') redis.call('get','a')",
      ['SELECT 0', 'MULTI', 'SET a 1', 'INCR a', 'EXEC'],
    ],
    ["redis.call('get','a')", []],
    ["redis.call('SET','a','1') error('x')", ['SELECT 0', 'SET a 1']],
    ["redis.set_repl(redis.REPL_NONE) redis.call('SET','a','1')", []],
    [
      "redis.set_repl(redis.REPL_NONE) redis.call('SET','a','1') redis.set_repl(redis.REPL_ALL) redis.call('SET','b','1')",
      ['SELECT 0', 'SET b 1'],
    ],
    [
      "redis.call('expire','a',10) redis.call('setex','b',10,'v')",
      ['SELECT 0', 'SET b v PXAT 1800000010000'],
    ],
  ])('of %s', (script, effects) => {
    const { stage, run } = logging()
    run(script)
    expect(stage.logged()).toEqual(effects)
  })

  it('holds a script in a transaction as part of it', () => {
    const { stage, client } = logging()
    stage.send(client, 'MULTI')
    stage.send(client, 'SET x 1')
    stage.send(client, ['EVAL', "redis.call('SET','a',1) redis.call('SET','b',1)", '0'])
    stage.send(client, 'EXEC')
    expect(stage.logged()).toEqual(['SELECT 0', 'MULTI', 'SET x 1', 'SET a 1', 'SET b 1', 'EXEC'])
  })

  it('holds libraries', () => {
    const { stage, client } = logging()
    const code = "#!lua name=l\nredis.register_function('f', function() return 7 end)"
    stage.send(client, ['FUNCTION', 'LOAD', code])
    expect(stage.logged()).toEqual(['SELECT 0', `FUNCTION LOAD ${code}`])
    const other = new Stage()
    const loader = other.open(Kind.loader)
    other.send(loader, ['FUNCTION', 'LOAD', code])
    expect(other.ask(other.open(), 'FCALL f 0').text).toBe('7')
  })
})

describe('what ends a script', () => {
  const limited = () => {
    const all = opened()
    all.stage.ask(all.client, 'CONFIG SET script-instruction-limit 1000000')
    return all
  }

  it.each([
    'while true do end',
    'while true do pcall(function() while true do end end) end',
    'local function f() return pcall(f) end while true do f() end',
    'while true do coroutine.wrap(function() while true do end end)() end',
    'while true do pcall(coroutine.wrap(function() while true do end end)) end',
    "while true do redis.call('ping') end",
    'local function f() return f() end return f()',
    'return load(function() return "x = 1 " end)',
    'for i = 1, 1e9 do local t = {} end',
    "return string.find(string.rep('a', 30000), '.-.-.-.-b')",
    "return string.gsub(string.rep('a', 30000), '.*.*.*.*b', '')",
    "pcall(string.find, string.rep('a', 30000), '.-.-.-.-b') while true do end",
    'while true do coroutine.wrap(function() for i = 1, 20000 do end end)() end',
    'while true do coroutine.resume(coroutine.create(function() for i = 1, 900 do end end)) end',
    'local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end',
    'xpcall(function() while true do end end, function() while true do end end)',
    'local function f() return f() end xpcall(error, f)',
    'local t = {} for i = 1, 1e5 do t[i] = i end while true do table.insert(t, 1, 1) end',
    'while true do pcall(error) end',
    "local s = string.rep('x', 1e6) local n = 0 while true do n = n + 1 local t = s .. n end",
    "local s = string.rep('x', 1e6) while true do s:find('y', 1, true) end",
    "local s = string.rep('x', 1e5) while true do s:upper() end",
    "local s = string.rep('x', 1e5) while true do redis.sha1hex(s) end",
    "local s = '[' .. string.rep('1,', 1000) .. '1]' while true do cjson.decode(s) end",
    'local t = {} for i = 1, 1000 do t[i] = i end while true do cjson.encode(t) end',
    'local t = {} for i = 1, 1000 do t[i] = i end while true do cmsgpack.pack(t) end',
  ])('too many instructions: %s', (script) => {
    const { run } = limited()
    expect(run(script)).toContain('Script ended: it ran more instructions than')
    expect(run('return 1')).toBe(':1\r\n')
  })

  it.each([
    ['local function f(n) return 1 + f(n + 1) end return f(1)', 'stack overflow'],
    ["local s = 'x' while true do s = s .. s end", 'not enough memory'],
    ["return string.rep('x', 2e9)", 'not enough memory'],
    [
      "return string.find(string.rep('a', 300000), string.rep('a?', 300000) .. 'b')",
      'pattern too complex',
    ],
    [
      "local function f(x, n) return (string.gsub(x, '.', function() return f(x, n + 1) end)) end f('a', 1)",
      'stack overflow',
    ],
    [
      'local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return t.x',
      'stack overflow',
    ],
    ['return unpack({}, 1, 1e8)', 'too many results'],
    ["return loadstring('x = ' .. string.rep('(', 1000))()", 'attempt to call a nil value'],
    ['local t = {} for i = 1, 5000 do t = {t} end return cjson.encode(t)', 'excessive nesting'],
    ["return cjson.decode(string.rep('[', 5000))", 'too many nested'],
  ])('%s', (script, error) => {
    const { stage, client, run } = opened()
    stage.ask(client, 'CONFIG SET script-memory-limit 32mb')
    stage.ask(client, 'SET kept value')
    expect(run(script)).toContain(error)
    expect(run("return redis.call('get','kept')")).toBe('$5\r\nvalue\r\n')
    expect(stage.ask(client, 'GET kept').text).toBe('value')
  })

  it.each([
    "local t = {} while true do t[#t+1] = #t .. string.rep('x', 1e5) end",
    'local t = {} for i = 1, 1e8 do t[i] = coroutine.create(function() end) end',
    "local s = 'x' while true do s = s .. s end",
  ])('memory that one has taken is there for the next: %s', (script) => {
    const { stage, client, run } = opened()
    stage.ask(client, 'CONFIG SET script-memory-limit 16mb')
    for (let i = 0; i < 5; i++) expect(run(script)).toContain('not enough memory')
    expect(run(`return #string.rep('x', ${4 << 20})`)).toBe(`:${4 << 20}\r\n`)
  })

  it('an argument beyond the limit of memory ends the script alone', () => {
    const { stage, client, run } = opened()
    stage.ask(client, ['FUNCTION', 'LOAD', COUNTER])
    stage.ask(client, 'CONFIG SET script-memory-limit 1mb')
    expect(stage.ask(client, 'FCALL count 0').text).toBe('1')
    expect(run('return {}', 'x'.repeat(2 << 20))).toContain('not enough memory')
    expect(run('return 1')).toBe(':1\r\n')
    expect(stage.ask(client, 'FCALL count 0').text).toBe('2')
  })

  it('scripts of old do not keep new ones from being compiled', () => {
    const { stage, client, run } = opened()
    stage.ask(client, 'CONFIG SET script-memory-limit 3mb')
    stage.ask(client, ['FUNCTION', 'LOAD', COUNTER])
    const sha = stage.ask(client, ['SCRIPT', 'LOAD', 'return ARGV[1]']).text
    for (let i = 0; i < 4000; i++) expect(run(`local x = ${i} return x`)).toBe(`:${i}\r\n`)
    expect(run('return 0', 'y')).toBe(':0\r\n')
    expect(stage.ask(client, ['EVALSHA', sha, '0', 'kept']).text).toBe('kept')
    expect(stage.ask(client, 'FCALL count 0').text).toBe('1')
    expect(run("return #string.rep('x', 5e5)")).toBe(':500000\r\n')
  })

  it('a limit of memory holds from when it is set', () => {
    const { stage, client, run } = opened()
    expect(run("return #string.rep('x', 8e6)")).toBe(':8000000\r\n')
    stage.ask(client, 'CONFIG SET script-memory-limit 4mb')
    expect(run("return #string.rep('x', 8e6)")).toContain('not enough memory')
    stage.ask(client, 'CONFIG SET script-memory-limit 64mb')
    expect(run("return #string.rep('x', 8e6)")).toBe(':8000000\r\n')
  })

  it('a library that does not end while it loads', () => {
    const { stage, client, run } = opened()
    stage.ask(client, 'CONFIG SET script-instruction-limit 0')
    const reply = stage.ask(client, ['FUNCTION', 'LOAD', '#!lua name=l\nwhile true do end'])
    expect(reply.text).toBe('ERR Error registering functions: ERR FUNCTION LOAD timeout')
    expect(run('return 1')).toBe(':1\r\n')
  })

  it('keeps what it did before', () => {
    const { stage, client, run } = limited()
    expect(run("redis.call('set','a','1') while true do end")).toContain('Script ended')
    expect(stage.ask(client, 'GET a').text).toBe('1')
  })

  it('is told of in the log before, once', () => {
    const lines: string[] = []
    const lab = new Lab({ host: { log: (_, text) => lines.push(text) } })
    const talk = lab.open()
    talk.say('CONFIG SET busy-reply-threshold 50 script-instruction-limit 3000000')
    // Every look at the clock is ten milliseconds after the last one.
    let now = lab.nowMs
    Object.defineProperty(lab, 'nowMs', { get: () => (now += 10) })
    talk.say(['EVAL', 'while true do end', '0'])
    const told = lines.filter((line) => line.startsWith('Slow script detected'))
    expect(told.length).toBe(1)
    expect(told[0]).toContain('Script name is: 694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7.')
  })

  it('an instruction that takes long counts for many where there is a clock', () => {
    const lab = new Lab()
    const talk = lab.open()
    let looks = 0
    Object.defineProperty(lab, 'nowMs', { get: () => 1_800_000_000_000 + 10 * looks++ })
    talk.say('CONFIG SET busy-reply-threshold 0')
    expect(talk.say(['EVAL', 'while true do end', '0'])).toContain('Script ended')
    expect(looks).toBeLessThan(25_000)
  })

  it('answers a table without end with an error inside', () => {
    expect(opened().run('local t = {} t[1] = t return t')).toContain('reached lua stack limit')
  })
})

describe('what outlives a script', () => {
  it('libraries are in a snapshot, scripts are not', () => {
    const { stage, client } = opened()
    const code = "#!lua name=l\nredis.register_function('f', function() return 7 end)"
    stage.ask(client, ['FUNCTION', 'LOAD', code])
    const sha = stage.ask(client, ['SCRIPT', 'LOAD', 'return 1']).text
    const file = [...stage.engine.snapshot()]
    const other = new Stage()
    other.engine.load(file)
    const session = other.open()
    expect(other.ask(session, ['SCRIPT', 'EXISTS', sha]).items[0]?.text).toBe('0')
    expect(other.ask(session, 'FUNCTION LIST').items.length).toBe(1)
    expect(other.ask(session, 'FCALL f 0').text).toBe('7')
  })

  it('a dump of libraries is restored whole, or not at all', () => {
    const { stage, client } = opened()
    const library = (name: string, f: string, value: number) =>
      `#!lua name=${name}\nredis.register_function('${f}', function() return ${value} end)`
    stage.ask(client, ['FUNCTION', 'LOAD', library('a', 'fa', 1)])
    stage.ask(client, ['FUNCTION', 'LOAD', library('b', 'fb', 2)])
    const dump = stage.ask(client, 'FUNCTION DUMP').data
    const ask = (...command: (string | Buffer)[]) => String(stage.ask(client, command).bytes)
    expect(ask('FUNCTION', 'RESTORE', dump)).toBe('-ERR Library a already exists\r\n')
    expect(ask('FUNCTION', 'RESTORE', dump, 'REPLACE')).toBe('+OK\r\n')
    expect(ask('FUNCTION', 'FLUSH')).toBe('+OK\r\n')
    expect(ask('FUNCTION', 'LOAD', library('c', 'fb', 3))).toBe('$1\r\nc\r\n')
    expect(ask('FUNCTION', 'RESTORE', dump)).toBe('-ERR Function fb already exists\r\n')
    expect(ask('FCALL', 'fb', '0')).toBe(':3\r\n')
    expect(ask('FCALL', 'fa', '0')).toBe('-ERR Function not found\r\n')
    expect(ask('FUNCTION', 'RESTORE', dump, 'FLUSH')).toBe('+OK\r\n')
    expect(ask('FCALL', 'fb', '0')).toBe(':2\r\n')
    expect(ask('FCALL', 'fa', '0')).toBe(':1\r\n')
  })
})

describe('sessions', () => {
  it('what a script reads is tracked for its caller', () => {
    const { stage, client, run } = opened()
    stage.ask(client, 'HELLO 3')
    stage.ask(client, 'CLIENT TRACKING ON')
    run("return redis.call('get','watched')")
    const other = stage.open()
    stage.ask(other, 'SET watched 1')
    expect(String(stage.takeBytes(client))).toBe(
      '>2\r\n$10\r\ninvalidate\r\n*1\r\n$7\r\nwatched\r\n',
    )
  })

  it('a script does only what its user may', () => {
    const { stage, client, run } = opened()
    stage.ask(client, 'ACL SETUSER bob on nopass ~a* +eval +get')
    stage.ask(client, 'AUTH bob x')
    expect(run("return redis.call('get','abc')")).toBe('$-1\r\n')
    expect(run("return redis.call('get','xyz')")).toContain('ACL failure in script')
    expect(run("return redis.call('set','abc','1')")).toContain('ACL failure in script')
    expect(
      run("return {redis.acl_check_cmd('get','abc'), redis.acl_check_cmd('set','abc','1')}"),
    ).toBe('*2\r\n:1\r\n$-1\r\n')
  })

  it('a blocking command in a script answers at once', () => {
    const { run } = opened()
    expect(run("return redis.call('blpop','none',0)")).toBe('$-1\r\n')
    expect(run("return redis.call('blmove','a','b','left','left',0)")).toBe('$-1\r\n')
  })
})
