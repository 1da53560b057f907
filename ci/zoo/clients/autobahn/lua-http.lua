-- lua-http: the name of the agent holds a slash and goes into the URL as it is.
local websocket = require "http.websocket"

local base = arg[1]:gsub("/+$", "")
local agent = os.getenv "WSSPEC_AGENT" or "lua-http/0.4"

local function each_message(path, handle)
	local socket = assert(websocket.new_from_uri(base .. path))
	assert(socket:connect())
	while true do
		local data, kind = socket:receive()
		if not data or handle(socket, data, kind) == false then
			break
		end
	end
	socket:close()
end

local count
each_message("/getCaseCount", function(_, data)
	count = assert(tonumber(data))
end)
for number = 1, count do
	-- What a case does to the connection, the library may raise as an error.
	pcall(each_message, "/runCase?case=" .. number .. "&agent=" .. agent, function(socket, data, kind)
		return socket:send(data, kind) and true
	end)
end
each_message("/updateReports?agent=" .. agent, function() end)
print(count .. " cases")
