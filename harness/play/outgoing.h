// What we have sent, read as a conforming peer reads it: where frames end, which head it was, which
// pings want a pong, which messages came before the first fault.
//
// What it is not: an expectation. It only tells the player what the target could have understood, so that an
// echo or pong for something sent ahead of the fault is not held against the target (RFC 6455 7.1.7: only
// later input is ignored).
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "play/said.h"
#include "protocol/bytes.h"
#include "protocol/extension.h"
#include "protocol/http.h"
#include "protocol/message.h"

namespace wsspec {

/// What is taken of a head of ours: more than any case writes.
inline constexpr HeadLimits kOwnHead{8 << 20, 100000};

class Outgoing {
 public:
  struct Message {
    bool text = true;
    Bytes payload;
  };

  /// `deep`: also keep the messages sent ahead of a fault (cases that expect `fail`).
  Outgoing(Role ours, bool deep) : ours_(ours), deep_(deep), said_(ours) {}
  /// Frames of ours follow, or will behind the 101 that is still to go out, under these settings.
  void begin_frames(std::optional<DeflateSettings> deflate);
  void sent(BytesView bytes);

  /// No frame is half sent: a pong or close of ours may go out without tearing one apart.
  bool at_boundary() const { return !in_frames_ || scanner_.at_boundary(); }
  /// The first request, or our latest reply.
  const Head& head() const { return head_.head(); }
  /// As a server: our 101 has gone out.
  bool upgraded() const { return ours_ == Role::server && in_frames_; }
  bool head_sent() const { return head_.done(); }
  bool data_sent() const { return data_sent_; }
  bool close_sent() const { return close_sent_; }
  /// Octets of the longest message begun, as they are on the wire (compressed ones are shorter than what they
  /// mean).
  std::uint64_t longest_message() const { return longest_message_; }
  std::optional<std::uint16_t> close_code() const { return close_code_; }
  const std::optional<Incoming>& fault() const { return fault_; }

  /// The oldest ping with this payload that no pong has answered yet (directly or by coalescing); its number.
  std::optional<std::size_t> unanswered_ping(BytesView payload) const;
  /// A ping later than `number` had this payload.
  bool pinged_later(BytesView payload, std::size_t number) const;
  bool ping_behind_fault(std::size_t number) const { return fault_ && number >= pings_read_; }
  /// A pong for this ping also settles all older ones (5.5.3).
  void settle_pings(std::size_t number) { answered_ = std::max(answered_, number + 1); }

  const Said& said() const { return said_; }

  std::deque<Message> messages;  ///< Complete ahead of any fault, not yet echoed (deep only).

 private:
  /// Follows frame borders without touching payloads.
  struct Scanner {
    Bytes head;
    FrameHeader header;
    std::uint64_t left = 0;
    bool at_boundary() const { return head.empty() && left == 0; }
  };
  void scan(BytesView bytes);
  void begin_data(const FrameHeader& header);
  void take(Incoming&& incoming);

  void take_head(BytesView& bytes);

  Role ours_;
  bool deep_;
  bool in_frames_ = false, data_sent_ = false, close_sent_ = false;
  HeadParser head_{kOwnHead};
  std::optional<DeflateSettings> agreed_;  ///< As a server, ahead of our 101.
  Scanner scanner_;
  Bytes control_;
  std::unordered_map<Bytes, std::vector<std::size_t>> pings_;  ///< Payload to numbers, ascending.
  std::size_t ping_count_ = 0, answered_ = 0;  ///< Pings below `answered_` want no pong any more.
  std::size_t pings_read_ = 0;                 ///< Pings that the reader saw ahead of a fault.
  std::optional<std::uint16_t> close_code_;
  std::uint64_t message_octets_ = 0, longest_message_ = 0;
  std::optional<MessageDecoder> reader_;
  std::optional<Incoming> fault_;
  Said said_;
};

}  // namespace wsspec
