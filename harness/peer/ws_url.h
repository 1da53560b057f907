// WsUrl: what a client makes of the URL that it is given (RFC 6455 3, 4.1).
//
// What it is not: a parser of any other URL, or the one by which a target is named (net/address.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wsspec {

/// Why a URL is none for WebSocket. A set of bits.
enum class UrlFault : std::uint8_t {
  scheme = 1,         ///< Neither ws nor wss.
  no_host = 2,        ///< What is between "//" and the port is empty.
  blank_in_host = 4,  ///< Or another octet that stands in no name (RFC 3986 3.2.2).
  port_letters = 8,   ///< Behind the digits of the port, or in their place.
  port_too_large = 16,
  fragment = 32,
};
constexpr std::uint8_t bit(UrlFault fault) {
  return static_cast<std::uint8_t>(fault);
}

struct WsUrl {
  std::string host;         ///< With the port, as in Host; of what is wrong as much as can be read.
  std::string destination;  ///< The same with a port in any case, as in CONNECT (RFC 9110 9.3.6).
  std::string target;       ///< Path and query.
  std::string fragment;     ///< With its "#".
  std::uint8_t faults = 0;  ///< bit(UrlFault) of each.
};

WsUrl read_ws_url(std::string_view url);

}  // namespace wsspec
