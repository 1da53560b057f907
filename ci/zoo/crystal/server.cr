require "http/server"

handler = HTTP::WebSocketHandler.new do |socket, _context|
  socket.on_message { |text| socket.send text }
  socket.on_binary { |octets| socket.send octets }
end

server = HTTP::Server.new([handler])
server.bind_tcp "127.0.0.1", ARGV[0].to_i
server.listen
