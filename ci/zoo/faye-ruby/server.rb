require 'faye/websocket'
require 'thin'

Faye::WebSocket.load_adapter('thin')

application = lambda do |env|
  next [426, { 'Upgrade' => 'websocket', 'Connection' => 'Upgrade' }, []] unless Faye::WebSocket.websocket?(env)

  socket = Faye::WebSocket.new(env, [], max_length: 64 * 1024 * 1024)
  socket.on(:message) { |event| socket.send(event.data) } # a String stays text, an Array of octets binary
  socket.rack_response
end

Thin::Logging.silent = true
Thin::Server.start('127.0.0.1', ARGV[0].to_i, application, signals: true)
