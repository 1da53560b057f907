// BackConnection: a connection that a hop has made to our server, and whose turn it is on it. A hop may send
// the request of whoever comes next on a connection that it has kept, so whose it is shows with each request.
//
// What it is not: a judge, or who knows the tokens. Invariants: at most one player at a time; a turn ends
// only between two requests, so what belongs to one is never heard by another; what waits for its player is
// at most kMostHeld octets; the clock of a player begins with its turn.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "net/driver.h"
#include "play/preface.h"
#include "protocol/endpoint.h"
#include "run/exchange.h"

namespace wsspec {

class BackConnection final : public Endpoint {
 public:
  static constexpr std::size_t kMostHeld = 64 * 1024;

  /// `spoken` is called with the first octets of a request, and each later piece until somebody is given
  /// them.
  explicit BackConnection(std::function<void(BackConnection&)> spoken) : spoken_(std::move(spoken)) {}

  /// What waits for somebody to hear it,
  BytesView held() const { return held_; }
  /// behind what the connection began with.
  const Preface& preface() const { return preface_; }
  /// It is more than half a request head.
  bool holds_request() const;
  /// It can be no request head.
  bool holds_other() const { return !held_.empty() && (held_.front() < 'A' || held_.front() > 'Z'); }

  /// `player` has it from now on, with what is held, by a clock that stands at `at`. It must live until its
  /// turn is over. `attend` is called behind each call of it, `left` when it is at its end and the connection
  /// is not: then the turn is over.
  void play(Endpoint& player, Instant at, std::function<void()> attend = {}, std::function<void()> left = {});
  /// Who has it hears what is held, too.
  void go_on();
  /// The turn of whoever has it is over.
  void part();
  bool is_played() const { return player_ != nullptr; }
  /// We answer what is held ourselves; `last`: and end the connection.
  void answer(BytesView octets, bool last);

  Instant heard_at() const { return now_; }  ///< When it last had something to do, by its own clock.
  Driver::Id id = 0;

  Action next(Instant now) override;
  void received(MutableBytes bytes, Instant now) override;
  void ended(End how, Instant now) override;
  bool reading() const override { return player_ ? player_->reading() : held_.size() < kMostHeld; }
  void was_read(bool seen, Instant now) override {
    if (player_) player_->was_read(seen, now - from_);
  }

 private:
  bool is_free() const { return !ending_ && exchange_.at_rest(); }
  void hand_over();

  std::function<void(BackConnection&)> spoken_;
  std::function<void()> attend_, left_;
  Endpoint* player_ = nullptr;
  bool waits_ = true;     ///< What comes is held.
  bool prefaced_ = true;  ///< A PROXY header may still come.
  Preface preface_;
  Exchange exchange_;
  Bytes held_;
  Bytes answer_, sent_;  ///< Of ours: to be sent, and being sent.
  Instant now_{}, from_{};
  bool last_ = false;    ///< We end it behind our answer.
  bool ending_ = false;  ///< One of the two sides has ended.
};

}  // namespace wsspec
