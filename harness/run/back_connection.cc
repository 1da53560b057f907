#include "run/back_connection.h"

namespace wsspec {

bool BackConnection::holds_request() const {
  return held_.find("\r\n\r\n") != held_.npos || held_.find("\n\n") != held_.npos ||
         held_.size() >= kMostHeld;
}

void BackConnection::play(Endpoint& player, Instant at, std::function<void()> attend,
                          std::function<void()> left) {
  player_ = &player;
  attend_ = std::move(attend);
  left_ = std::move(left);
  from_ = now_ - at;
  waits_ = false;
}

void BackConnection::go_on() {
  waits_ = false;
}

void BackConnection::part() {
  player_ = nullptr;
  attend_ = left_ = {};
  waits_ = true;
}

void BackConnection::answer(BytesView octets, bool last) {
  held_.clear();
  answer_ += octets;
  last_ |= last;
}

Action BackConnection::next(Instant now) {
  now_ = now;
  if (!answer_.empty()) {
    sent_ = std::exchange(answer_, {});
    return Action::send(sent_);
  }
  if (player_ == nullptr) return last_ || ending_ ? Action::close() : Action::wait();
  hand_over();
  Action action = player_->next(now - from_);
  if (action.until != kNever) action.until += from_;
  if (action.kind == Action::Kind::send) exchange_.answered(action.bytes);
  ending_ |= action.kind == Action::Kind::half_close || action.kind == Action::Kind::reset;
  waits_ = is_free();
  if (attend_) attend_();
  if (action.kind != Action::Kind::close || !is_free() || !left_) return action;
  const auto left = std::move(left_);
  part();
  left();
  return Action::wait();
}

void BackConnection::received(MutableBytes bytes, Instant now) {
  now_ = now;
  held_.append(view(bytes));
  if (prefaced_ && !preface_.take(held_)) return;
  prefaced_ = prefaced_ && held_.empty();
  if (waits_ && !held_.empty()) spoken_(*this);
  hand_over();
}

void BackConnection::ended(End how, Instant now) {
  now_ = now;
  ending_ = true;
  waits_ = false;
  hand_over();
  if (player_ != nullptr) player_->ended(how, now - from_);
}

void BackConnection::hand_over() {
  if (waits_ || held_.empty() || player_ == nullptr) return;
  Bytes held = std::exchange(held_, {});
  exchange_.asked(held);
  player_->received({held.data(), held.size()}, now_ - from_);
}

}  // namespace wsspec
