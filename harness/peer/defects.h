// Defects: named ways in which a server may break the protocol, each of which the case set must catch.
//
// What it is not: a list of what real servers do wrong; it is meant to be complete by rule, and a third of it
// is subtle (an exact size, a state reached by a sequence, the way octets were cut). Names are "topic.what";
// the tables stand by layer in defects_*.cc, each row saying which hook of the Conduct it sets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "peer/conduct.h"
#include "protocol/error.h"

namespace wsspec {

struct Defect {
  std::string_view name;
  std::string_view about;
  std::string_view requirement;  ///< Ledger id that it breaks.
  bool subtle = false;
  void (*apply)(Conduct& conduct) = nullptr;
  /// A declared fact of the peer without which it cannot show: "origins", "paths", "message_limit",
  /// "handshake_timeout", "deflate", "ping_timeout", "idle_limit", "nodes"; empty: none.
  std::string_view needs = {};

  /// The part of the name before the first dot.
  std::string_view topic() const { return name.substr(0, name.find('.')); }
};

/// All of them, in the order of the layers.
std::span<const Defect> defects();
/// Those that an endpoint of this role can have.
std::vector<const Defect*> defects_of(Role role);
Result<const Defect*> find_defect(std::string_view name);

/// Those of a hop between a client and a server, which are not among the others.
std::span<const Defect> hop_defects();
std::span<const Defect> hop_tunnel_defects();  ///< Among them,
std::span<const Defect> hop_drain_defects();   ///< these,
std::span<const Defect> hop_name_defects();    ///< and these.
Result<const Defect*> find_hop_defect(std::string_view name);

/// The name in `names` nearest to `wanted`, for an error message.
std::string_view nearest_name(std::string_view wanted, const std::vector<std::string_view>& names);

/// Whether a table of defects or liberties has this row.
template <typename Row>
bool is_in(std::span<const Row> table, const Row& row) {
  return std::ranges::find(table, row.name, &Row::name) != table.end();
}

/// The rows of several tables, one after the other.
std::vector<Defect> join(std::initializer_list<std::span<const Defect>> tables);

// The tables by layer.
std::span<const Defect> handshake_defects();
std::span<const Defect> origin_defects();
std::span<const Defect> reply_defects();
std::span<const Defect> negotiation_defects();
std::span<const Defect> frame_defects();
std::span<const Defect> chunk_defects();
std::span<const Defect> text_defects();
std::span<const Defect> lifetime_defects();
std::span<const Defect> message_defects();
std::span<const Defect> blocked_defects();
std::span<const Defect> output_defects();
std::span<const Defect> close_defects();
std::span<const Defect> deflate_defects();
std::span<const Defect> liveness_defects();
std::span<const Defect> server_defects();
std::span<const Defect> company_defects();
std::span<const Defect> room_defects();
std::span<const Defect> cluster_defects();
std::span<const Defect> stomp_defects();
std::span<const Defect> tls_defects();
std::span<const Defect> tls_client_defects();
std::span<const Defect> reconnect_defects();
std::span<const Defect> client_defects();  ///< Of its handshake, its masks and its ends.

}  // namespace wsspec
