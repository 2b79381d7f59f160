-- wrk: send each line of a file once, as the body of a POST; without a file, plain GETs.
-- arguments: file ("" for none), expected status; a body a request, never the same one twice
local file, expected, used_up = nil, 200, false
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  if args[1] and args[1] ~= "" then file = io.open(args[1], "rb") end
  expected = tonumber(args[2] or "200")
  not_ok = 0
  sent_lines = 0
  wrk.method = file and "POST" or "GET"
  wrk.headers["content-type"] = "application/json"
end

function request()
  if not file then return wrk.format() end
  local line = file:read("*l")
  if line == nil then
    used_up = true
    wrk.thread:stop()
    return wrk.format("GET", "/engine/health")
  end
  return wrk.format(nil, nil, nil, line)
end

function response(status)
  if status ~= expected and not used_up then not_ok = not_ok + 1 end
end

function done(summary, latency)
  local not_ok = 0
  for _, thread in ipairs(threads) do not_ok = not_ok + (thread:get("not_ok") or 0) end
  local durations = {}
  for i = 1, #latency do
    local us, count = latency(i)
    durations[i] = string.format("%d:%d", us, count)
  end
  io.write("DURATIONS " .. table.concat(durations, " ") .. "\n")
  io.write(string.format(
    'FIGURES {"requests":%d,"us":%d,"p50_us":%d,"p99_us":%d,"not_ok":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), not_ok))
end
