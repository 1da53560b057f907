// What a Dialer keeps; for net/ alone.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "net/dialer.h"
#include "net/socket.h"
#include "net/tls.h"

namespace wsspec {

struct Dialer::Details {
  Address address;
  DialOptions options;
  std::vector<SocketAddress> addresses;  ///< Of the proxy when there is one; never empty.
  std::optional<TlsContext> tls;
  Bytes connect_request;                     ///< To the proxy; empty without one.
  mutable std::atomic<std::size_t> good{0};  ///< Index of the address that answered last.
};

}  // namespace wsspec
