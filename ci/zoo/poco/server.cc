// An echo server with POCO Net, whose API is one frame at a time, with all its bits: what they say is judged
// here.
#include <Poco/Buffer.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/ThreadPool.h>
#include <cstdlib>
#include <string>

#include "../utf8.h"

namespace net = Poco::Net;
using net::WebSocket;

namespace {

constexpr int kReserved =
    WebSocket::FRAME_FLAG_RSV1 | WebSocket::FRAME_FLAG_RSV2 | WebSocket::FRAME_FLAG_RSV3;

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
    const int size = static_cast<int>(frame.size());
    const bool fin = flags & WebSocket::FRAME_FLAG_FIN;
    if (flags & kReserved) return fail(WebSocket::WS_PROTOCOL_ERROR);
    switch (opcode) {
      case WebSocket::FRAME_OP_PING:
      case WebSocket::FRAME_OP_PONG:
      case WebSocket::FRAME_OP_CLOSE:
        if (!fin || size > 125) return fail(WebSocket::WS_PROTOCOL_ERROR);
        return opcode == WebSocket::FRAME_OP_CLOSE ? closed(frame) : control(frame, opcode);
      case WebSocket::FRAME_OP_CONT:
      case WebSocket::FRAME_OP_TEXT:
      case WebSocket::FRAME_OP_BINARY: return take(frame, opcode, fin);
      default: return fail(WebSocket::WS_PROTOCOL_ERROR);
    }
  }

  bool control(const Poco::Buffer<char>& frame, int opcode) {
    if (opcode == WebSocket::FRAME_OP_PING)
      socket_.sendFrame(frame.begin(), static_cast<int>(frame.size()),
                        WebSocket::FRAME_FLAG_FIN | WebSocket::FRAME_OP_PONG);
    return true;
  }

  bool closed(const Poco::Buffer<char>& frame) {
    if (frame.size() == 1) return fail(WebSocket::WS_PROTOCOL_ERROR);
    if (frame.size() > 2 && !is_utf8(frame.begin() + 2, frame.size() - 2))
      return fail(WebSocket::WS_MALFORMED_PAYLOAD);
    socket_.shutdown();
    return false;
  }

  bool take(const Poco::Buffer<char>& frame, int opcode, bool fin) {
    if ((opcode == WebSocket::FRAME_OP_CONT) != (kind_ != 0)) return fail(WebSocket::WS_PROTOCOL_ERROR);
    if (opcode != WebSocket::FRAME_OP_CONT) kind_ = opcode;
    message_.append(frame.begin(), frame.size());
    if (!fin) return true;
    if (kind_ == WebSocket::FRAME_OP_TEXT && !is_utf8(message_.data(), message_.size()))
      return fail(WebSocket::WS_MALFORMED_PAYLOAD);
    socket_.sendFrame(message_.data(), static_cast<int>(message_.size()), WebSocket::FRAME_FLAG_FIN | kind_);
    message_.clear();
    kind_ = 0;
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

class Handler : public net::HTTPRequestHandler {
 public:
  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    try {
      WebSocket socket(request, response);
      socket.setMaxPayloadSize(64 * 1024 * 1024);
      Echo(socket).run();
    } catch (const net::WebSocketException& error) {
      if (response.sent()) return;
      if (error.code() == WebSocket::WS_ERR_HANDSHAKE_UNSUPPORTED_VERSION)
        response.set("Sec-WebSocket-Version", WebSocket::WEBSOCKET_VERSION);
      response.setStatusAndReason(net::HTTPResponse::HTTP_BAD_REQUEST);
      response.setContentLength(0);
      response.send();
    } catch (const Poco::Exception&) {
      // reset or timed out: nothing is left to be done
    }
  }
};

class Factory : public net::HTTPRequestHandlerFactory {
 public:
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new Handler;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  Poco::ThreadPool threads(4, 256);
  net::ServerSocket listener(net::SocketAddress("127.0.0.1", static_cast<Poco::UInt16>(std::atoi(argv[1]))),
                             1024);
  Poco::AutoPtr<net::HTTPServerParams> params = new net::HTTPServerParams;
  params->setMaxThreads(256);
  params->setMaxQueued(1024);
  net::HTTPServer server(new Factory, threads, listener, params);
  server.start();
  Poco::Event().wait();
}
