// The transcript: everything that crossed the wire in one play of a case, in the notation, so that it replays
// as it stands.
//
// What it is not: a packet capture; segments are kept only where the script cut them.
// Invariants: `line` is a statement of docs/notation.md without the trailing comment (or a comment of ours,
// for notes); payloads are printed whole up to kPayloadShown octets, beyond that as the script's expression
// or cut with a remark.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/endpoint.h"
#include "protocol/frame.h"
#include "script/ast.h"

namespace wsspec {

inline constexpr std::size_t kPayloadShown = 4 * 1024;

struct Event {
  enum class Kind {
    sent,      ///< `> ...` by the script.
    manners,   ///< `> ...` by the player itself: an automatic pong or close.
    received,  ///< `< ...`
    note,      ///< A remark: a deadline passed, a branch chosen, a weak point.
  };
  Kind kind = Kind::note;
  Instant at{};
  std::string line;                  ///< "> text fin=0 \"frag1\"", "< close 1002", "< eof", or the remark.
  std::string comment;               ///< Shown behind the line: "expected: < fail 1002".
  std::optional<FrameHeader> frame;  ///< When the event is one frame.
  std::uint64_t octets = 0;          ///< On the wire.
  std::string decoded;   ///< For people: "Close 1002 protocol error, reason \"bad opcode\"", HTTP head lines.
  bool failing = false;  ///< The event that decided against the target.
};

struct Transcript {
  std::vector<Event> events;
  std::uint64_t dropped =
      0;  ///< Events left out of the middle because there were more than the player keeps.
  std::vector<std::string> lets;  ///< `let z = ...` lines that the statements use.
};

/// The transcript as a runnable case file: header comment, `case`, steps with `@` times.
std::string print_transcript(const Transcript& transcript, const std::string& case_id,
                             const std::string& remark);

}  // namespace wsspec
