-- Sends requests that each spend a token and get its successor, as refreshing does. The file named by the first argument holds the
-- tokens, one a line; the second names a file with one whole request in which TOKEN stands for a token, all of one length. What is
-- left of the tokens is written back at the end, for the next run; those on their way then are lost.
pool, first, last = {}, 1, 0
local head, tail
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  file = args[1]
  for token in io.lines(file) do
    last = last + 1
    pool[last] = token
  end
  local template = assert(io.open(args[2], "rb"))
  head, tail = template:read("*a"):match("^(.-)TOKEN(.*)$")
  template:close()
end

function request()
  local token = assert(pool[first], "more connections than tokens")
  pool[first] = nil
  first = first + 1
  return head .. token .. tail
end

function response(status, headers, body)
  last = last + 1
  pool[last] = body:match('"refresh_token":"([^"]+)"')
end

function done(summary, latency)
  local out = assert(io.open(threads[1]:get("file"), "wb"))
  for _, token in pairs(threads[1]:get("pool")) do out:write(token, "\n") end
  out:close()
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"durationMicroseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
