/**
 * What strangers may have written goes through cjson, cmsgpack and struct: of inputs that were broken in all ways,
 * Wadi reads what redis-server reads, refuses what it refuses, in the same words, and lives.
 * `WADI_FUZZ=1000000` makes it that many inputs, `SEED=…` repeats a run.
 */
import { afterAll, assert, beforeAll, describe, it } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { Random, seed } from '../support/random.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { Connection, type Reply } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

const total = Number(process.env['WADI_FUZZ'] ?? 20_000)
const AT_ONCE = 100

/** Writes any values as a text that is the same for the same values. */
const SHOW = `
local function show(v, depth)
  local kind = type(v)
  if kind == 'number' then return v ~= v and 'nan' or string.format('%.17g', v) end
  if kind == 'string' then return string.format('%q', v) end
  if kind ~= 'table' then return v == cjson.null and 'null' or tostring(v) end
  if depth > 40 then return '...' end
  local parts = {}
  for k, e in pairs(v) do parts[#parts + 1] = show(k, depth + 1) .. '=' .. show(e, depth + 1) end
  table.sort(parts)
  return '{' .. table.concat(parts, ',') .. '}'
end
local function outcome(ok, ...)
  local parts = {ok and 'ok' or 'no'}
  for i = 1, select('#', ...) do parts[i + 1] = show((select(i, ...)), 0) end
  return table.concat(parts, ' ')
end
local function value(text) return tonumber(text) or text end
local out = {}
`

/** A library: how inputs of one or several arguments are run, and made. */
interface Target {
  name: string
  /** Runs the input at \`i\` of ARGV, and answers what outcome says. */
  run: string
  /** Arguments of an input. */
  width: number
  make(random: Random): (Buffer | string)[]
}

const targets: readonly Target[] = [
  {
    name: 'cmsgpack.unpack',
    run: 'outcome(pcall(cmsgpack.unpack, ARGV[i]))',
    width: 1,
    make: (random) => [mutated(random, messages(random))],
  },
  {
    name: 'cmsgpack.unpack_one and unpack_limit',
    run: `ARGV[i + 2] == '' and outcome(pcall(cmsgpack.unpack_one, ARGV[i], value(ARGV[i + 1])))
      or outcome(pcall(cmsgpack.unpack_limit, ARGV[i], value(ARGV[i + 2]), value(ARGV[i + 1])))`,
    width: 3,
    make: (random) => [
      mutated(random, messages(random)),
      String(random.between(-2, 30)),
      random.once(2) ? '' : String(random.between(-2, 6)),
    ],
  },
  {
    name: 'struct.unpack',
    run: 'outcome(pcall(struct.unpack, ARGV[i], ARGV[i + 1], value(ARGV[i + 2])))',
    width: 3,
    make: (random) => [
      format(random),
      Buffer.from(random.bytes(random.below(60))),
      String(random.once(3) ? random.between(-3, 50) : 1),
    ],
  },
  {
    name: 'struct.pack and size',
    run: `outcome(pcall(struct.pack, ARGV[i], value(ARGV[i + 1]), value(ARGV[i + 2]), value(ARGV[i + 3]),
      value(ARGV[i + 4]), ARGV[i + 5])) .. outcome(pcall(struct.size, ARGV[i]))`,
    width: 6,
    make: (random) => [
      format(random),
      ...Array.from({ length: 4 }, () => scalar(random)),
      Buffer.from(random.bytes(random.below(20))),
    ],
  },
  {
    name: 'cjson.decode',
    run: 'outcome(pcall(cjson.decode, ARGV[i]))',
    width: 1,
    make: (random) => [mutated(random, Buffer.from(json(random, 0), 'latin1'))],
  },
  {
    name: 'cjson.decode and encode again',
    run: `(function()
        local ok, v = pcall(cjson.decode, ARGV[i])
        if not ok then return v end
        local again, text = pcall(cjson.encode, v)
        if not again then return text end
        return outcome(pcall(cjson.decode, text))
      end)()`,
    width: 1,
    make: (random) => [mutated(random, Buffer.from(json(random, 0), 'latin1'))],
  },
]

// ── inputs ───────────────────────────────────────────────────────────────────────────────────

/** Breaks a text here and there; one in four is left whole. */
function mutated(random: Random, bytes: Buffer): Buffer {
  if (random.once(4)) return bytes
  let result = bytes
  for (let times = random.between(1, 4); times; times--) {
    const at = random.below(result.length + 1)
    const [front, back] = [result.subarray(0, at), result.subarray(at)]
    switch (random.below(6)) {
      case 0:
        result = front
        break
      case 1:
        result = Buffer.concat([front, back.subarray(random.between(1, 4))])
        break
      case 2:
        result = Buffer.concat([front, random.bytes(random.between(1, 4)), back])
        break
      case 3:
        result = Buffer.concat([front, back.subarray(0, random.below(12)), back])
        break
      case 4:
        result = Buffer.from(result)
        if (at < result.length) result[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, 0x22, 0x5c, 0xc1])
        break
      default:
        result = Buffer.from(result)
        if (at < result.length) result[at]! ^= 1 << random.below(8)
    }
  }
  return result
}

function messages(random: Random): Buffer {
  return Buffer.concat(Array.from({ length: random.between(0, 4) }, () => message(random, 0)))
}

function big(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt.asUintN(64, BigInt(Math.trunc(value))))
  return buffer.subarray(8 - bytes)
}

/** A value as MessagePack has it, lengths in more bytes than needed, too. */
function message(random: Random, depth: number): Buffer {
  const kind = random.below(depth > 4 ? 6 : 9)
  if (kind === 0) return Buffer.from([random.pick([0xc0, 0xc2, 0xc3, random.below(0x80)])])
  if (kind === 1) return Buffer.from([0xe0 + random.below(0x20)])
  if (kind === 2) {
    const power = random.below(4)
    return Buffer.from([random.pick([0xcc, 0xd0]) + power, ...random.bytes(1 << power)])
  }
  if (kind === 3) return Buffer.from([0xca, ...random.bytes(4)])
  if (kind === 4) return Buffer.from([0xcb, ...random.bytes(8)])
  const count = random.once(20) ? random.below(70) : random.below(5)
  const head = (fixed: number, most: number, first: number, least = 0): Buffer => {
    if (count <= most && !random.once(4)) return Buffer.from([fixed + count])
    const power = random.between(least, 2)
    return Buffer.concat([Buffer.from([first + power - least]), big(1 << power, count)])
  }
  if (kind === 5) {
    const first = random.pick([0xd9, 0xc4])
    return Buffer.concat([head(0xa0, 31, first), random.bytes(count)])
  }
  const nested = (times: number) => Array.from({ length: times }, () => message(random, depth + 1))
  if (kind === 6) return Buffer.concat([head(0x80, 15, 0xde, 1), ...nested(2 * count)])
  return Buffer.concat([head(0x90, 15, 0xdc, 1), ...nested(count)])
}

/** A format of struct, right more often than not. */
function format(random: Random): string {
  const items = ['b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I', 'f', 'd', 's', 'x', 'c0', 'c1', 'c']
  const rare = [' ', '>', '<', '!', '!1', '!3', '!8', '!16', '!64', '=', '%', 'z', 'A', '\\0', '9']
  const sized = () =>
    random.pick(['i', 'I', 'c']) + String(random.once(8) ? random.u32() : random.below(40))
  let text = ''
  for (let count = random.between(0, 7); count; count--) {
    const which = random.below(10)
    text += which < 6 ? random.pick(items) : which < 8 ? sized() : random.pick(rare)
  }
  return text
}

function scalar(random: Random): string {
  switch (random.below(6)) {
    case 0:
      return String(random.between(-300, 300))
    case 1:
      return String(random.i64())
    case 2:
      return String((random.u32() / 2 ** 16) * 10 ** random.between(-30, 30))
    case 3:
      return random.pick(['', 'nan', 'inf', '-inf', '-0', '0x10', '1e400', ' 7 '])
    default:
      return random.text(random.below(12), 'abc\\0')
  }
}

function json(random: Random, depth: number): string {
  const blank = random.once(5) ? random.text(random.below(3), ' \t\n\r\f') : ''
  const kind = random.below(depth > 6 ? 5 : 8)
  const list = (item: () => string) =>
    Array.from({ length: random.below(5) }, item).join(random.once(30) ? ' ' : ',')
  if (kind === 0)
    return blank + random.pick(['null', 'true', 'false', 'nul', 'NaN', 'Infinity', '-inf'])
  if (kind === 1) return blank + number(random)
  if (kind < 5) return blank + string(random)
  if (kind === 5) return `${blank}[${list(() => json(random, depth + 1))}]`
  if (kind === 6 && random.once(20))
    return '['.repeat(random.below(1500)) + ']'.repeat(random.below(1500))
  return `${blank}{${list(() => `${string(random)}:${json(random, depth + 1)}`)}}${blank}`
}

function number(random: Random): string {
  const digits = () => random.text(random.between(1, random.once(6) ? 40 : 6), '0123456789')
  let text = (random.once(3) ? '-' : '') + digits()
  if (random.once(3)) text += `.${digits()}`
  if (random.once(4)) text += random.pick(['e', 'E', 'e+', 'e-']) + digits().slice(0, 3)
  return random.once(20)
    ? random.pick(['+1', '01', '.5', '1.', '0x1F', '0x1p3', '1e', '-', '--1', '1.e5'])
    : text
}

function string(random: Random): string {
  const escapes = [
    '\\n',
    '\\"',
    '\\\\',
    '\\/',
    '\\b',
    '\\u0041',
    '\\u00e9',
    '\\u20ac',
    '\\ud83d\\ude00',
  ]
  const wrong = [
    '\\ud800',
    '\\udc00',
    '\\u12',
    '\\uzzzz',
    '\\x',
    '\\',
    '\n',
    '\0',
    '\x7f',
    '\xff',
    '\\u0000',
  ]
  let text = ''
  for (let count = random.below(6); count; count--) {
    if (random.once(3)) text += random.pick(random.once(4) ? wrong : escapes)
    else text += random.text(random.below(5), 'abc é')
  }
  return `"${text}"`
}

// ── both sides ───────────────────────────────────────────────────────────────────────────────

const missing = redisMissing()

describe.skipIf(missing)(`inputs that strangers write, seed ${seed}`, () => {
  const servers: TestServer[] = []
  const clients: Connection[] = []

  beforeAll(async () => {
    servers.push(...(await Promise.all([startRedis(), startWadi()])))
    clients.push(...(await Promise.all(servers.map(({ port }) => Connection.connect(port)))))
  })
  afterAll(async () => {
    for (const client of clients) client.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  it.each(targets)('$name', { timeout: 60_000 + total }, async ({ run, width, make }) => {
    const random = new Random()
    const script = `${SHOW}for i = 1, #ARGV, ${width} do out[#out + 1] = ${run} end return out`
    for (let done = 0; done < total / targets.length; done += AT_ONCE) {
      const inputs = Array.from({ length: AT_ONCE }, () => make(random))
      const both = await Promise.all(
        clients.map((client) => client.call('EVAL', script, '0', ...inputs.flat())),
      )
      const [expected, got] = both as [Reply, Reply]
      assert(!expected.isError, `redis-server says ${expected.text}`)
      assert(!got.isError, `Wadi says ${got.text}`)
      for (const [i, input] of inputs.entries()) {
        const [wanted, seen] = [expected.items[i]!.text, got.items[i]!.text]
        const shown = input.map((each) => JSON.stringify(Buffer.from(each).toString('latin1')))
        assert(wanted === seen, `${shown.join(' ')}\n  expected ${wanted}\n  got      ${seen}`)
      }
    }
  })
})
