// WebSocket++ on Boost.Asio, permessage-deflate on.
#include <iostream>
#include <websocketpp/client.hpp>
#include <websocketpp/config/asio_client.hpp>
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>

#include "driver.h"

namespace {

template <class Base>
struct Config : Base {
  struct permessage_deflate_config {};
  using permessage_deflate_type = websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config>;
};
using Plain = websocketpp::client<Config<websocketpp::config::asio_client>>;
using Secure = websocketpp::client<Config<websocketpp::config::asio_tls_client>>;
namespace tls = websocketpp::lib::asio::ssl;

void prepare(Plain&, const driver_url&) {}

void prepare(Secure& client, const driver_url& url) {
  client.set_tls_init_handler([&url](websocketpp::connection_hdl) {
    auto context = websocketpp::lib::make_shared<tls::context>(tls::context::tls_client);
    context->set_verify_mode(tls::verify_peer);
    context->set_verify_callback(tls::host_name_verification(url.host));
    if (const char* ca = driver_setting("WSSPEC_CA")) context->load_verify_file(ca);
    else context->set_default_verify_paths();
    return context;
  });
}

template <class Client>
bool connect(const driver_url& url, const char* address) try {
  Client client;
  bool opened = false;
  client.clear_access_channels(websocketpp::log::alevel::all);
  client.clear_error_channels(websocketpp::log::elevel::all);
  client.init_asio();
  client.set_max_message_size(driver_limit);
  prepare(client, url);
  client.set_open_handler([&opened](websocketpp::connection_hdl) { opened = true; });
  client.set_message_handler([&client](websocketpp::connection_hdl peer, typename Client::message_ptr message) {
    websocketpp::lib::error_code gone;  // the peer may have left since
    client.send(peer, message->get_payload(), message->get_opcode(), gone);
  });
  client.set_fail_handler([&client](websocketpp::connection_hdl peer) {
    std::cerr << client.get_con_from_hdl(peer)->get_ec().message() << '\n';
  });
  websocketpp::lib::error_code error;
  auto connection = client.get_connection(address, error);
  if (error) {
    std::cerr << error.message() << '\n';
    return false;
  }
  std::string protocols = driver_setting("WSSPEC_PROTOCOLS") ? driver_setting("WSSPEC_PROTOCOLS") : "";
  while (!protocols.empty()) {
    const auto comma = protocols.find(',');
    connection->add_subprotocol(protocols.substr(0, comma));
    protocols.erase(0, comma == std::string::npos ? comma : comma + 1);
  }
  const char* next = driver_setting("WSSPEC_HEADERS");
  char name[256], value[4096];
  while (driver_header(&next, name, sizeof name, value, sizeof value)) connection->append_header(name, value);
  client.connect(connection);
  client.run();
  return opened;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  driver_url url;
  if (argc != 2 || driver_parse(argv[1], &url) != 0) return 2;
  while (driver_again(url.secure ? connect<Secure>(url, argv[1]) : connect<Plain>(url, argv[1]), url.port)) continue;
}
