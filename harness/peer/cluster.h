// Cluster: two nodes of the reference server, the broker between them, and a balancer before them.
//
// What it is not: an application of its own: a node is a PeerWorld, the broker the Forum that both share.
// Invariant: without defects what is said at one node reaches the members at all, unless the broker is
// stopped; the balancer goes to nodes that live and are not being drained, in turn.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "peer/peer.h"

namespace wsspec {

class Cluster {
 public:
  /// What can be done to it.
  static constexpr std::string_view kActs[] = {"kill-2",   "start-2",     "drain-2",     "pause-2",
                                               "resume-2", "stop-broker", "start-broker"};

  /// An error as PeerWorld::make().
  static Result<std::unique_ptr<Cluster>> make(const PeerOptions& options);
  /// `entry`: "1", "2", "balancer"; else the first node.
  std::unique_ptr<Endpoint> connect(std::string_view entry);
  /// One of kActs; anything else does nothing.
  void act(std::string_view name);

 private:
  explicit Cluster(std::array<std::shared_ptr<PeerWorld>, 2> nodes) : nodes_(std::move(nodes)) {}

  std::array<std::shared_ptr<PeerWorld>, 2> nodes_;
  std::size_t turn_ = 0;  ///< Of the balancer.
};

}  // namespace wsspec
