// An echo server with WebSocket++ on Boost.Asio, permessage-deflate on.
#include <cstdlib>
#include <iostream>
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>
#include <websocketpp/server.hpp>

namespace {

struct Config : websocketpp::config::asio {
  struct permessage_deflate_config {};
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config>;
};
using Server = websocketpp::server<Config>;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: server PORT\n";
    return 2;
  }
  Server server;
  server.clear_access_channels(websocketpp::log::alevel::all);
  server.clear_error_channels(websocketpp::log::elevel::all);
  server.init_asio();
  server.set_reuse_addr(true);
  server.set_listen_backlog(1024);
  server.set_max_message_size(64 * 1024 * 1024);
  server.set_message_handler([&server](websocketpp::connection_hdl peer, Server::message_ptr message) {
    websocketpp::lib::error_code gone;  // the peer may have left since
    server.send(peer, message->get_payload(), message->get_opcode(), gone);
  });
  namespace asio = websocketpp::lib::asio;
  server.listen(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(),
                                        static_cast<unsigned short>(std::atoi(argv[1]))));
  for (;;) {
    try {
      server.start_accept();
      server.run();
      return 0;
    } catch (const websocketpp::exception&) {
      // one connection that fails while it is being accepted must not end the service
    }
  }
}
