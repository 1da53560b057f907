local websocket = require "http.websocket"
local context = require "http.tls"
local cqueues = require "cqueues"

local url = arg[1]
local looping = os.getenv "WSSPEC_ACTION" == "loop"
local protocols = {}
for name in (os.getenv "WSSPEC_PROTOCOLS" or ""):gmatch "[^,%s]+" do
	protocols[#protocols + 1] = name
end

local function connect()
	local socket, fault = websocket.new_from_uri(url, #protocols > 0 and protocols or nil)
	if not socket then
		return fault
	end
	for line in (os.getenv "WSSPEC_HEADERS" or ""):gmatch "[^\n]+" do
		local name, value = line:match "^([^:]+):%s*(.*)$"
		if name then
			socket.request.headers:append(name:lower(), value)
		end
	end
	local ca = os.getenv "WSSPEC_CA"
	if ca and ca ~= "" and socket.request.tls then
		local trusted = context.new_client_context()
		local store = require "openssl.x509.store".new()
		store:add(ca)
		trusted:setStore(store)
		socket.request.ctx = trusted
	end
	local done, why = socket:connect()
	if not done then
		return why or "not connected"
	end
	repeat
		local data, kind = socket:receive()
	until not data or not socket:send(data, kind)
	socket:close()
end

local refused = 0
repeat
	local ran, fault = pcall(connect)
	if fault then
		io.stderr:write(tostring(fault), "\n")
	end
	refused = fault and tostring(fault):lower():find "refused" and refused + 1 or 0
	if refused > 0 and refused < 3 then
		cqueues.sleep(0.1)
	end
until not looping or refused == 3
