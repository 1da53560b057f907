// Red results by cause: one fault of a target shows in many cases, and people mend faults, not cases.
//
// A cause is the requirement that was judged and the reaction that was seen. Numbers and payloads within the
// reaction that differ from case to case do not count, codes do. Where the target died, it is the top of its
// stack, else the last lines of its log.
// A reaction that legal questions of many requirements get is one cause whatever was asked, unless it is
// silence. What it is not: a judgement; two faults that look alike to a client are one cause here.
//
// Invariants: every red result is in exactly one cause; causes are ordered by gravity: deaths, then verdicts
// in their order, flaky ones last, then by how many cases they have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "play/result.h"

namespace wsspec {

/// The reason with what differs between cases of one cause left open: "a text message of N octets came".
std::string reaction_of(std::string_view reason);

/// What a target's log says of its death, on one line: the error and the innermost place in its code
/// ("TypeError: x is undefined at onMessage (server.js:12:5)"), without a stack the last lines; empty when
/// the log is.
std::string death_of(std::string_view log);

/// Of one result alone: equal for equal causes, also between runs; readable.
std::string cause_of(const CaseResult& result);

struct Cause {
  std::string key;                         ///< cause_of() each, or the reaction that many requirements share.
  std::vector<const CaseResult*> results;  ///< In the order of the run; not empty.
};
std::vector<Cause> red_causes(const RunResult& run, const Gate& gate);

/// "[5], [6], other.family[1] and 3 more": the cases behind the first; empty when there are none.
std::string others_of(const Cause& cause, std::size_t limit = 12);

}  // namespace wsspec
