// Freshness: what a client draws at random for each connection, looked at over all connections of a run: the
// nonce of its handshake and its first masking key (RFC 6455 4.1, 5.3).
//
// What it is not: the look at the keys of one connection; the player has that.
#pragma once

#include <vector>

#include "play/player.h"

namespace wsspec {

class Freshness {
 public:
  static constexpr std::size_t kMost = 4096;  ///< Connections that are kept.
  /// How many connections tell enough of the nonces.
  static constexpr std::size_t kEnough = 32;

  /// One connection of the client, when its case is over.
  void add(const Player& player);
  std::size_t connections() const { return nonces_.size(); }
  /// Fails the first passed case that covers the requirement which the rows show to be broken, and notes in
  /// it how many were seen.
  void judge(std::vector<CaseResult>& results, const std::map<std::string, Requirement>& ledger) const;

 private:
  std::vector<Bytes> nonces_;
  std::vector<MaskKey> first_keys_;
};

}  // namespace wsspec
