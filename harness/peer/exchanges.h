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

/// Builds the list.
class Collection {
 public:
  void request(const Bytes& head, const std::string& name);
  /// A request with one field changed; "-" drops it.
  void field(const std::string& name, const std::string& value);
  void two_fields(const std::string& name, const std::string& first, const std::string& second);
  void start(const std::string& line);
  void frames(const std::string& name, const Bytes& octets, std::size_t chunk = 0);
  /// Frames once permessage-deflate is agreed.
  void deflated(const std::string& name, const std::string& parameters, const Bytes& octets);
  void steps(const std::string& name, std::vector<Step> what, std::size_t chunk = 0);
  Exchange& last() { return list_.back(); }
  std::vector<Exchange> take() { return std::move(list_); }

 private:
  std::vector<Exchange> list_;
};

void add_handshakes(Collection& add);
void add_frames(Collection& add);

/// Cheap ones first.
std::vector<Exchange> exchanges();

/// The peer's options under which every declared fact can be judged.
PeerOptions declared_options(const Exchange& exchange);

/// All it does on all connections, and whether a later client is served.
std::vector<Trace> play_exchange(const Exchange& exchange, PeerOptions options);

}  // namespace wsspec::scripted
