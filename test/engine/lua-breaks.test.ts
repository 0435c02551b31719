/**
 * What comes out of the interpreter and is none of Lua's own errors: it is thrown away, and nobody but the script
 * notices. The clock stands for whatever may fail: a script asks it in the middle of C's functions.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Engine } from '../../host/core/engine.ts'
import { bareHost } from '../../host/core/engine-host.ts'
import { luaModule, engineModule } from '../support/module.ts'
import { Client, type Value } from '../support/client.ts'

const BROKEN = 'ERR Error running script: it needs more of the stack or of memory than there is'
const LIBRARY = `#!lua name=l
redis.register_function('breaks', function() return os.clock() end)
redis.register_function('counts', function(keys) return redis.call('INCR', keys[1]) end)`

/** An engine, and a switch: the next reading of the clock but so many fails. */
function breakable() {
  let left = Infinity
  let now = 0
  const engine = new Engine({
    module: engineModule(),
    lua: luaModule,
    clock: { monotonicUs: () => now, wallUs: () => 1_800_000_000_000_000 + now },
    seed: [1, 2],
    maxPages: 4096,
    host: bareHost,
    measure: () => {
      now += 1
      if (left-- === 0) throw new RangeError('Maximum call stack size exceeded')
      return now
    },
  })
  const client = new Client(engine)
  return {
    engine,
    client,
    /** Runs a command in which Lua's first look at the clock fails: those before are the engine's. */
    breaking: (...command: string[]): Value => {
      left = command[0] === 'EXEC' ? 2 : 1
      try {
        return client.call(...command)
      } finally {
        left = Infinity
      }
    },
  }
}

afterEach(() => vi.restoreAllMocks())

describe('an interpreter that broke', () => {
  it.each([
    'return os.clock()',
    'return {pcall(os.clock)}',
    'return pcall(pcall, pcall, os.clock)',
    'return coroutine.wrap(function() return os.clock() end)()',
    "return (string.gsub('abc', '.', function() return os.clock() end))",
    'local t = {3, 1, 2} table.sort(t, function(a, b) os.clock() return a < b end)',
    'local t = setmetatable({}, {__index = function() return os.clock() end}) return t.x',
    "redis.pcall('INCR', 'n') return xpcall(os.clock, function() return os.clock() end)",
    'return cjson.encode({os.clock()})',
    'local function f(n) return n == 0 and os.clock() or 1 + f(n - 1) end return f(5000)',
  ])('in %s', (script) => {
    const { client, breaking } = breakable()
    const name = String(client.call('SCRIPT', 'LOAD', "return redis.call('INCR', KEYS[1])"))
    client.call('FUNCTION', 'LOAD', LIBRARY)
    client.call('SET', 'kept', 'value')
    for (let times = 1; times <= 3; times++) {
      expect(breaking('EVAL', script, '0')).toBe(BROKEN)
      expect(String(client.call('GET', 'kept'))).toBe('value')
      expect(client.call('EVALSHA', name, '1', 'scripts')).toBe(times)
      expect(client.call('FCALL', 'counts', '1', 'functions')).toBe(times)
      expect(client.call('EVAL', 'return {1, 2, 3}', '0')).toEqual([1, 2, 3])
    }
  })

  it('was that of a function', () => {
    const { client, breaking } = breakable()
    client.call('FUNCTION', 'LOAD', LIBRARY)
    expect(breaking('FCALL', 'breaks', '0')).toBe(BROKEN)
    expect(client.call('FCALL', 'counts', '1', 'n')).toBe(1)
    expect(client.call('FCALL', 'breaks', '0')).toBe(0)
    expect(client.call('EVAL', 'return 1', '0')).toBe(1)
  })

  it('leaves what the script had done before, in the data and in the log, and a transaction goes on', () => {
    const { client, engine, breaking } = breakable()
    engine.logOn(true)
    const script = "redis.call('SET', 'a', '1') redis.call('SET', 'b', '2') os.clock()"
    expect(breaking('EVAL', script, '0')).toBe(BROKEN)
    expect(client.call('MGET', 'a', 'b')?.toString()).toBe('1,2')
    const log = () => {
      const length = engine.log()
      const text = Buffer.from(engine.bytes.slice(engine.address, engine.address + length))
      engine.logTaken(length)
      return text
        .toString('latin1')
        .match(/MULTI|SET|EXEC|INCR/g)
        ?.join(' ')
    }
    expect(log()).toBe('MULTI SET SET EXEC')
    client.call('MULTI')
    client.call('EVAL', script, '0')
    client.call('INCR', 'a')
    const all = breaking('EXEC') as Value[]
    expect(all[1]).toBe(2)
    expect(log()).toBe('MULTI SET SET INCR EXEC')
  })

  it('costs no memory, however often', () => {
    const { client, engine, breaking } = breakable()
    client.call('FUNCTION', 'LOAD', LIBRARY)
    const once = () => {
      expect(breaking('EVAL', "redis.call('GET', 'a') return os.clock()", '0')).toBe(BROKEN)
      client.call('FCALL', 'counts', '1', 'n')
    }
    for (let i = 0; i < 5; i++) once()
    const before = engine.usedBytes
    for (let i = 0; i < 20; i++) once()
    expect(engine.usedBytes - before).toBeLessThan(1024)
  })

  it('had no stack left', () => {
    const { client } = breakable()
    const name = String(client.call('SCRIPT', 'LOAD', "return redis.call('INCR', 'n')"))
    // As deep as C's calls go, and what that takes of the stack is JavaScript's.
    const deep = `local function f(n)
        if n == 0 then return 'x' end
        return (string.gsub('x', '.', function() return f(n - 1) end))
      end
      return f(60)`
    expect(String(client.call('EVAL', deep, '0'))).toBe('x')
    const under = (frames: number): string =>
      frames ? under(frames - 1) : String(client.call('EVAL', deep, '0'))
    // Lua needs much more of it than the engine: it is the first to find none.
    let frames = 0
    let outcome = 'x'
    while (outcome === 'x') outcome = under((frames += 50))
    expect(outcome).toBe(BROKEN)
    expect(client.call('EVALSHA', name, '0')).toBe(1)
  })
})

describe('no memory', () => {
  it('for an interpreter: scripts are refused until there is some', () => {
    const { client } = breakable()
    client.call('SET', 'kept', 'value')
    const instance = vi.spyOn(WebAssembly, 'Instance').mockImplementation(function () {
      throw new RangeError('WebAssembly.Instance(): Out of memory')
    })
    expect(client.call('EVAL', 'return 1', '0')).toMatch(/^ERR /)
    instance.mockRestore()
    expect(client.call('EVAL', "return redis.call('GET', 'kept')", '0')?.toString()).toBe('value')
  })

  it.each([
    "return #string.rep('x', 50e6)",
    'local t = {} for i = 1, 1e7 do t[i] = {} end',
    'local t = {} for i = 1, 1e6 do t[i] = coroutine.create(function() end) end',
    "return redis.sha1hex(string.rep('x', 60e6))",
    "return #cjson.encode({string.rep('x', 30e6)})",
    "local t = {} for i = 1, 1e6 do t[i] = loadstring('return ' .. i .. 'e1') end",
  ])('that the machine would give to a script: %s', (script) => {
    const { client } = breakable()
    client.call('FUNCTION', 'LOAD', LIBRARY)
    const name = String(client.call('SCRIPT', 'LOAD', "return redis.call('INCR', 'scripts')"))
    client.call('EVALSHA', name, '0')
    vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded')
    })
    expect(client.call('EVAL', script, '0')).toMatch(/not enough memory|memory than there is/)
    expect(client.call('EVALSHA', name, '0')).toBe(2)
    expect(client.call('FCALL', 'counts', '1', 'functions')).toBe(1)
    vi.restoreAllMocks()
    expect(client.call('EVAL', "return #string.rep('x', 5e6)", '0')).toBe(5e6)
  })
})
