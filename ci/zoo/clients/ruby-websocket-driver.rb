# websocket-driver on a TCP or TLS socket of our own
require 'openssl'
require 'socket'
require 'uri'
require 'websocket/driver'
require_relative 'driver'

# What the library wants of a connection.
class Wire
  attr_reader :url

  def initialize(url)
    @url = url
    uri = URI.parse(url)
    secure = uri.scheme == 'wss'
    @tcp = TCPSocket.new(uri.hostname, uri.port || (secure ? 443 : 80))
    @tcp.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
    @stream = secure ? encrypt(uri.hostname) : @tcp
  end

  def write(data) = @stream.write(data)
  def read = @stream.readpartial(65_536)
  def close = @stream.close

  private

  def encrypt(host)
    context = OpenSSL::SSL::SSLContext.new
    context.set_params(Driver::CA ? { ca_file: Driver::CA } : {})
    stream = OpenSSL::SSL::SSLSocket.new(@tcp, context)
    stream.hostname = host unless host.match?(/\A[\d.]+\z|:/)
    stream.sync_close = true
    stream.connect
    stream.post_connection_check(host)
    stream
  end
end

def connect
  opened = over = false
  wire = Wire.new(Driver::ADDRESS)
  driver = WebSocket::Driver.client(wire, max_length: Driver::LIMIT, protocols: Driver::PROTOCOLS)
  Driver::HEADERS.each { |name, value| driver.set_header(name, value) }
  driver.on(:open) { opened = true }
  driver.on(:message) { |event| event.data.is_a?(String) ? driver.text(event.data) : driver.binary(event.data) }
  driver.on(:error) { |event| warn event.message }
  driver.on(:close) { over = true }
  driver.start
  driver.parse(wire.read) until over
  opened
rescue SystemCallError, IOError, OpenSSL::SSL::SSLError, URI::InvalidURIError => e
  warn e.message
  opened
ensure
  wire&.close
end

while (pause = Driver.pause(connect))
  sleep pause
end
