// Memory transport: couples two Endpoints without sockets, by a made-up clock.
//
// Deterministic: the same endpoints give the same octets at the same instants in every run. No real time
// passes; when neither side has anything to do, the clock jumps to the nearer `until`. Invariants: octets
// arrive in order and all of them; ends after bounded steps whatever the endpoints do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/endpoint.h"

namespace wsspec {

struct MemoryOptions {
  std::size_t segment = 0;                 ///< Octets per received() call at most; 0 = a write arrives whole.
  Duration latency{};                      ///< From one side to the other.
  std::size_t room = 4 << 20;              ///< What a side that does not read lets the other write, about.
  std::uint64_t steps = 5'000'000;         ///< Calls of endpoints before we give up.
  Instant limit = std::chrono::hours(24);  ///< Of the made-up clock.
  /// Stop when `first` is finished and `second` has taken what was on its way, its end included.
  bool until_first_done = false;
  std::uint64_t seed = 0;  ///< Of several connections: whose turn it is when several could go on.
};

struct MemoryEnding {
  enum class Why {
    finished,  ///< Both ended (or the first one, when asked so).
    idle,      ///< Both wait for ever.
    steps,     ///< More steps than allowed: an endpoint spins.
    time,      ///< The made-up clock passed the limit.
  };
  Why why = Why::finished;
  Instant at{};
  std::uint64_t steps = 0;
  std::uint64_t octets = 0;  ///< Sent by both.
};

MemoryEnding couple(Endpoint& first, Endpoint& second, const MemoryOptions& options = {});

/// A second side that comes when it likes, and a first side that may wait for it with no connection at all.
class Visitor {
 public:
  virtual ~Visitor() = default;
  /// When it makes its next connection; kNever: not before `left`, if ever.
  virtual Instant next() const = 0;
  /// It does: the number of the connection; nothing: it was refused.
  virtual std::optional<std::size_t> come(Instant now) = 0;
  /// Its end of a connection is finished.
  virtual void left(std::size_t number, Instant now) = 0;
  /// When the first side is to be woken though none of its ends is asked; kNever: not at all.
  virtual Instant due() const = 0;
  virtual void wake(Instant now) = 0;
  /// Asked after each call of one of its ends: which of them are to be asked again, as one was told something
  /// that concerns them.
  virtual std::vector<Endpoint*> take_stirred() { return {}; }
  /// Its ends go by one clock, that of the whole, and not each by its own.
  virtual bool has_one_clock() const { return false; }
};

/// Several connections by one clock. The first is there from the beginning.
struct Meeting {
  std::function<Endpoint&(std::size_t)> first;
  std::function<std::unique_ptr<Endpoint>(std::size_t)> second;
  /// Asked after each call of a `first`: the connections that are to be made, or asked again.
  std::function<std::vector<std::size_t>()> wanted;
  Visitor* visitor =
      nullptr;  ///< Makes the connections by itself, the first one too; null: `wanted` ones are.
};
MemoryEnding couple(const Meeting& meeting, const MemoryOptions& options = {});

}  // namespace wsspec
