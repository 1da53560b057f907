local server = require "http.server"
local websocket = require "http.websocket"
local new_headers = require "http.headers".new

local function serve(_, stream)
	local request = assert(stream:get_headers())
	local socket = websocket.new_from_stream(stream, request)
	if not socket then
		local answer = new_headers()
		answer:append(":status", "426")
		answer:append("upgrade", "websocket")
		stream:write_headers(answer, true)
		return
	end
	if not socket:accept() then
		return
	end
	repeat
		local data, kind = socket:receive()
	until not data or not socket:send(data, kind)
	socket:close()
end

assert(server.listen {
	host = "127.0.0.1",
	port = tonumber(arg[1]),
	onstream = serve,
	onerror = function() end, -- a connection that fails is no matter of the server's
}):loop()
