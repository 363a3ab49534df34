/**
 * The Lua of the send tokens. Time is Redis's own, in microseconds since 1970; such numbers are written out with
 * `%.0f`, as Lua's own way would round them. All keys of a channel share a hash tag, so that they lie on one node of a
 * cluster. Works from Redis 6 on.
 *
 * `next`, the first free send instant of a channel, never expires: that it is missing means that Redis has lost what
 * it held (or the first use ever), and that workers may still hold reservations for up to a horizon. So the first
 * reservation then lies a horizon ahead. The day's count is taken up again from what the asking worker last knew.
 */

const CLOCK = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
`;

/**
 * KEYS: next, today's count, tomorrow's count, then one for each recipient if there is a pause.
 * ARGV: recipients, interval in µs (0: none), horizon in µs, limit a day (-1: none), µs until midnight, today's count
 * as last known, pause of a recipient in µs (0: none).
 * Returns: now, next, today's count, then a kind (0 SEND, 1 LATER, 2 RECIPIENT, 3 DAY) and µs from now for each.
 */
export const RESERVE = `${CLOCK}
local count, interval, horizon = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local perDay, untilMidnight, known = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local pause = tonumber(ARGV[7])

local nextAt = now
local changed = false
if interval > 0 then
  local stored = redis.call('GET', KEYS[1])
  if stored then
    -- No reservation lies further ahead, unless Redis's clock was set back: nobody is to wait for it to catch up.
    nextAt = math.max(now, math.min(tonumber(stored), now + horizon + interval + 2000000))
  else
    nextAt = now + horizon
    changed = true
  end
end

local used = {known, 0}
local taken = {0, 0}
if perDay >= 0 then
  local today = redis.call('GET', KEYS[2])
  if today then used[1] = tonumber(today) end
  used[2] = tonumber(redis.call('GET', KEYS[3]) or 0)
end

local answer = {now, 0, 0}
local function add(kind, delay)
  answer[#answer + 1] = kind
  answer[#answer + 1] = math.ceil(delay)
end

for i = 1, count do
  local ahead = nextAt - now
  local day = 1
  if ahead >= untilMidnight then day = 2 end
  if perDay >= 0 and used[day] >= perDay then
    add(3, math.max(untilMidnight, ahead))
  elseif ahead > horizon then
    add(1, ahead)
  else
    local freeAt = 0
    if pause > 0 then freeAt = tonumber(redis.call('GET', KEYS[3 + i]) or 0) end
    if freeAt > nextAt then
      add(2, freeAt - now)
    else
      add(0, ahead)
      if pause > 0 then
        local over = ahead + pause
        redis.call('SET', KEYS[3 + i], string.format('%.0f', now + over), 'PX', math.ceil(over / 1000))
      end
      used[day] = used[day] + 1
      taken[day] = taken[day] + 1
      nextAt = nextAt + interval
      changed = true
    end
  end
end

if interval > 0 and changed then redis.call('SET', KEYS[1], string.format('%.0f', nextAt)) end
if perDay >= 0 then
  -- An hour longer than the day, for workers whose clocks are behind.
  local ttl = math.ceil(untilMidnight / 1000) + 3600000
  if taken[1] > 0 then redis.call('SET', KEYS[2], used[1], 'PX', ttl) end
  if taken[2] > 0 then redis.call('SET', KEYS[3], used[2], 'PX', ttl + 86400000) end
end
answer[2] = nextAt
answer[3] = used[1]
return answer
`;

/**
 * KEYS: next, today's count.
 * ARGV: how many, interval in µs, next as the asking worker's last reservation left it, how many that one took.
 * The pace goes back only if nobody has reserved behind it: otherwise two would get one instant.
 */
export const GIVE_BACK = `
local count, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local stored = redis.call('GET', KEYS[1])
if interval > 0 and stored and tonumber(stored) == tonumber(ARGV[3]) then
  local back = math.min(count, tonumber(ARGV[4])) * interval
  redis.call('SET', KEYS[1], string.format('%.0f', tonumber(stored) - back))
end
local used = tonumber(redis.call('GET', KEYS[2]) or 0)
if used > 0 then redis.call('SET', KEYS[2], math.max(0, used - count), 'KEEPTTL') end
return used
`;

/**
 * KEYS: next, today's count.
 * ARGV: µs for which nothing is reserved, sends to be added to today's count, µs until midnight, today's count as last
 * known before.
 */
export const REJOIN = `${CLOCK}
local stored = tonumber(redis.call('GET', KEYS[1]) or 0)
redis.call('SET', KEYS[1], string.format('%.0f', math.max(stored, now + tonumber(ARGV[1]))))
local sent = tonumber(ARGV[2])
if sent > 0 then
  local used = tonumber(redis.call('GET', KEYS[2]) or ARGV[4]) + sent
  redis.call('SET', KEYS[2], used, 'PX', math.ceil(tonumber(ARGV[3]) / 1000) + 3600000)
end
return 1
`;
