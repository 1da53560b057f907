// Boost.Beast, synchronous: the socket is read whenever nothing is written.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "driver.h"

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

namespace {

template <class Next>
bool talk(websocket::stream<Next>& stream, const driver_url& url) {
  websocket::permessage_deflate deflate;
  deflate.client_enable = true;
  stream.set_option(deflate);
  stream.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
    if (const char* protocols = driver_setting("WSSPEC_PROTOCOLS"))
      request.set(beast::http::field::sec_websocket_protocol, protocols);
    const char* next = driver_setting("WSSPEC_HEADERS");
    char name[256], value[4096];
    while (driver_header(&next, name, sizeof name, value, sizeof value)) request.insert(name, value);
  }));
  stream.read_message_max(driver_limit);
  beast::error_code error;
  stream.handshake(url.authority, url.target, error);
  if (error) {
    std::cerr << error.message() << '\n';
    return false;
  }
  beast::flat_buffer buffer;
  while (!error) {
    stream.read(buffer, error);  // the library closes by itself what fails or is closed
    if (error) break;
    stream.text(stream.got_text());
    stream.write(buffer.data(), error);
    buffer.consume(buffer.size());
  }
  std::cerr << error.message() << '\n';
  return true;
}

bool connect(const driver_url& url) try {
  asio::io_context context(1);
  tcp::resolver resolver(context);
  const auto endpoints = resolver.resolve(url.host, url.port);
  if (!url.secure) {
    websocket::stream<tcp::socket> stream(context);
    asio::connect(stream.next_layer(), endpoints);
    stream.next_layer().set_option(tcp::no_delay(true));
    return talk(stream, url);
  }
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_verify_mode(asio::ssl::verify_peer);
  if (const char* ca = driver_setting("WSSPEC_CA")) tls.load_verify_file(ca);
  else tls.set_default_verify_paths();
  websocket::stream<asio::ssl::stream<tcp::socket>> stream(context, tls);
  beast::error_code literal;
  asio::ip::make_address(url.host, literal);
  if (literal) SSL_set_tlsext_host_name(stream.next_layer().native_handle(), url.host);
  stream.next_layer().set_verify_callback(asio::ssl::host_name_verification(url.host));
  asio::connect(stream.next_layer().next_layer(), endpoints);
  stream.next_layer().next_layer().set_option(tcp::no_delay(true));
  stream.next_layer().handshake(asio::ssl::stream_base::client);
  return talk(stream, url);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  driver_url url;
  if (argc != 2 || driver_parse(argv[1], &url) != 0) return 2;
  while (driver_again(connect(url), url.port)) continue;
}
