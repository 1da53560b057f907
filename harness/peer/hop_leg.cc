#include "peer/hop_leg.h"

#include <algorithm>
#include <utility>

#include "peer/hop_passage.h"

namespace wsspec {
namespace {

// So long the other side has for its own end.
constexpr Duration kLeaving = std::chrono::seconds(5);

}  // namespace

HopLeg::~HopLeg() {
  std::erase(stirred_, this);
  leave_pool();
  if (passage_ != nullptr) passage_->forget(*this);
}

void HopLeg::stir() {
  if (std::ranges::find(stirred_, this) == stirred_.end()) stirred_.push_back(this);
}

Action HopLeg::next(Instant now) {
  std::erase(stirred_, this);
  if (passage_ != nullptr) passage_->pass_time(now);
  if (over_) return over(last_);
  if (aborted_) return over(Action::Kind::reset);
  if (const auto write = outbox_.next(now)) return hand_out(*write);
  if (finishing_) {
    if (leaving_ && lingers_until_ == kNever) lingers_until_ = now + kLeaving;
    if (peer_ended_ || now >= lingers_until_) return over(Action::Kind::close);
    if (!std::exchange(finished_, true)) return Action::half_close();
  }
  Action wait = Action::wait(passage_ != nullptr ? passage_->due() : lingers_until_);
  wait.reading = reading();
  return wait;
}

Action HopLeg::hand_out(const Action& write) {
  const bool eases = outbox_.octets() <= kMostWaiting &&
                     outbox_.octets() + write.bytes.size() > kMostWaiting && passage_ != nullptr;
  if (eases) passage_->ease(*this);
  return write;
}

void HopLeg::received(MutableBytes bytes, Instant now) {
  if (!over_ && !aborted_ && passage_ != nullptr) passage_->received(*this, view(bytes), now);
}

void HopLeg::ended(End how, Instant now) {
  peer_ended_ = true;
  if (how == End::reset) over_ = true, outbox_.clear();
  if (pool_ != nullptr) leave_pool(), leave();
  if (passage_ != nullptr) passage_->ended(*this, how, now);
}

bool HopLeg::reading() const {
  return passage_ == nullptr || passage_->reading(*this);
}

void HopLeg::send(Bytes octets) {
  if (over_ || finishing_ || octets.empty()) return;
  outbox_.push(std::move(octets));
  stir();
}

void HopLeg::finish() {
  finishing_ = true;
  stir();
}

void HopLeg::abort() {
  aborted_ = true;
  stir();
}

void HopLeg::leave() {
  leaving_ = true;
  passage_ = nullptr;
  finish();
}

void HopLeg::rest(std::vector<HopLeg*>& pool) {
  passage_ = nullptr;
  pool_ = &pool;
  pool.push_back(this);
}

void HopLeg::serve(HopPassage& passage) {
  leave_pool();
  passage_ = &passage;
}

void HopLeg::leave_pool() {
  if (pool_ != nullptr) std::erase(*std::exchange(pool_, nullptr), this);
}

Action HopLeg::over(Action::Kind kind) {
  over_ = true;
  last_ = kind;
  return kind == Action::Kind::reset ? Action::reset() : Action::close();
}

}  // namespace wsspec
