// What we have said, and what an answer shows of it.
//
// An application may say what it likes (no clause forbids data), so a message is evidence only when it holds
// what we sent: an echo of something legal is owed or at least harmless, an echo of what stands at or behind
// a fault shows that the fault was processed (RFC 6455 7.1.7), anything else is the application's own words.
//
// What it is not: a reader of everything. It keeps the first kSaidKept octets of our frames and decodes them
// only when somebody asks, which is rare. Invariant: bounded memory, no verdicts.
#pragma once

#include <optional>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/extension.h"

namespace wsspec {

inline constexpr std::size_t kSaidKept = 256 * 1024;

class Said {
 public:
  explicit Said(Role ours) : ours_(ours) {}
  void begin_frames(std::optional<DeflateSettings> deflate) { deflate_ = deflate; }
  /// Octets of our frames, in the order of the stream.
  void sent(BytesView bytes);

  /// A data message came ahead of any fault, whole.
  bool any_message() const { return !decoded().messages.empty(); }
  /// The payload is that of a data frame at or behind our fault, or of the message that holds it.
  bool shows_fault(BytesView payload) const;
  /// The payload is all that we sent of a message that is not complete.
  bool shows_unfinished(BytesView payload) const;
  /// A pong with this payload answers a ping at our fault that is no whole, legal ping.
  bool shows_broken_ping(BytesView payload) const;
  /// All that we sent is kept.
  bool whole() const { return kept_.size() < kSaidKept; }
  /// The payload repeats something that we sent and that is kept, whole or in part.
  bool repeats(BytesView payload) const;
  /// All of it stands in something that we sent and that is kept.
  bool holds(BytesView part) const;
  /// Of the data frames kept, inflated, then of the messages they join to.
  std::vector<BytesView> payloads() const;
  /// It is as long as something that we sent: perhaps an echo of which every octet is damaged.
  bool as_long(BytesView payload) const;

 private:
  struct Decoded {
    std::size_t octets = 0;              ///< How much of `kept_` this is about.
    std::vector<Bytes> messages;         ///< Complete, legal.
    std::vector<Bytes> frames;           ///< Payloads of all data frames, inflated where that is possible.
    std::vector<std::uint64_t> lengths;  ///< Of these; of one that is not kept whole as its header says.
    std::vector<Bytes> faulty;           ///< Of data at or behind the fault: frames, and what they join to.
    std::optional<Bytes> unfinished;     ///< The message under way at the end, or at the fault.
    std::vector<Bytes> pings;            ///< Of pings at the fault.
  };
  const Decoded& decoded() const;
  Decoded decode() const;

  Role ours_;
  std::optional<DeflateSettings> deflate_;
  Bytes kept_;
  mutable Decoded decoded_;
};

/// `payload` repeats what was said, whole or in part, perhaps damaged.
bool is_repeated(BytesView said, BytesView payload);

}  // namespace wsspec
