// An echo server with POCO Net, whose API is one frame at a time: the flags go back as they came.
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

namespace net = Poco::Net;
using net::WebSocket;

namespace {

void echo(WebSocket& socket) {
  for (;;) {
    Poco::Buffer<char> frame(0);
    int flags = 0;
    socket.receiveFrame(frame, flags);
    if (flags == 0 && frame.empty()) return;  // the peer has gone
    const int opcode = flags & WebSocket::FRAME_OP_BITMASK;
    const int size = static_cast<int>(frame.size());
    if (opcode == WebSocket::FRAME_OP_PING) {
      socket.sendFrame(frame.begin(), size, WebSocket::FRAME_FLAG_FIN | WebSocket::FRAME_OP_PONG);
    } else if (opcode == WebSocket::FRAME_OP_CLOSE) {
      socket.sendFrame(frame.begin(), size, flags);
      return;
    } else if (opcode != WebSocket::FRAME_OP_PONG) {
      socket.sendFrame(frame.begin(), size, flags);
    }
  }
}

class Handler : public net::HTTPRequestHandler {
 public:
  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    try {
      WebSocket socket(request, response);
      socket.setMaxPayloadSize(64 * 1024 * 1024);
      echo(socket);
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
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override { return new Handler; }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  Poco::ThreadPool threads(4, 256);
  net::ServerSocket listener(net::SocketAddress("127.0.0.1", static_cast<Poco::UInt16>(std::atoi(argv[1]))), 1024);
  Poco::AutoPtr<net::HTTPServerParams> params = new net::HTTPServerParams;
  params->setMaxThreads(256);
  params->setMaxQueued(1024);
  net::HTTPServer server(new Factory, threads, listener, params);
  server.start();
  Poco::Event().wait();
}
