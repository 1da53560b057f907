// HopLeg: one connection of a hop, to a client or to the server: octets that wait, and how it ends.
//
// What it is not: a reader of anything; a HopPassage hears what comes, until it lets go of the leg.
// Invariant: an end goes out behind all octets, a reset at once.
#pragma once

#include <vector>

#include "peer/outbox.h"
#include "protocol/endpoint.h"

namespace wsspec {

class HopPassage;

class HopLeg final : public Endpoint {
 public:
  /// While more waits on a leg, the other one does not read.
  static constexpr std::size_t kMostWaiting = 64 * 1024;

  /// `stirred`: of all legs of the hop that another one gave something to do. Both must outlive it.
  HopLeg(HopPassage& passage, std::vector<Endpoint*>& stirred) : passage_(&passage), stirred_(stirred) {}
  ~HopLeg() override;

  Action next(Instant now) override;
  void received(MutableBytes bytes, Instant now) override;
  void ended(End how, Instant now) override;
  bool reading() const override;

  void send(Bytes octets);
  /// Half-closes; what comes is still heard.
  void finish();
  void abort();
  /// Half-closes and hears nothing any more; it ends with the other side's end, or soon.
  void leave();
  /// Nobody's for now, and in `pool` until somebody takes it out to be served, or it ends.
  void rest(std::vector<HopLeg*>& pool);
  void serve(HopPassage& passage);
  std::size_t waiting() const { return outbox_.octets(); }
  /// There is something to do for it.
  void stir();

 private:
  void leave_pool();
  Action over(Action::Kind kind);
  Action hand_out(const Action& write);

  HopPassage* passage_;
  std::vector<Endpoint*>& stirred_;
  std::vector<HopLeg*>* pool_ = nullptr;
  Outbox outbox_;
  bool finishing_ = false, finished_ = false, aborted_ = false, leaving_ = false;
  bool peer_ended_ = false, over_ = false;
  Action::Kind last_ = Action::Kind::close;  ///< Once over.
  Instant lingers_until_ = kNever;
};

}  // namespace wsspec
