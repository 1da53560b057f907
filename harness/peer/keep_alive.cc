#include "peer/keep_alive.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <ranges>

namespace wsspec {
namespace {

/// The declared time, as the peer keeps it.
Duration kept(Duration declared, unsigned percent) {
  return declared / 100 * percent;
}

}  // namespace

void KeepAlive::begin(Instant now) {
  began_ = pinged_ = heard_ = now;
}

void KeepAlive::took_octets(std::size_t octets, Instant now) {
  octets_ += octets;
  if (!conduct_.counts_messages_only && !conduct_.counts_from_opening) heard_ = now;
  if (conduct_.pings_when_idle) pinged_ = now;
  if (conduct_.any_octets_answer) open_.clear();
}

void KeepAlive::took_message(Instant now) {
  if (!conduct_.counts_from_opening) heard_ = now;
}

void KeepAlive::took_pong(BytesView payload) {
  // Of several alike the newest is answered.
  const auto found = std::ranges::find(open_ | std::views::reverse, payload, &Ping::payload);
  const auto answered = found == open_.rend() ? open_.end() : std::prev(found.base());
  const bool late = conduct_.most_ahead_of_pong != 0 && octets_ > conduct_.most_ahead_of_pong;
  if (answered == open_.end()) {
    met_stranger_ = met_stranger_ || !open_.empty();
  } else if (late) {
    return;
  } else if (conduct_.wants_each_pong) {
    open_.erase(answered);
  } else {
    open_.erase(open_.begin(), answered + 1);
  }
}

Instant KeepAlive::next_ping() const {
  const bool off = policy_.ping_interval == Duration::zero() || conduct_.never_pings ||
                   (conduct_.pings_once && count_ > 0) || (conduct_.one_ping_at_a_time && !open_.empty());
  if (off) return kNever;
  if (count_ == 0 && conduct_.pings_at_once) return began_;
  return pinged_ + kept(policy_.ping_interval, conduct_.interval_percent);
}

Instant KeepAlive::last_call() const {
  Instant at = kNever;
  if (policy_.ping_timeout != Duration::zero() && !conduct_.never_leaves && !open_.empty())
    at = open_.front().at + kept(policy_.ping_timeout, conduct_.timeout_percent);
  if (policy_.idle_limit != Duration::zero() && !conduct_.never_idle)
    at = std::min(at, heard_ + kept(policy_.idle_limit, conduct_.idle_percent));
  if (met_stranger_ && conduct_.hates_strangers) at = Instant::zero();
  return at;
}

Instant KeepAlive::next() const {
  return began_ == kNever ? kNever : std::min(next_ping(), last_call());
}

KeepAlive::Due KeepAlive::due(Instant now) {
  if (began_ == kNever) return Due::nothing;
  if (now >= last_call()) return Due::leave;
  return now >= next_ping() ? Due::ping : Due::nothing;
}

Bytes KeepAlive::ping(Instant now) {
  if (open_.empty()) octets_ = 0;
  pinged_ = now;
  ++count_;
  open_.push_back({conduct_.empty_pings ? Bytes() : Bytes(fmt::format("keep-alive {}", count_)), now});
  if (open_.size() > kMostOpen) open_.pop_front();
  return open_.back().payload;
}

}  // namespace wsspec
