// Situation: what has happened on one connection so far, for hooks that depend on it (conduct.h).
//
// What it is not: used by the conforming peer, save for the state of the message under way. Numbers count
// from the first octet behind the handshake unless said otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "peer/commons.h"
#include "protocol/extension.h"
#include "protocol/frame.h"

namespace wsspec {

struct Situation {
  Commons* commons = nullptr;  ///< Never null in a peer.
  std::uint64_t number = 0;    ///< Of the connection on its server, from 1.

  bool open = false;     ///< The handshake is over.
  bool in_room = false;  ///< A member of one (forum.h).
  bool deflate = false;
  DeflateSettings settings;

  // The message under way.
  std::uint8_t message_opcode = 0;  ///< 0: none.
  bool compressed = false;
  std::uint64_t fragments = 0;  ///< Its frames, the present one included.
  std::uint64_t controls_inside = 0;
  std::uint64_t message_octets = 0;  ///< As on the wire, complete frames only.

  // Counts, the present one included.
  std::uint64_t frames = 0, messages = 0, fragmented_messages = 0, pings = 0, faults = 0;
  std::uint64_t compressed_messages = 0;
  std::uint64_t sent_frames = 0, sent_messages = 0;
  std::uint16_t close_code = 0;  ///< Of the Close received.

  // How octets came; these must never matter.
  std::uint64_t chunks = 0;           ///< Calls of received(), handshake included.
  std::uint64_t frames_in_chunk = 0;  ///< Headers completed in the present chunk.
  std::uint64_t pings_in_chunk = 0;
  unsigned header_held = 0;   ///< Octets of the present header that came in an earlier chunk.
  std::uint64_t at_hand = 0;  ///< Octets of the present frame's payload that came along with its header.
  std::uint64_t pieces = 0;   ///< Pieces in which the present frame's payload came so far.

  std::uint64_t random = 0;  ///< A fresh number for each frame sent.
  std::uint64_t memo = 0;    ///< For one hook to remember something.
  std::uint64_t memo2 = 0;
  FrameHeader last_header;  ///< Of the frame before.

  bool in_message() const { return message_opcode != 0; }
};

}  // namespace wsspec
