// An echo server with Boost.Beast: one coroutine a connection, one thread.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdlib>
#include <iostream>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

asio::awaitable<void> serve(tcp::socket socket) {
  websocket::stream<beast::tcp_stream> stream(std::move(socket));
  websocket::permessage_deflate deflate;
  deflate.server_enable = true;
  stream.set_option(deflate);
  stream.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
  stream.read_message_max(64 * 1024 * 1024);
  try {
    co_await stream.async_accept(asio::use_awaitable);
    beast::flat_buffer buffer;
    for (;;) {
      co_await stream.async_read(buffer, asio::use_awaitable);
      stream.text(stream.got_text());
      co_await stream.async_write(buffer.data(), asio::use_awaitable);
      buffer.consume(buffer.size());
    }
  } catch (const beast::system_error&) {
    // closed by the peer, or failed by Beast, which has done the closing
  }
}

asio::awaitable<void> listen(tcp::acceptor acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    beast::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: server PORT\n";
    return 2;
  }
  asio::io_context context(1);
  const tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"),
                               static_cast<unsigned short>(std::atoi(argv[1])));
  asio::signal_set signals(context, SIGTERM, SIGINT);
  signals.async_wait([&](auto, auto) { context.stop(); });
  asio::co_spawn(context, listen(tcp::acceptor(context, endpoint)), asio::detached);
  context.run();
}
