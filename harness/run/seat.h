// Seat: a connection that a client has made. It waits, with what it has said so far, until a case plays it.
//
// What it is not: a judge; a connection that ends without a word was none (browsers open some in advance).
// Invariants: at most one player; holds at most kMostHeld octets and then does not read; the player's clock
// begins when it is seated.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "net/driver.h"
#include "net/tls_host.h"
#include "play/preface.h"
#include "protocol/endpoint.h"

namespace wsspec {

class Seat final : public Endpoint {
 public:
  static constexpr std::size_t kMostHeld = 64 * 1024;

  /// `spoken` is called with the first octets and each later piece until somebody plays it, which it may
  /// bring about.
  /// `prefaced`: a PROXY header is taken off its begin.
  explicit Seat(std::function<void(Seat&)> spoken, bool prefaced = false)
      : spoken_(std::move(spoken)), prefaced_(prefaced) {}

  bool is_free() const { return player_ == nullptr && !over_; }
  bool has_spoken() const { return !held_.empty(); }
  BytesView held() const { return held_; }             ///< What it has said so far,
  const Preface& preface() const { return preface_; }  ///< behind this.
  /// `player` has it from now on, with all that was said; it must live until leave() or the end.
  void play(Endpoint& player) { play(player, {}); }
  /// By a clock of the player that stands at `at`.
  void play(Endpoint& player, Instant at) {
    player_ = &player;
    from_ = now_ - at;
  }
  /// Called behind each call of the player, before what it wants is done.
  void attended(std::function<void()> attend) { attend_ = std::move(attend); }
  /// Nobody plays it any more: the player may be gone.
  void leave() {
    player_ = nullptr;
    over_ = true;
  }
  Instant heard_at() const { return now_; }  ///< When it last had something to do, by its own clock.
  Duration waited() const { return from_; }
  Driver::Id id = 0;

  Action next(Instant now) override {
    now_ = now;
    if (over_) return Action::reset();
    if (player_ == nullptr) return Action::wait();
    hand_over(now);
    Action action = player_->next(now - from_);
    if (action.until != kNever) action.until += from_;
    if (attend_) attend_();
    return action;
  }
  void received(MutableBytes bytes, Instant now) override {
    now_ = now;
    if (over_) return;
    if (player_ == nullptr) {
      held_.append(view(bytes));
      const bool goes_on = !prefaced_ || preface_.take(held_);
      return goes_on && !held_.empty() ? spoken_(*this) : void();
    }
    hand_over(now);
    player_->received(bytes, now - from_);
  }
  void ended(End how, Instant now) override {
    now_ = now;
    if (player_ == nullptr) return leave();
    hand_over(now);
    player_->ended(how, now - from_);
  }
  bool reading() const override { return player_ != nullptr ? player_->reading() : held_.size() < kMostHeld; }
  void was_read(bool seen, Instant now) override {
    if (player_ != nullptr) player_->was_read(seen, now - from_);
  }

 private:
  void hand_over(Instant now) {
    if (held_.empty()) return;
    Bytes held = std::exchange(held_, {});
    player_->received({held.data(), held.size()}, now - from_);
  }

  std::function<void(Seat&)> spoken_;
  const bool prefaced_;
  Preface preface_;
  std::function<void()> attend_;
  Endpoint* player_ = nullptr;
  Bytes held_;
  Instant now_{}, from_{};
  bool over_ = false;
};

/// The guest of a listener that `seat` is; `finished` is told of its end.
inline Driver::Guest guest_of(std::shared_ptr<Seat> seat, Driver::Finished finished) {
  Driver::Guest guest(*seat, std::move(finished));
  guest.id = &seat->id;
  guest.endpoint = std::move(seat);
  return guest;
}

/// The same, where all connections are served over TLS alike; `tls` null: in clear.
inline Driver::Guest guest_of(std::shared_ptr<Seat> seat, Driver::Finished finished, const TlsHost* tls) {
  auto guest = guest_of(std::move(seat), std::move(finished));
  if (tls != nullptr) guest.endpoint = tls->wrap({}, std::move(guest.endpoint), {});
  return guest;
}

}  // namespace wsspec
