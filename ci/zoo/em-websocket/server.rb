require 'em-websocket'

EventMachine.run do
  %w[TERM INT].each { |signal| trap(signal) { EventMachine.stop } }
  EventMachine::WebSocket.max_frame_size = 64 * 1024 * 1024
  EventMachine::WebSocket.run(host: '127.0.0.1', port: ARGV[0].to_i) do |socket|
    # Sending on a connection that has begun to close raises; the library's own errors are not for us to catch.
    answer = lambda do |message, octets|
      socket.public_send(message, octets)
    rescue EventMachine::WebSocket::WebSocketError
      nil
    end
    socket.onmessage { |text| answer.call(:send_text, text) }
    socket.onbinary { |octets| answer.call(:send_binary, octets) }
  end
end
