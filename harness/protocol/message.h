// From frames to messages as a conforming receiver does it (RFC 6455 5.4, 5.5, 6.2; RFC 7692 6, 7.2.2): what
// a server or client must hand to its application, or why it must fail the connection.
//
// What it is not: an echo server (peer/) or a judge of what others do (rules.h, play/). No sending, no I/O.
// Invariants: memory is bounded by MessageLimits; after a Fault or a Close nothing more comes out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "protocol/bytes.h"
#include "protocol/close.h"
#include "protocol/deflate.h"
#include "protocol/extension.h"
#include "protocol/frame.h"
#include "protocol/role.h"
#include "protocol/utf8.h"

namespace wsspec {

struct MessageLimits {
  std::uint64_t message = 64ull << 20;  ///< Octets after inflation.
  std::uint64_t frame = 64ull << 20;
};

/// One thing that came out of the stream.
struct Incoming {
  enum class Kind { text, binary, ping, pong, close, fault };
  Kind kind = Kind::text;
  Bytes payload;  ///< Complete; ping, pong: the data; close: the body.
  bool compressed = false;
  // fault:
  std::uint16_t code = 1002;  ///< The fitting close code: 1002, 1007, 1009.
  std::string requirement;    ///< Ledger id of the broken rule.
  std::string what;
};

class MessageDecoder {
 public:
  /// `role`: ours, the receiver's; a server demands masked frames, a client unmasked ones.
  MessageDecoder(Role role, std::optional<DeflateSettings> deflate, MessageLimits limits = {});
  /// Decodes all of `bytes`, calling `sink` for each thing that comes out, in order.
  void feed(MutableBytes bytes, const std::function<void(Incoming&&)>& sink);
  /// A fault came out.
  bool failed() const { return failed_; }
  /// A fault or a Close came out; whatever is fed is ignored.
  bool stopped() const { return stopped_; }
  bool in_message() const { return message_opcode_ != 0; }
  bool at_boundary() const { return frames_.at_boundary(); }

 private:
  using Sink = std::function<void(Incoming&&)>;
  // Each answers whether decoding goes on.
  bool begin_frame(const FrameHeader& header, const Sink& sink);
  bool begin_data(const FrameHeader& header, const Sink& sink);
  bool take_payload(const FrameHeader& header, BytesView payload, const Sink& sink);
  bool check_text(std::size_t from, const Sink& sink);
  bool end_frame(const FrameHeader& header, const Sink& sink);
  bool end_message(const Sink& sink);
  bool end_close(const Sink& sink);
  bool is_plain_message(const FrameDecoder::Piece& piece) const;
  void hand_out(const Sink& sink);
  bool fault(const Sink& sink, std::uint16_t code, std::string requirement, std::string what);
  bool broken_data(const Sink& sink, Error error);

  Role role_;
  std::optional<DeflateSettings> deflate_;
  MessageLimits limits_;
  FrameDecoder frames_;
  std::optional<Decompressor> inflater_;
  Utf8Validator utf8_;
  Incoming message_;  ///< Grows until it is whole.
  Bytes control_;
  std::uint8_t message_opcode_ = 0;
  bool compressed_ = false;
  bool failed_ = false, stopped_ = false;
};

}  // namespace wsspec
