// Liberties: legal behaviour that differs from the conforming peer's. None may change a verdict, except in
// the cases that are there to report just this liberty (`reported_by`), and there only to `info`, to
// `skipped` or, where a SHOULD is not followed, to `weak`.
#pragma once

#include <span>
#include <string_view>

#include "peer/conduct.h"
#include "protocol/error.h"

namespace wsspec {

struct PeerOptions;

struct Liberty {
  std::string_view name;
  std::string_view about;
  std::string_view clause;  ///< Ledger id or RFC section that allows it.
  /// It is allowed but a SHOULD is not followed: `weak` is a fair verdict.
  bool weak_allowed = false;
  /// What the target profile has to declare so that cases are fair, or what the probe finds out: "greets",
  /// "message_limit=65536", "no-deflate", "no-echo", "no-binary-echo", "subprotocol=chat"; or empty.
  std::string_view declare = {};
  void (*apply)(Conduct& conduct) = nullptr;
  void (*apply_options)(PeerOptions& options) = nullptr;
  std::string_view reported_by = {};  ///< Globs over case ids, blank between.
  /// Globs over cases that move megabytes: a quick self-test shows them to those liberties alone that can
  /// tell.
  std::string_view heavy = {};
  bool server_only = false;  ///< A client cannot take it.
};

std::span<const Liberty> liberties();
/// Those that an endpoint of this role can take.
std::vector<const Liberty*> liberties_of(Role role);
/// Those of the application above the protocol; the self-test also tries each pair of them.
std::span<const Liberty> application_liberties();
std::span<const Liberty> client_liberties();
std::span<const Liberty> liveness_liberties();
/// Those of a broker of STOMP.
std::span<const Liberty> stomp_liberties();
Result<const Liberty*> find_liberty(std::string_view name);

/// Those of several nodes.
std::span<const Liberty> cluster_liberties();

/// Those of a hop between a client and a server, which are not among the others.
std::span<const Liberty> hop_liberties();
Result<const Liberty*> find_hop_liberty(std::string_view name);

}  // namespace wsspec
