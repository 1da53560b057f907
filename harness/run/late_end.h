// LateEnd: our end of one of several connections of a case, by the clock of the first.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>

#include "net/driver.h"
#include "protocol/endpoint.h"

namespace wsspec {

class LateEnd final : public Endpoint {
 public:
  /// `elapsed`: what the clock of the first shows now; `attend` is called behind each call of the player.
  LateEnd(Endpoint& end, std::function<Duration()> elapsed, std::function<void()> attend)
      : end_(end), elapsed_(std::move(elapsed)), attend_(std::move(attend)) {}

  Action next(Instant now) override {
    Action action = end_.next(common(now));
    if (action.until != kNever) action.until = std::max(action.until - *late_, Instant::zero());
    attend_();
    return action;
  }
  void received(MutableBytes bytes, Instant now) override { end_.received(bytes, common(now)); }
  void received_head(const Head& head, Instant now) override { end_.received_head(head, common(now)); }
  void ended(End how, Instant now) override { end_.ended(how, common(now)); }
  bool reading() const override { return end_.reading(); }
  void was_read(bool seen, Instant now) override { end_.was_read(seen, common(now)); }

  Driver::Id id = 0;

 private:
  Instant common(Instant now) {
    if (!late_) late_ = elapsed_() - now;
    return now + *late_;
  }

  Endpoint& end_;
  std::function<Duration()> elapsed_;
  std::function<void()> attend_;
  std::optional<Duration> late_;  ///< How much later than the first it was made.
};

}  // namespace wsspec
