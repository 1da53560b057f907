#include "net/memory.h"

#include <algorithm>
#include <deque>

#include "protocol/mix.h"

namespace wsspec {
namespace {

/// What one side has sent and the other has not taken yet.
struct Channel {
  struct Item {
    Instant at;
    Bytes bytes;  ///< Empty: the end of the stream.
    std::size_t taken = 0;
    End end = End::fin;
  };
  std::deque<Item> items;
  std::size_t octets = 0;
  bool closed = false;  ///< Nothing more will be sent.

  void clear() {
    items.clear();
    octets = 0;
  }
};

struct Side {
  Endpoint* endpoint = nullptr;
  Instant born{};  ///< Where its clock began.
  Channel out{};
  Instant until{};  ///< When to ask again; at once at the start.
  bool reading = true;
  bool awaits_reader = false;  ///< It is to be told when the other side has got everything,
  bool told_read = false;      ///< and was: once for what it has sent so far.
  bool finished = false;
};

struct Pair {
  std::size_t number = 0;
  Side first, second;
  std::unique_ptr<Endpoint> owned;  ///< The second's endpoint, when it is ours.
};

class Coupling {
 public:
  Coupling(const Meeting* meeting, const MemoryOptions& options) : meeting_(meeting), options_(options) {}

  void add(std::size_t number, Endpoint& first, Endpoint& second) {
    auto& pair = pairs_.emplace_back();
    pair.number = number;
    for (auto* side : {&pair.first, &pair.second}) side->born = side->until = now_;
    if (visitor() != nullptr) pair.first.born = {};  // Its ends go by one clock.
    if (visitor() != nullptr && visitor()->has_one_clock()) pair.second.born = {};
    pair.first.endpoint = &first;
    pair.second.endpoint = &second;
  }

  void make(std::size_t number) {
    auto second = meeting_->second(number);
    add(number, meeting_->first(number), *second);
    pairs_.back().owned = std::move(second);
  }

  MemoryEnding run() {
    while (is_awaited() || !std::ranges::all_of(pairs_, [](const Pair& one) {
             return one.first.finished && one.second.finished;
           })) {
      if (steps_ >= options_.steps) return ending(MemoryEnding::Why::steps);
      if (step() || receive_visitor()) continue;
      const bool done = std::ranges::all_of(pairs_, [](const Pair& one) { return one.first.finished; });
      if (done && !is_awaited() && options_.until_first_done) break;
      const auto next = next_instant();
      if (next == kNever) return ending(MemoryEnding::Why::idle);
      if (next > options_.limit) return ending(MemoryEnding::Why::time);
      now_ = std::max(now_, next);
    }
    return ending(MemoryEnding::Why::finished);
  }

 private:
  Visitor* visitor() const { return meeting_ == nullptr ? nullptr : meeting_->visitor; }
  /// The first side waits for somebody though there may be no connection.
  bool is_awaited() const { return visitor() != nullptr && (pairs_.empty() || visitor()->due() != kNever); }

  /// What is to be done at this instant outside of all connections; false when there is nothing.
  bool receive_visitor() {
    if (visitor() == nullptr) return false;
    if (visitor()->next() <= now_) {
      ++steps_;
      if (const auto number = visitor()->come(now_)) make(*number);
      attend();
      return true;
    }
    if (visitor()->due() > now_) return false;
    ++steps_;
    visitor()->wake(now_);
    attend();
    return true;
  }

  MemoryEnding ending(MemoryEnding::Why why) const { return {why, now_, steps_, octets_}; }

  bool step() {
    const auto count = pairs_.size();
    const auto begin = count < 2 ? 0 : mix(options_.seed ^ steps_) % count;
    for (std::size_t i = 0; i < count; ++i) {
      auto& pair = pairs_[(begin + i) % count];
      if (step(pair.first, pair.second)) {
        attend();
        return true;
      }
      const bool there = !pair.second.finished;
      const bool stepped = step(pair.second, pair.first);
      if (stepped) stir();
      if (there && pair.second.finished && visitor() != nullptr) visitor()->left(pair.number, now_);
      if (stepped) return true;
    }
    return false;
  }

  void stir() {
    if (visitor() == nullptr) return;
    const auto stirred = visitor()->take_stirred();
    for (auto& pair : pairs_)
      if (std::ranges::find(stirred, pair.second.endpoint) != stirred.end()) pair.second.until = now_;
  }

  void attend() {
    if (meeting_ == nullptr) return;
    for (const auto number : meeting_->wanted()) {
      const auto known = std::ranges::find(pairs_, number, &Pair::number);
      if (known == pairs_.end())
        make(number);
      else
        known->first.until = now_;
    }
  }

  /// When the next item of `from` can be handed to `to`; never while that does not read.
  static Instant next_input(const Side& to, const Side& from) {
    return reads(to) && !from.out.items.empty() ? from.out.items.front().at : kNever;
  }
  static bool reads(const Side& side) { return side.reading && side.endpoint->reading(); }

  /// Its last write waits: the other side does not read, and what lies between them is full. Who does not
  /// read himself cannot expect to be read: he goes on.
  bool is_blocked(const Side& side, const Side& other) const {
    return !reads(other) && reads(side) && side.out.octets > options_.room;
  }

  /// One thing for `side` to do at this instant; false when there is none.
  bool step(Side& side, Side& other) {
    if (side.finished) {
      other.out.clear();
      return false;
    }
    if (next_input(side, other) <= now_) {
      deliver(side, other.out);
      side.until = now_;
      tell_read(other);
      ++steps_;
      if (is_blocked(side, other)) return true;
    } else if (side.until > now_ || is_blocked(side, other)) {
      return false;
    }
    ask(side, other);
    return true;
  }

  void deliver(Side& to, Channel& from) {
    auto& item = from.items.front();
    const auto now = now_ - to.born;
    if (item.bytes.empty()) {
      const auto how = item.end;
      from.items.pop_front();
      to.endpoint->ended(how, now);
      return;
    }
    const auto left = item.bytes.size() - item.taken;
    const auto count = options_.segment == 0 ? left : std::min(left, options_.segment);
    to.endpoint->received({item.bytes.data() + item.taken, count}, now);
    item.taken += count;
    from.octets -= count;
    if (item.taken == item.bytes.size()) from.items.pop_front();
  }

  void ask(Side& side, Side& other) {
    ++steps_;
    const auto action = side.endpoint->next(now_ - side.born);
    switch (action.kind) {
      case Action::Kind::send:
        octets_ += action.bytes.size();
        side.told_read = false;
        if (!action.bytes.empty() && !side.out.closed && !other.finished) {
          side.out.items.push_back({now_ + options_.latency, Bytes(action.bytes), 0, End::fin});
          side.out.octets += action.bytes.size();
        }
        side.until = now_;  // Ask again.
        break;
      case Action::Kind::half_close:
        end_stream(side, End::fin);
        side.until = now_;
        break;
      case Action::Kind::wait:
        // An `until` already past would spin; the next instant is soon enough.
        side.until = action.until == kNever ? kNever : std::max(action.until + side.born, now_ + Duration(1));
        side.reading = action.reading;
        side.awaits_reader = action.until_read;
        tell_read(side);
        break;
      case Action::Kind::close:
        end_stream(side, End::fin);
        finish(side, other);
        break;
      case Action::Kind::reset:
        side.out.clear();
        side.out.closed = false;
        end_stream(side, End::reset);
        finish(side, other);
        break;
    }
  }

  void tell_read(Side& side) {
    if (!side.out.items.empty() || !side.awaits_reader || std::exchange(side.told_read, true)) return;
    side.endpoint->was_read(true, now_ - side.born);
    side.until = now_;
  }

  void end_stream(Side& side, End how) {
    if (side.out.closed) return;
    side.out.closed = true;
    side.out.items.push_back({now_ + options_.latency, {}, 0, how});
  }

  void finish(Side& side, Side& other) {
    side.finished = true;
    other.out.clear();
  }

  Instant next_instant() const {
    auto next = visitor() == nullptr ? kNever : std::min(visitor()->next(), visitor()->due());
    const auto consider = [&](const Side& to, const Side& from) {
      if (to.finished) return;
      if (!is_blocked(to, from)) next = std::min(next, to.until);
      next = std::min(next, next_input(to, from));
    };
    for (const auto& pair : pairs_) {
      consider(pair.first, pair.second);
      consider(pair.second, pair.first);
    }
    return next;
  }

  const Meeting* meeting_;
  const MemoryOptions& options_;
  std::deque<Pair> pairs_;
  Instant now_{};
  std::uint64_t steps_ = 0, octets_ = 0;
};

}  // namespace

MemoryEnding couple(Endpoint& first, Endpoint& second, const MemoryOptions& options) {
  Coupling coupling(nullptr, options);
  coupling.add(0, first, second);
  return coupling.run();
}

MemoryEnding couple(const Meeting& meeting, const MemoryOptions& options) {
  Coupling coupling(&meeting, options);
  if (meeting.visitor == nullptr) coupling.make(0);
  return coupling.run();
}

}  // namespace wsspec
