// Receiver: from octets behind the handshake to messages, pings, a Close or a fault, under a Conduct.
//
// What it is not: the shared MessageDecoder, which is strictly conforming; this one has a hook at each point
// where a server may go wrong, and hands messages over without a copy. Invariants: with a default Conduct it
// accepts and refuses exactly what MessageDecoder does; memory is bounded by the limits; after a fault, a
// Close or stop() nothing more comes out; how the octets are cut never matters.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "peer/conduct.h"
#include "peer/situation.h"
#include "peer/text_check.h"
#include "protocol/deflate.h"
#include "protocol/frame.h"
#include "protocol/header_rules.h"
#include "protocol/message.h"

namespace wsspec {

/// Free octets in front of a message's payload in its buffer, enough for the header of its echo.
inline constexpr std::size_t kHeadroom = 10;

/// A complete message. Its payload is valid during the call only; when `buffer` is set it lies there behind
/// kHeadroom octets, and the buffer may be moved away.
struct ReceivedMessage {
  std::uint8_t opcode = 1;
  BytesView payload;
  Bytes* buffer = nullptr;
};

class Receiver {
 public:
  class Sink {
   public:
    virtual void take_message(const ReceivedMessage& message) = 0;
    virtual void take_ping(BytesView payload) = 0;
    virtual void take_pong(BytesView payload) = 0;
    virtual void take_close(BytesView body) = 0;
    virtual void take_fault(Rule rule, std::uint16_t code, std::string_view what,
                            const FrameHeader& header) = 0;

   protected:
    ~Sink() = default;
  };

  /// All references must outlive the receiver.
  /// `ours`: the role of the peer; the frames are the other's.
  Receiver(Role ours, const Conduct& conduct, const MessageLimits& limits, Situation& situation, Sink& sink);

  void agree(const std::optional<DeflateSettings>& deflate);
  void feed(MutableBytes bytes);
  void stop() { stopped_ = true; }
  /// Goes on after a fault or a Close, which only a defect does.
  void resume() { stopped_ = false; }
  bool stopped() const { return stopped_; }
  /// TCP has ended; a conforming receiver drops what is unfinished.
  void end();

 private:
  void note_header(std::size_t octets_left, const std::optional<FrameDecoder::Piece>& piece);
  bool begin(const FrameHeader& h);
  bool may_wait(const FrameHeader& h) const;
  void begin_data(const FrameHeader& h);
  bool take(const FrameDecoder::Piece& piece);
  void finish(const FrameHeader& h);
  bool finish_control(const FrameHeader& h);
  bool finish_close(const FrameHeader& h);
  bool finish_data(const FrameHeader& h);
  bool finish_compressed(const FrameHeader& h);
  bool finish_inflation(const FrameHeader& h);
  bool inflate(BytesView piece, const FrameHeader& h);
  bool deliver(BytesView payload, Bytes* buffer);
  // These answer whether the connection goes on.
  bool fault(Rule rule, std::uint16_t code, std::string_view what, const FrameHeader& h);
  bool bad_text(const FrameHeader& h);
  bool bad_inflation(const Error& error, const FrameHeader& h);
  bool overlooked(Rule rule, const FrameHeader& h) const;
  bool may_be_received(std::uint16_t code) const;
  std::uint64_t limited(std::uint64_t declared) const;
  std::uint64_t message_limit() const;
  std::uint64_t inflated_limit() const;
  bool too_large(const FrameHeader& h) const;
  BytesView joined() const { return BytesView(joined_).substr(kHeadroom); }

  const Role sender_;
  const Conduct& conduct_;
  const MessageLimits& limits_;
  Situation& s_;
  Sink& sink_;
  FrameDecoder frames_;
  std::optional<Decompressor> inflater_;
  TextCheck text_;
  Bytes joined_;    ///< kHeadroom octets, then the message as far as it has come.
  Bytes deflated_;  ///< The compressed message, kept only where a hook wants to see it whole.
  Bytes control_;
  BytesView in_place_;                ///< A whole message that lies in the chunk itself.
  std::size_t fragment_begin_ = 0;    ///< Within joined_.
  std::uint64_t frame_octets_ = 0;    ///< Payload of the present frame so far.
  std::uint8_t opcode_ = 0;           ///< Of the present frame, as seen.
  bool skip_ = false;                 ///< The present frame is passed over.
  const HeaderRule* late_ = nullptr;  ///< What its header breaks, told when it is complete.
  bool fin_ = true;
  bool stopped_ = false;
};

}  // namespace wsspec
