// Scripts as people write them, under redis-benchmark.

import type { Load } from './loads.ts'
import type { Command } from './wire.ts'

const GET = "return redis.call('GET', KEYS[1])"

const RELEASE =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"

/** Ten hits a second: those of the last second are the scores of a sorted set. */
const LIMITER = `
local now = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - 1000)
local count = redis.call('ZCARD', KEYS[1])
if count < 10 then
  redis.call('ZADD', KEYS[1], now, ARGV[2])
  redis.call('PEXPIRE', KEYS[1], 1000)
  return 10 - count - 1
end
return -1`.replaceAll('\n', ' ')

const LOOP = "for i = 1, 1000 do redis.call('GET', KEYS[1]) end"

const key = { count: 1, command: (): Command => ['SET', 'key', 'value'] }

const evaluate = (script: string, ...rest: string[]) => ['eval', script, '1', ...rest]

export const scriptLoads: readonly Load[] = [
  { name: 'a script of one GET', run: evaluate(GET, 'key'), pipeline: 16, before: key },
  { name: 'a script of one GET', run: evaluate(GET, 'key'), pipeline: 1, before: key },
  {
    name: 'releasing a lock that another holds',
    run: evaluate(RELEASE, 'key', 'token'),
    pipeline: 16,
    before: key,
  },
  {
    name: 'a sliding-window limiter',
    run: evaluate(LIMITER, 'limit:__rand_int__', '__rand_int__', '__rand_int__'),
    pipeline: 16,
    requests: 300_000,
  },
  {
    name: '1,000 times redis.call',
    run: evaluate(LOOP, 'key'),
    pipeline: 1,
    requests: 10_000,
    before: key,
  },
]
