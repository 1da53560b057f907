require "http/web_socket"
require "openssl"

url = ARGV[0]
uri = URI.parse(url)
looping = ENV["WSSPEC_ACTION"]? == "loop"
headers = HTTP::Headers.new
(ENV["WSSPEC_HEADERS"]? || "").each_line do |line|
  name, colon, value = line.partition(':')
  headers.add(name.strip, value.strip) unless colon.empty?
end
protocols = (ENV["WSSPEC_PROTOCOLS"]? || "").split(',').map(&.strip).reject(&.empty?)
headers["Sec-WebSocket-Protocol"] = protocols.join(", ") unless protocols.empty?

def tls(uri)
  return false unless uri.scheme == "wss"
  context = OpenSSL::SSL::Context::Client.new
  ENV["WSSPEC_CA"]?.try { |file| context.ca_certificates = file unless file.empty? }
  context
end

def talk(socket)
  # The library hands text over unchecked.
  socket.on_message do |text|
    text.valid_encoding? ? socket.send(text) : socket.close(HTTP::WebSocket::CloseCode::InvalidFramePayloadData)
  end
  socket.on_binary { |octets| socket.send octets }
  socket.run
ensure
  socket.@ws.@io.close rescue nil # what the library leaves open
end

refused = 0
while refused < 3
  begin
    talk HTTP::WebSocket.new(uri.hostname || "", uri.request_target, uri.port, tls(uri), headers.dup)
    refused = 0
  rescue Socket::ConnectError
    STDERR.puts "refused"
    refused += 1
    sleep 0.1
  rescue error
    STDERR.puts error.message
    refused = 0
  end
  break unless looping
end
