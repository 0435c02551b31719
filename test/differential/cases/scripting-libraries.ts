/** Scripts for the libraries that EVAL has. */
import type { Case } from '../script.ts'
import { evaluate } from './scripting.ts'

export const cases: readonly Case[] = [
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
]
