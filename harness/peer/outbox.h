// Outbox: octets waiting to be written, in order, as few writes as can be without copying what is large.
//
// What it is not: a framer (sender.h).
// Invariant: bytes of an Action stay valid until the next call of any member.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "protocol/bytes.h"
#include "protocol/endpoint.h"

namespace wsspec {

class Outbox {
 public:
  /// Buffers of this size and more are written on their own, not joined.
  static constexpr std::size_t kLarge = 32 * 1024;
  /// What the kernels on the way hold for a client that does not read, about: beyond it, writes block.
  static constexpr std::size_t kHeld = 3 << 20;

  /// At most `octets` per write (0: no limit); each batch of writes waits for `delay`.
  void pace(std::size_t octets, Duration delay) { segment_ = octets, delay_ = delay; }

  void append(BytesView bytes);
  /// Takes `bytes` from `begin` on, without a copy when large.
  void push(Bytes bytes, std::size_t begin = 0);
  /// Puts `with` in place of octets that wait, behind the first `kKept` of what waits longest.
  void spoil(BytesView with);
  void clear() { queue_.clear(), octets_ = 0; }
  bool is_blocked() const { return octets_ > kHeld; }

  // What only defects do, while blocked. "There" is where kHeld octets end: in the midst of what waits.
  void cut_in(BytesView bytes);  ///< Inserts them there.
  void overtake(Bytes bytes);    ///< Inserts them ahead of the last buffer.
  void repeat_piece();           ///< Some octets before there come again.
  void lose_rest();              ///< What the buffer there still holds is lost.

  /// A send, or a wait when there is something to send but not yet, or nothing when all is sent.
  std::optional<Action> next(Instant now);
  std::size_t octets() const { return octets_; }  ///< Not yet handed out.

 private:
  struct Part {
    Bytes bytes;
    std::size_t begin = 0;
  };
  Part& part_there(std::size_t& at);

  std::deque<Part> queue_;
  Bytes writing_, spare_;
  std::size_t octets_ = 0;
  std::size_t segment_ = 0;
  Duration delay_{};
  std::optional<Instant> due_;  ///< When the waiting batch may go.
};

}  // namespace wsspec
