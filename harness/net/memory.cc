#include "net/memory.h"

#include <algorithm>
#include <deque>

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
  std::size_t octets = 0;  ///< In all of them.
  bool closed = false;     ///< Nothing more will be sent.

  void clear() { items.clear(), octets = 0; }
};

struct Side {
  Endpoint& endpoint;
  Channel out{};
  Instant until{};  ///< When to ask again; zero at the start.
  bool reading = true;
  bool finished = false;
};

class Coupling {
 public:
  Coupling(Endpoint& first, Endpoint& second, const MemoryOptions& options)
      : options_(options), first_{first}, second_{second} {}

  MemoryEnding run() {
    while (!over()) {
      if (steps_ >= options_.steps) return ending(MemoryEnding::Why::steps);
      if (step(first_, second_) || step(second_, first_)) continue;
      if (first_.finished && options_.until_first_done) break;
      const auto next = next_instant();
      if (next == kNever) return ending(MemoryEnding::Why::idle);
      if (next > options_.limit) return ending(MemoryEnding::Why::time);
      now_ = std::max(now_, next);
    }
    return ending(MemoryEnding::Why::finished);
  }

 private:
  MemoryEnding ending(MemoryEnding::Why why) const { return {why, now_, steps_, octets_}; }
  bool over() const { return first_.finished && second_.finished; }

  bool has_input(const Side& to, const Side& from) const {
    return to.reading && !from.out.items.empty() && from.out.items.front().at <= now_;
  }

  /// Its last write waits: the other side does not read, and what lies between them is full.
  bool is_blocked(const Side& side, const Side& other) const {
    return !other.reading && side.out.octets > options_.room;
  }

  /// One thing for `side` to do at this instant; false when there is none.
  bool step(Side& side, Side& other) {
    if (side.finished) {
      other.out.clear();
      return false;
    }
    if (has_input(side, other)) {
      deliver(side, other.out);
      side.until = now_;
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
    if (item.bytes.empty()) {
      const auto how = item.end;
      from.items.pop_front();
      to.endpoint.ended(how, now_);
      return;
    }
    const auto left = item.bytes.size() - item.taken;
    const auto count = options_.segment == 0 ? left : std::min(left, options_.segment);
    to.endpoint.received({item.bytes.data() + item.taken, count}, now_);
    item.taken += count;
    from.octets -= count;
    if (item.taken == item.bytes.size()) from.items.pop_front();
  }

  void ask(Side& side, Side& other) {
    ++steps_;
    const auto action = side.endpoint.next(now_);
    switch (action.kind) {
      case Action::Kind::send:
        octets_ += action.bytes.size();
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
        side.until = action.until == kNever ? kNever : std::max(action.until, now_ + Duration(1));
        side.reading = action.reading;
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
    auto next = kNever;
    const auto consider = [&](const Side& to, const Side& from) {
      if (to.finished) return;
      if (!is_blocked(to, from)) next = std::min(next, to.until);
      if (to.reading && !from.out.items.empty()) next = std::min(next, from.out.items.front().at);
    };
    consider(first_, second_);
    consider(second_, first_);
    return next;
  }

  const MemoryOptions& options_;
  Side first_, second_;
  Instant now_{};
  std::uint64_t steps_ = 0, octets_ = 0;
};

}  // namespace

MemoryEnding couple(Endpoint& first, Endpoint& second, const MemoryOptions& options) {
  return Coupling(first, second, options).run();
}

}  // namespace wsspec
