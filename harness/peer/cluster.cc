#include "peer/cluster.h"

#include <utility>

namespace wsspec {
namespace {

/// Nobody listens there.
class Refusal final : public Endpoint {
 public:
  Action next(Instant) override { return Action::reset(); }
  void received(MutableBytes, Instant) override {}
  void ended(End, Instant) override {}
};

}  // namespace

Result<std::unique_ptr<Cluster>> Cluster::make(const PeerOptions& options) {
  std::array<std::shared_ptr<PeerWorld>, 2> nodes;
  for (unsigned node = 1; node <= nodes.size(); ++node) {
    PeerOptions own = options;
    own.seed ^= node;
    auto world = PeerWorld::make(std::move(own));
    if (!world) return std::unexpected(world.error());
    nodes[node - 1] = std::move(*world);
    nodes[node - 1]->join(nodes[0]->forum(), node);
  }
  return std::unique_ptr<Cluster>(new Cluster(std::move(nodes)));
}

std::unique_ptr<Endpoint> Cluster::connect(std::string_view entry) {
  std::size_t node = entry == "2" ? 1 : 0;
  if (entry == "balancer") {
    const auto served = [&](std::size_t one) {
      return !nodes_[one]->crashed() && !nodes_[one]->hung() && !nodes_[one]->paused() &&
             !nodes_[one]->draining();
    };
    node = turn_++ % nodes_.size();
    if (!served(node)) node = 1 - node;
  }
  if (nodes_[node]->crashed() || nodes_[node]->draining()) return std::make_unique<Refusal>();
  return std::make_unique<Peer>(nodes_[node]);
}

void Cluster::act(std::string_view name) {
  PeerWorld &first = *nodes_[0], &second = *nodes_[1];
  ClusterPast& past = first.forum()->past();
  if (name == "kill-2") {
    second.kill();
    ++past.kills;
    if (first.conduct().kill_drops_all) first.drop_all();
  } else if (name == "start-2") {
    second.restart();
    ++past.starts;
  } else if (name == "drain-2") {
    second.drain();
  } else if (name == "pause-2" || name == "resume-2") {
    second.pause(name == "pause-2");
    if (first.conduct().pause_holds_all) first.pause(name == "pause-2");
  } else if (name == "stop-broker") {
    first.forum()->stop();
    if (!first.conduct().broker_stop_drops_all) return;
    for (const auto& node : nodes_) node->drop_all();
  } else if (name == "start-broker") {
    first.forum()->start();
  }
}

}  // namespace wsspec
