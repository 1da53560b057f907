// What we have sent, read as a conforming server reads it: where frames end, which request it was, which pings want a pong,
// which messages came before the first fault.
//
// What it is not: an expectation. It only tells the player what the target could have understood, so that an echo or pong
// for something sent ahead of the fault is not held against the target (RFC 6455 7.1.7: only later input is ignored).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/extension.h"
#include "protocol/http.h"
#include "protocol/message.h"

namespace wsspec {

class Outgoing {
 public:
  struct Ping {
    Bytes payload;
    bool after_fault = false;
    bool answered = false;
  };
  struct Message {
    bool text = true;
    Bytes payload;
  };

  /// `deep`: also keep the messages sent ahead of a fault (cases that expect `fail`).
  explicit Outgoing(bool deep) : deep_(deep) {}
  void begin_frames(std::optional<DeflateSettings> deflate);
  void sent(BytesView bytes);

  /// No frame is half sent: a pong or close of ours may go out without tearing one apart.
  bool at_boundary() const { return !in_frames_ || scanner_.at_boundary(); }
  const Head& request() const { return request_.head(); }
  bool request_complete() const { return request_.done(); }
  bool data_sent() const { return data_sent_; }
  bool close_sent() const { return close_sent_; }
  std::optional<std::uint16_t> close_code() const { return close_code_; }
  const std::optional<Incoming>& fault() const { return fault_; }

  std::vector<Ping> pings;
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
  void take(Incoming&& incoming);

  bool deep_;
  bool in_frames_ = false, data_sent_ = false, close_sent_ = false;
  HeadParser request_{HeadLimits{8 << 20, 100000}};
  Scanner scanner_;
  Bytes control_;
  std::size_t pings_read_ = 0;  ///< Pings that the reader saw ahead of a fault.
  std::optional<std::uint16_t> close_code_;
  std::optional<MessageDecoder> reader_;
  std::optional<Incoming> fault_;
};

}  // namespace wsspec
