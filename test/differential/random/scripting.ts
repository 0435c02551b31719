import type { Family } from './grammar.ts'
import { oneOf } from './terms.ts'

/** Runs the command in ARGV, and gives its reply back in one way or another. */
const PASSES = [
  'return redis.pcall(unpack(ARGV))',
  'return redis.call(unpack(ARGV))',
  'redis.setresp(3) return redis.pcall(unpack(ARGV))',
  'return {redis.pcall(unpack(ARGV)), redis.pcall(unpack(ARGV))}',
  'return cjson.encode(redis.pcall(unpack(ARGV)))',
  'return cmsgpack.pack(redis.pcall(unpack(ARGV)))',
  'return {cmsgpack.unpack(cmsgpack.pack(redis.pcall(unpack(ARGV))))}',
  'local r = redis.pcall(unpack(ARGV)) return {type(r), type(r) == "table" and #r or tostring(r)}',
  'local ok, e = pcall(redis.call, unpack(ARGV)) return {tostring(ok), e}',
  'for i = 1, 3 do redis.call(unpack(ARGV)) end return redis.pcall("EXISTS", ARGV[2])',
]

/** A table of random things, the same for the same seed. */
const TABLE = `
math.randomseed(ARGV[1])
local function word()
  local s = {}
  for i = 1, math.random(0, 12) do s[i] = string.char(math.random(0, 255)) end
  return table.concat(s)
end
local function any(depth)
  local kind = math.random(depth > 3 and 6 or 9)
  if kind == 1 then return math.random(-300, 300) end
  if kind == 2 then return math.random() * 10 ^ math.random(-20, 20) end
  if kind == 3 then return word() end
  if kind == 4 then return math.random(2) == 1 end
  if kind == 5 then return 2 ^ math.random(0, 62) - math.random(0, 1) end
  if kind == 6 then return -(2 ^ math.random(0, 62)) end
  local t = {}
  for i = 1, math.random(0, 20) do
    if kind == 7 then t[i] = any(depth + 1) elseif kind == 8 then t[word()] = any(depth + 1)
    else t[math.random(1, 8)] = any(depth + 1) end
  end
  return t
end`

const LIBRARIES = [
  'local ok, s = pcall(cjson.encode, any(0)) return s',
  'local ok, s = pcall(cjson.encode, any(0)) if ok then return cjson.encode(cjson.decode(s)) end return s',
  'return cmsgpack.pack(any(0), any(0))',
  'return {cmsgpack.unpack(cmsgpack.pack(any(0), any(0)))}',
  'return any(0)',
  'return {tostring(any(9)), word()}',
  'local s = word() local ok, v = pcall(cjson.decode, s) return {s, type(v), tostring(v):sub(1, 6) == "table:" and 0 or tostring(v)}',
  'local s = word() local ok, v = pcall(cmsgpack.unpack, s) return {s, type(v), tostring(v):sub(1, 6) == "table:" and 0 or tostring(v)}',
  `local f = '' for i = 1, 6 do f = f .. ({'b','B','h','H','i','I','l','L','i3','I5','>','<','!4','!2','x','f','d'})[math.random(17)] end
   local v = {} for i = 1, 12 do v[i] = math.random(-100000, 100000) end
   local ok, s = pcall(struct.pack, f, unpack(v)) if not ok then return s end
   return {f, s, struct.size(f), cjson.encode({struct.unpack(f, s)})}`,
  `local t = {} for i = 1, 10 do local a, b = 2 ^ math.random(0, 40) - math.random(0, 9), math.random(-40, 40)
   t[i] = {bit.band(a, b), bit.bor(a, b), bit.bxor(a, b), bit.lshift(a, b), bit.rshift(a, b), bit.arshift(a, b), bit.rol(a, b), bit.ror(a, b), bit.bswap(a), bit.tohex(a, b), bit.tobit(a), bit.bnot(a)} end return t`,
  `local t = {} for i = 1, 10 do t[i] = string.format(({'%d','%5d','%-6d|','%05d','%x','%o','%+d','%.3d','%g','%e','%.3f','%i','%10.4g','%q','%s','%c'})[math.random(16)], math.random(32, 10 ^ math.random(2, 9))) end return t`,
  `local items = {'a','b','.','%a','%d','%w','%s','[ab]','[^a]','[a-c]','(','(a)','()','%1','%2','*','+','-','?','^','$','%b()','%f[%w]','%','[','%z','%D','%W','[%a_]','[]]','[^]]',')','(.-)','(%w+)','%p','%x','%u','%L','%c'}
   local letters = {'a','b','c','A',' ','(',')','1','_','=','a','b','.',',','\\0','\\n'}
   local function draw(from, most) local t = {} for i = 1, math.random(0, most) do t[i] = from[math.random(#from)] end return table.concat(t) end
   local out = {}
   for i = 1, 8 do
     local s, p = draw(letters, 14), draw(items, 5)
     local found = {}
     for n = 1, 3 do
       pcall(function() for a, b in string.gmatch(s, p) do found[#found + 1] = a; found[#found + 1] = b or 'nothing'; if #found > 40 then break end end end)
     end
     out[i] = {s, p, {pcall(string.find, s, p)}, {pcall(string.find, s, p, math.random(-5, 16))}, {pcall(string.find, s, p, 1, true)}, {pcall(string.match, s, p)},
       {pcall(string.gsub, s, p, '<%0>')}, {pcall(string.gsub, s, p, '%1%2%%')}, {pcall(string.gsub, s, p, {a='x', b=false, ['1']=7})},
       {pcall(string.gsub, s, p, function(x) return x and #tostring(x) % 2 == 0 and '!' or nil end, math.random(0, 4))}, found}
   end
   return out`,
  `local t = {} for i = 1, 10 do t[i] = tostring((math.random() - 0.5) * 10 ^ math.random(-8, 18)) end return t`,
]

export const family: Family = {
  isApart: true,
  keys: ['e1', 'e2', 'e3', 'e4'],
  forms: `
    6* EVAL library 0 seed
    2* EVAL pass 0 SET key value
    EVAL pass 0 SET key integer
    2* EVAL pass 0 GET key
    EVAL pass 0 INCRBY key integer
    EVAL pass 0 APPEND key value
    2* EVAL pass 0 RPUSH key value value
    2* EVAL pass 0 LRANGE key index index
    EVAL pass 0 LPOP key
    EVAL pass 0 SADD key value
    EVAL pass 0 SISMEMBER key value
    2* EVAL pass 0 HSET key text text
    2* EVAL pass 0 HGETALL key
    EVAL pass 0 HMGET key text text
    EVAL pass 0 ZADD key small value
    EVAL pass 0 ZCARD key
    EVAL pass 0 TYPE key
    EVAL pass 0 MGET (key)+
    EVAL pass 0 EXISTS (key)+
    2* EVAL pass 0 DEL key
    EVAL pass 0 PTTL key
    EVAL pass 0 RENAME key key
    EVAL pass 0 PUBLISH text value
    EVAL pass 0 junk value
    EVAL_RO pass 0 GET key
    EVAL_RO pass 0 SET key value
    EVAL pass 0 XADD key 1-1 value value
    EVAL pass 0 XRANGE key - +
    MULTI
    2* EXEC
  `,
  terms: {
    pass: oneOf(...PASSES),
    library: oneOf(...LIBRARIES.map((code) => `${TABLE}\n${code}`)),
    seed: ({ random }) => String(random.between(0, 1_000_000_000)),
  },
}
