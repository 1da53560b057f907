// POCO Net, whose API is one frame at a time, with all its bits: what they say is judged here.
#include <Poco/Buffer.h>
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/WebSocket.h>
#include <iostream>
#include <memory>
#include <string>

#include "../utf8.h"
#include "driver.h"

namespace net = Poco::Net;
using net::WebSocket;

namespace {

constexpr int kReserved = WebSocket::FRAME_FLAG_RSV1 | WebSocket::FRAME_FLAG_RSV2 | WebSocket::FRAME_FLAG_RSV3;

// Messages put together from frames, and sent back.
class Echo {
 public:
  explicit Echo(WebSocket& socket) : socket_(socket) {}

  void run() {
    for (;;) {
      Poco::Buffer<char> frame(0);
      int flags = 0;
      socket_.receiveFrame(frame, flags);
      if (flags == 0 && frame.empty()) return;  // the peer has gone
      if (!handle(frame, flags)) return;
    }
  }

 private:
  // False when the connection is to end.
  bool handle(const Poco::Buffer<char>& frame, int flags) {
    const int opcode = flags & WebSocket::FRAME_OP_BITMASK;
    const bool fin = flags & WebSocket::FRAME_FLAG_FIN;
    if (flags & kReserved) return fail(WebSocket::WS_PROTOCOL_ERROR);
    if (opcode >= 8 && (!fin || frame.size() > 125)) return fail(WebSocket::WS_PROTOCOL_ERROR);
    if (opcode == WebSocket::FRAME_OP_CLOSE) return closed(frame);
    if (opcode == WebSocket::FRAME_OP_PONG) return true;
    if (opcode == WebSocket::FRAME_OP_PING) return send(frame.begin(), frame.size(), WebSocket::FRAME_OP_PONG);
    if (opcode > WebSocket::FRAME_OP_BINARY) return fail(WebSocket::WS_PROTOCOL_ERROR);
    if ((opcode == WebSocket::FRAME_OP_CONT) != (kind_ != 0)) return fail(WebSocket::WS_PROTOCOL_ERROR);
    if (opcode != WebSocket::FRAME_OP_CONT) kind_ = opcode;
    message_.append(frame.begin(), frame.size());
    if (!fin) return true;
    if (kind_ == WebSocket::FRAME_OP_TEXT && !is_utf8(message_.data(), message_.size()))
      return fail(WebSocket::WS_MALFORMED_PAYLOAD);
    send(message_.data(), message_.size(), kind_);
    message_.clear();
    kind_ = 0;
    return true;
  }

  bool closed(const Poco::Buffer<char>& frame) {
    if (frame.size() == 1) return fail(WebSocket::WS_PROTOCOL_ERROR);
    if (frame.size() > 2 && !is_utf8(frame.begin() + 2, frame.size() - 2)) return fail(WebSocket::WS_MALFORMED_PAYLOAD);
    socket_.shutdown();
    return false;
  }

  bool send(const char* data, std::size_t size, int opcode) {
    socket_.sendFrame(data, static_cast<int>(size), WebSocket::FRAME_FLAG_FIN | opcode);
    return true;
  }

  bool fail(int code) {
    socket_.shutdown(static_cast<Poco::UInt16>(code));
    return false;
  }

  WebSocket& socket_;
  std::string message_;
  int kind_ = 0;  // 0: no message has begun
};

bool connect(const driver_url& url) try {
  const auto port = static_cast<Poco::UInt16>(std::atoi(url.port));
  std::unique_ptr<net::HTTPClientSession> session;
  if (url.secure) session = std::make_unique<net::HTTPSClientSession>(url.host, port);
  else session = std::make_unique<net::HTTPClientSession>(url.host, port);
  net::HTTPRequest request(net::HTTPRequest::HTTP_GET, url.target, net::HTTPMessage::HTTP_1_1);
  net::HTTPResponse response;
  if (const char* protocols = driver_setting("WSSPEC_PROTOCOLS")) request.set("Sec-WebSocket-Protocol", protocols);
  const char* next = driver_setting("WSSPEC_HEADERS");
  char name[256], value[4096];
  while (driver_header(&next, name, sizeof name, value, sizeof value)) request.add(name, value);
  WebSocket socket(*session, request, response);
  socket.setMaxPayloadSize(driver_limit);
  socket.setReceiveTimeout(Poco::Timespan(600, 0));
  socket.setNoDelay(true);
  try {
    Echo(socket).run();
  } catch (const Poco::Exception& error) {
    std::cerr << error.displayText() << '\n';
  }
  return true;
} catch (const std::exception& error) {
  const auto* poco = dynamic_cast<const Poco::Exception*>(&error);
  std::cerr << (poco ? poco->displayText() : error.what()) << '\n';
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  driver_url url;
  if (argc != 2 || driver_parse(argv[1], &url) != 0) return 2;
  const char* ca = driver_setting("WSSPEC_CA");
  if (url.secure) {
    net::initializeSSL();
    net::SSLManager::instance().initializeClient(
        nullptr, new net::RejectCertificateHandler(false),
        new net::Context(net::Context::TLS_CLIENT_USE, "", "", ca ? ca : "", net::Context::VERIFY_STRICT, 9, !ca));
  }
  while (driver_again(connect(url), url.port)) continue;
}
