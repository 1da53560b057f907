// KeepAlive: when the peer pings on an open connection, and when it gives the connection up.
//
// No text obliges anybody to either (RFC 6455 5.5.2, 7.1.7); a server or client that does so says when. What
// it is not: a sender; it is told what came, and asked what is due. Invariants: without a policy nothing is
// ever due; a pong answers its ping and all before it (5.5.3); memory is bounded by kMostOpen.
#pragma once

#include <deque>
#include <optional>

#include "peer/conduct.h"
#include "protocol/endpoint.h"

namespace wsspec {

/// Zero: it does not do so.
struct KeepAlivePolicy {
  Duration ping_interval{};  ///< From one ping to the next, and from the opening to the first.
  Duration ping_timeout{};   ///< From a ping to the end of the connection when its pong does not come.
  Duration idle_limit{};     ///< From the last frame that came to the end of the connection.
};

class KeepAlive {
 public:
  KeepAlive(const KeepAlivePolicy& policy, const KeepAliveConduct& conduct)
      : policy_(policy), conduct_(conduct) {}

  void begin(Instant now);
  void took_octets(std::size_t octets, Instant now);
  void took_message(Instant now);
  void took_pong(BytesView payload);

  enum class Due { nothing, ping, leave };
  Due due(Instant now);
  /// The payload of the ping that is due.
  Bytes ping(Instant now);
  /// When due() is to be asked again.
  Instant next() const;
  /// A pong came that answers no ping while one is awaited.
  bool met_stranger() const { return met_stranger_; }
  /// Why due() says `leave`: a pong that did not come, else silence.
  bool misses_pong() const { return !open_.empty(); }

 private:
  struct Ping {
    Bytes payload;
    Instant at;
  };
  static constexpr std::size_t kMostOpen = 256;
  Instant next_ping() const;
  Instant last_call() const;

  const KeepAlivePolicy& policy_;
  const KeepAliveConduct& conduct_;
  std::deque<Ping> open_;  ///< Not answered yet.
  Instant began_ = kNever, pinged_{}, heard_{};
  std::uint64_t count_ = 0;
  std::size_t octets_ = 0;  ///< That came since the oldest open ping.
  bool met_stranger_ = false;
};

}  // namespace wsspec
