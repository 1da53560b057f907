// Exchanges: small scripted conversations that between them make every defect show. For tests.
#pragma once

#include <string>
#include <vector>

#include "peer/scripted.h"

namespace wsspec::scripted {

struct Exchange {
  std::string name;
  std::vector<Step> steps;
  std::size_t chunk = 0;
  MessageLimits limits{};
  int times = 1;  ///< Played on so many connections of one server.
};

/// Cheap ones first.
std::vector<Exchange> exchanges();

/// The peer's options under which every declared fact can be judged.
PeerOptions declared_options(const Exchange& exchange);

/// All it does on all connections, and whether a later client is served.
std::vector<Trace> play_exchange(const Exchange& exchange, PeerOptions options);

}  // namespace wsspec::scripted
