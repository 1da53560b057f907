// The transcript of a case as the incumbent's case files tell of it: frames with their payloads, the messages
// and pongs that came, who closed and how.
//
// What it is not: a second transcript. The lines are read back by the notation's own parser, and a burst or a
// fragmented message is taken apart into its frames. A payload that a line does not tell (cut, or compressed
// in the context of its connection) stays unknown; so does the masking key of a frame within a burst.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "play/result.h"
#include "protocol/bytes.h"

namespace wsspec {

struct WireFrame {
  bool ours = false;
  bool mask_known = true;
  FrameHeader header;
  std::optional<Bytes> payload;  ///< Not masked.
};

/// A message or a pong of the target.
struct WireArrival {
  Opcode kind = Opcode::text;
  std::optional<Bytes> payload;
  std::uint64_t octets = 0;
};

struct WireClose {
  std::optional<std::uint16_t> code;
  std::string reason;
};

struct Wire {
  std::vector<WireFrame> frames;  ///< Both directions, in order.
  std::vector<WireArrival> arrivals;
  std::size_t before_failure = 0;  ///< How many of them came before the one that decided.
  std::optional<WireClose> our_close, their_close;
  bool we_closed_first = false;
  bool target_ended = false;   ///< It ended TCP.
  bool close_decided = false;  ///< The event that decided is the target's Close frame.
};

Wire wire_of(const CaseResult& result);

/// What the case wanted in the place of what decided, when that is a message or a pong.
std::optional<WireArrival> wanted_arrival(const CaseResult& result);

/// Which close codes the case takes for an answer to a fault, or for the Close it waits for.
struct WantedClose {
  bool from_target = false;  ///< The target has to close, not we.
  bool any = false;          ///< No code is named, or one that cannot be told here.
  std::vector<std::uint16_t> codes;
};
WantedClose wanted_close(const CaseResult& result);

}  // namespace wsspec
