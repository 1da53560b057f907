// Address: where a target is, as its URL says (RFC 6455 3; `ws+unix:` as other WebSocket tools write it).
//
// What it is not: a name resolver; parsing touches no network. No user information and no fragment: both are
// errors. Invariants: `resource` begins with "/" and holds only characters that may stand in a request line;
// port is not 0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/error.h"

namespace wsspec {

struct Address {
  bool tls = false;
  std::string host =
      "127.0.0.1";  ///< Name or IP literal; IPv6 without brackets. With a Unix socket: "localhost".
  std::uint16_t port = 80;
  std::string resource = "/";  ///< Path and query, as written.
  std::string unix_path;       ///< Not empty: a Unix socket instead of TCP.

  bool is_unix() const { return !unix_path.empty(); }
  /// By its text alone: a Unix socket, 127.0.0.0/8, ::1, `localhost` or a name below it.
  bool is_loopback() const;
  /// The value of the Host field: the port only when it is not the scheme's own.
  std::string host_field() const;
  /// "host:port" or the socket's path, for messages.
  std::string endpoint() const;
  std::string url() const;
  /// "tcp", "tls", "unix", "unix+tls".
  std::string transport() const;
  bool operator==(const Address&) const = default;
};

/// ws://host[:port][/path][?query], wss://..., ws+unix:///path.sock[:/resource], wss+unix:///...
Result<Address> parse_address(std::string_view url);

/// An HTTP proxy that is asked to CONNECT (RFC 6455 4.1, RFC 9110 9.3.6).
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string user, password;  ///< Sent as Basic credentials when `user` is not empty.
  bool operator==(const Proxy&) const = default;
};

/// http://[user:password@]host:port
Result<Proxy> parse_proxy(std::string_view url);

}  // namespace wsspec
