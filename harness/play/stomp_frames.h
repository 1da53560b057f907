// STOMP in a case: the frame that a line sends, and whether the one that came is the one a line expects.
//
// What it is not: the order of a session; a case writes it. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "play/judge.h"
#include "play/stomp_target.h"
#include "protocol/stomp_reader.h"

namespace wsspec {

/// What we send, as one line says it.
struct OwnStomp {
  StompFrame frame;
  Bytes octets;  ///< With the tail.
};
/// The frame of a `> stomp` line, or the CONNECT of `login`: correct for `target`, then edited. `version`:
/// the negotiated one. An error where a payload cannot be evaluated.
Result<OwnStomp> make_stomp(const SendStomp& line, const StompTarget& target, StompVersion version,
                            Environment& environment);

/// Of a heart-beat header: what its sender can do, and what it wants. Nothing: it is no two numbers.
std::optional<std::pair<Duration, Duration>> parse_beats(std::string_view text);

/// "the STOMP frame ERROR, message \"bad\"": for people.
std::string describe(const StompFrame& frame);

Judgement judge_stomp(const ExpectStomp& expect, const Scene& scene);
/// Whether a refusal may have begun; the stage awaits the rest of it.
Judgement judge_error(const Scene& scene);
Judgement judge_beat(const Scene& scene);

// Ids of the ledger.
inline constexpr const char *kErrorEnds = "stomp-1.2-ERROR-1", *kReceiptOnce = "stomp-1.2-RECEIPT-1",
                            *kEscapes = "stomp-1.2-Value_Encoding-4",
                            *kBeatNumbers = "stomp-1.2-Heart-beating-1",
                            *kServerName = "stomp-1.2-CONNECTED_Frame-2";
/// That a fault of the stream breaks; null for a limit of ours.
const char* requirement_of(StompFault::Kind kind);

}  // namespace wsspec
