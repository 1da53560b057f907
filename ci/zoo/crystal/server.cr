require "http/server"

handler = HTTP::WebSocketHandler.new do |socket, _context|
  # The library hands text over unchecked.
  socket.on_message do |text|
    text.valid_encoding? ? socket.send(text) : socket.close(HTTP::WebSocket::CloseCode::InvalidFramePayloadData)
  end
  socket.on_binary { |octets| socket.send octets }
end

server = HTTP::Server.new([handler])
server.bind_tcp "127.0.0.1", ARGV[0].to_i
server.listen
