// Crossing: the target is a hop, and both ends are ours. We connect to its front as clients, and listen where
// it connects to as the server behind it; what comes there belongs to the case whose token it carries.
//
// What it is not: a judge. A connection of the hop that carries no token and is awaited by nobody is a health
// check: it is answered with 200 and counts for nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "run/venue.h"

namespace wsspec {

/// Where the hop finds the server behind it: us.
struct Behind {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  /// There is no hop: our client connects to our server. What is red then is our fault.
  bool direct = false;
  /// What its operator would type for a graceful reload and a graceful stop; empty: unknown. `{pid}` is the
  /// process that we have started.
  std::string reload, stop;
  ProxyVersion proxy_protocol = ProxyVersion::any;
  HopRole role = HopRole::gateway;
};

/// An error when we cannot listen there, or the address of the front cannot be used.
Result<std::unique_ptr<Venue>> cross_hop(Driver& driver, const Address& front, const DialOptions& options,
                                         const Behind& behind);

}  // namespace wsspec
