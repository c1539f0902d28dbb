/**
 * The script that counts in Redis or Valkey: all limits of a request in one round trip, atomically, by the server's own clock.
 *
 * The same three algorithms as in memory (`token-buckets.ts`, `sliding-windows.ts`, `quotas.ts`), and the same answers. Limits come in stages; each
 * stage is taken whole or not at all, and the first that refuses ends it.
 *
 * KEYS: one for each limit. ARGV[1]: the time in milliseconds, or "" for the server's clock. Then for each limit five: its stage, its
 * kind, and three numbers: `bucket` limit, perMs, burst; `window` limit, perMs, slices; `quota` limit, end of the period, 0.
 * Answer: for each limit until the first that refuses, as {@link Counter.take}, in decimal text.
 */
import { createHash } from 'node:crypto';

export const LIMIT_SCRIPT = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
end

local function keep(key, milliseconds)
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(milliseconds) + 1000))
end

local kinds = {}

function kinds.bucket(key, limit, per, burst)
  local state = redis.call('HMGET', key, 'level', 'at')
  local capacity = burst * per
  local level, at = tonumber(state[1]), tonumber(state[2])
  if not level or not at then
    level, at = capacity, now
  elseif now > at then
    level, at = math.min(capacity, level + (now - at) * limit), now
  end
  if level < per then return -math.max(1, (per - level) / limit) end
  level = level - per
  return level / per, function()
    redis.call('HSET', key, 'level', string.format('%.17g', level), 'at', string.format('%.17g', at))
    keep(key, (capacity - level) / limit)
  end
end

function kinds.window(key, limit, per, slices)
  local length = per / slices
  local slice = math.floor(now / length)
  local state = redis.call('HGETALL', key)
  local counts, gone, total, newest = {}, {}, 0, slice
  for at = 1, #state, 2 do
    local number = tonumber(state[at])
    if number < slice - slices then
      gone[#gone + 1] = state[at]
    else
      counts[number] = tonumber(state[at + 1])
      total = total + counts[number]
      -- A clock that stepped back must not lose what was counted.
      newest = math.max(newest, number)
    end
  end
  if total >= limit then
    local left = total
    for oldest = newest - slices, newest do
      left = left - (counts[oldest] or 0)
      if left < limit then return -math.max(1, (oldest + slices + 1) * length - now) end
    end
    return -per
  end
  return limit - total - 1, function()
    if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
    redis.call('HINCRBY', key, string.format('%.0f', newest), 1)
    keep(key, per + length)
  end
end

function kinds.quota(key, limit, ends)
  local used = tonumber(redis.call('GET', key) or '0')
  if used >= limit then return -math.max(1, ends - now) end
  return limit - used - 1, function()
    redis.call('INCR', key)
    keep(key, ends - now)
  end
end

local answers, stage, taken = {}, nil, {}
local function take()
  for _, write in ipairs(taken) do write() end
  taken = {}
end
for index, key in ipairs(KEYS) do
  local at = 2 + (index - 1) * 5
  if ARGV[at] ~= stage then
    take()
    stage = ARGV[at]
  end
  local left, write = kinds[ARGV[at + 1]](key, tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]))
  answers[index] = string.format('%.6f', left)
  if left < 0 then return answers end
  taken[#taken + 1] = write
end
take()
return answers
`;

/** What the script is called by once the server has it. */
export const LIMIT_SCRIPT_SHA1 = createHash('sha1').update(LIMIT_SCRIPT).digest('hex');
