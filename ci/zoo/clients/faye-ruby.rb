require 'eventmachine'
require 'faye/websocket'
require_relative 'driver'

def connect
  options = { max_length: Driver::LIMIT, headers: Driver::HEADERS }
  options[:tls] = { root_cert_file: Driver::CA } if Driver::CA
  socket = Faye::WebSocket::Client.new(Driver::ADDRESS, Driver::PROTOCOLS, options)
  opened = false
  socket.on(:open) { opened = true }
  socket.on(:message) { |event| socket.send(event.data) } # a String stays text, an Array of octets binary
  socket.on(:error) { |event| warn event.message }
  socket.on(:close) do
    pause = Driver.pause(opened)
    pause ? EM.add_timer(pause) { connect } : EM.add_timer(0.5) { EM.stop } # what is to be written has time to leave
  end
end

EM.run { connect }
