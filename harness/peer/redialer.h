// Redialer: when a client that reconnects makes its next connection. Sans-IO, by a clock that it is given.
//
// What it is not: a connection; whoever drives it makes them and tells how they went. Without a defect or
// liberty it does what RFC 6455 7.2.3 asks for: the first delay is drawn at random, later ones grow to a cap,
// and only a connection that has lasted begins anew.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/endpoint.h"

namespace wsspec {

/// How a client reconnects. Durations as a user would set them.
struct Comeback {
  Duration first_least = std::chrono::milliseconds(300), first_most = std::chrono::seconds(3);
  Duration base = std::chrono::seconds(1), cap = std::chrono::seconds(30);
  double factor = 2;                           ///< Of each delay beside the one before; 1: they do not grow.
  double jitter = 0.2;                         ///< Of a delay: so much of it, up or down.
  bool full_jitter = false;                    ///< Anything from nothing to the delay.
  Duration steady = std::chrono::seconds(20);  ///< A connection that lasts so long begins anew.
  bool opened_is_steady = false;               ///< So does any that was opened.
  unsigned most = 0;                           ///< Attempts in a row until it gives up; 0: it never does.
  bool never = false;
  bool minds_retry_after = true;
  bool knows_no_dates = false;  ///< In Retry-After: such a one is none.
  unsigned redirects = 0;       ///< So many in a row are followed, at once.
};

/// How a connection of it went.
struct Departure {
  bool opened = false;  ///< The handshake was over.
  Duration lasted{};
  bool redirected = false;              ///< The refusal names another place.
  std::optional<Duration> retry_after;  ///< What the server asked for with its refusal.
};

class Redialer {
 public:
  Redialer(const Comeback& how, std::uint64_t seed) : how_(how), seed_(seed) {}

  void ended(const Departure& departure, Instant now);
  /// Nobody listens.
  void refused(Instant now) { ended({}, now); }
  /// When it connects next; kNever: not at all, or not before the present connection has ended.
  Instant next() const { return next_; }
  void connected() { next_ = kNever; }

 private:
  Duration delay();
  double draw();  ///< From 0 to 1.

  const Comeback how_;
  std::uint64_t seed_, drawn_ = 0;
  unsigned redirects_ = 0;
  unsigned attempts_ = 0;  ///< Since the last connection that lasted.
  Instant next_ = kNever;
};

}  // namespace wsspec
