-- Sends prepared requests in turn. The file named by the first argument holds them, each as its length in bytes on a line,
-- then its bytes; the second argument, when given, is a pause of 0 to twice that many milliseconds before each request.
local requests, turn, pause = {}, 0, 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
  if args[2] then
    pause = tonumber(args[2])
    function delay() return math.random(0, 2 * pause) end
  end
  -- Connections of several runs should not march in step.
  turn = math.random(1, #requests)
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"durationMicroseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
