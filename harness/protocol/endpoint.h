// Endpoint: one end of one connection without sockets, clocks or threads ("sans-IO").
//
// Both the player of a case and the reference peer are Endpoints. A driver (TCP, TLS, Unix socket, or memory
// with a made-up clock) moves their bytes. The driver connects first, then repeats:
//   ask next(now) until it answers something other than `send`; write what is to be sent; hand what arrives
//   to received(); tell the end of the stream once with ended(); ask next() again after each of these and at
//   `until`.
//
// Invariants: bytes of a `send` stay valid until the following call of any member; one `send` is one write of
// the transport; after ended(reset) nothing more can be sent; after `done` the driver aborts what is still
// open.
#pragma once

#include <chrono>

#include <cstdint>
#include <memory>
#include <optional>

#include "protocol/bytes.h"

namespace wsspec {

struct Head;  // protocol/http.h

using Duration = std::chrono::nanoseconds;
using Instant =
    std::chrono::nanoseconds;  ///< Since the connection was made; the driver's clock, perhaps made up.
inline constexpr Instant kNever = Instant::max();

/// `--time-scale` on a time of ours.
inline Duration scaled(Duration time, double scale) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(time.count()) * scale));
}

struct Action {
  enum class Kind {
    send,        ///< Write `bytes`, then ask again.
    wait,        ///< Nothing to do until bytes arrive, the stream ends, or `until` has come.
    half_close,  ///< Send FIN (a TLS close_notify first), keep reading, then ask again.
    close,       ///< Close in an orderly way; the endpoint is finished.
    reset,       ///< Abort with RST (SO_LINGER 0); the endpoint is finished.
  };
  Kind kind = Kind::wait;
  BytesView bytes{};
  Instant until = kNever;
  bool reading = true;  ///< For wait: false leaves arriving bytes in the kernel (a stalled reader).
  /// For send: `bytes` begin with `head_octets` that are this head in HTTP/1.1. A transport that has fields
  /// of its own (HTTP/2) sends the fields instead, and what stands behind them as data. Null: octets alone,
  /// which only HTTP/1.1 can carry ahead of the upgrade.
  const Head* head = nullptr;
  std::size_t head_octets = 0;
  bool until_read = false;  ///< For wait: was_read() is told, also before `until`, of what was sent.

  static Action send(BytesView bytes) { return {Kind::send, bytes, kNever, true}; }
  static Action send(BytesView bytes, const Head& head, std::size_t head_octets) {
    return {Kind::send, bytes, kNever, true, &head, head_octets};
  }
  static Action wait(Instant until = kNever) { return {Kind::wait, {}, until, true}; }
  static Action wait_until_read(Instant until) {
    auto action = wait(until);
    action.until_read = true;
    return action;
  }
  static Action stall(Instant until) { return {Kind::wait, {}, until, false}; }
  static Action half_close() { return {Kind::half_close, {}, kNever, true}; }
  static Action close() { return {Kind::close, {}, kNever, true}; }
  static Action reset() { return {Kind::reset, {}, kNever, true}; }
};

/// How the other side's stream ended.
struct End {
  enum Way {
    fin,        ///< Orderly end of TCP (with TLS: close_notify came first).
    truncated,  ///< TLS only: TCP ended without close_notify.
    reset,      ///< RST, or a write into a closed connection.
  };
  Way way = fin;
  std::optional<std::uint32_t> code;  ///< Where the transport has one: RST_STREAM (RFC 9113 7).

  constexpr End() = default;
  constexpr End(Way how, std::optional<std::uint32_t> with = {}) : way(how), code(with) {}
  constexpr bool operator==(Way how) const { return way == how; }
};

class Endpoint {
 public:
  virtual ~Endpoint() = default;
  virtual Action next(Instant now) = 0;
  /// `bytes` may be changed in place (unmasking) and are not kept.
  virtual void received(MutableBytes bytes, Instant now) = 0;
  virtual void ended(End how, Instant now) = 0;
  /// While a `send` waits for room: whether octets are taken meanwhile. false: they stay in the kernel, and
  /// next() is asked for more all the same.
  virtual bool reading() const { return true; }
  /// Answers a wait that asks for it: `seen` when the other end's program has read all that was sent; false
  /// when the transport cannot see that.
  virtual void was_read(bool /*seen*/, Instant /*now*/) {}
  /// A head that the transport has got as fields; whoever does not care takes it as HTTP/1.1 octets.
  virtual void received_head(const Head& head, Instant now);
};

/// For those who keep endpoints by shared pointers: `endpoint` must outlive them.
inline std::shared_ptr<Endpoint> borrowed(Endpoint& endpoint) {
  return {std::shared_ptr<Endpoint>(), &endpoint};
}

}  // namespace wsspec
