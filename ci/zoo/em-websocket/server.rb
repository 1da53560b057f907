require 'em-websocket'

EventMachine.run do
  %w[TERM INT].each { |signal| trap(signal) { EventMachine.stop } }
  EventMachine::WebSocket.max_frame_size = 64 * 1024 * 1024
  EventMachine::WebSocket.run(host: '127.0.0.1', port: ARGV[0].to_i) do |socket|
    socket.onmessage { |text| socket.send_text(text) }
    socket.onbinary { |octets| socket.send_binary(octets) }
  end
end
