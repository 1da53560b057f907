// Sender: frames what the peer has to say, in a conforming way unless its Conduct says otherwise.
//
// What it is not: a queue of octets (outbox.h), nor does it decide what to say (peer.h).
#pragma once

#include <cstdint>
#include <optional>

#include "peer/conduct.h"
#include "peer/outbox.h"
#include "peer/receiver.h"
#include "peer/situation.h"
#include "protocol/deflate.h"

namespace wsspec {

class Sender {
 public:
  /// All references must outlive the sender. `seed` feeds masking keys: a client's, or a defect's.
  Sender(Role ours, const Conduct& conduct, Situation& situation, Outbox& outbox, std::uint64_t seed);

  void agree(const std::optional<DeflateSettings>& deflate);
  /// Echoes a message; takes its buffer when that saves a copy.
  void echo(const ReceivedMessage& message);
  void message(std::uint8_t opcode, BytesView payload);
  void pong(BytesView payload);
  void control(Opcode opcode, BytesView payload);

 private:
  bool compresses(std::size_t octets) const;
  bool plain_output() const;
  void send_whole(const ReceivedMessage& message);
  void send_fragments(std::uint8_t opcode, BytesView payload, std::uint8_t rsv);
  void send_frame(std::uint8_t opcode, BytesView payload, bool fin, std::uint8_t rsv);
  bool goes_wrong(WhenBlocked how) const;
  void send_blocked(const FrameHeader& header, BytesView payload);
  void send_odd_frame(const FrameHeader& header, BytesView payload);
  MaskKey draw_key(const FrameHeader& header, BytesView payload);
  void append(const FrameHeader& header, BytesView payload);

  const Role ours_;
  const Conduct& conduct_;
  Situation& s_;
  Outbox& outbox_;
  std::optional<Compressor> compressor_;
  std::uint64_t random_;
};

}  // namespace wsspec
