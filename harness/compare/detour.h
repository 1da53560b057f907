// Detour: the same cases played against a server directly, and through a hop in front of it. Who is to blame?
//
// The judge of both plays is the case: towards its client a hop is the server (RFC 9110 3.7). So the hop is
// blamed for what the server does better by itself, and for nothing else:
//
// - Worse through it: the verdict stands, and is said to be one through the hop.
// - Red both ways: inconclusive. It is the server's own, and what the hop would do with a right answer is
//   unknown. Alike otherwise: pass, or info where both are poor in the same way.
// - Better through it: info. It keeps from the server what that does wrong, as it may.
// - Judged one way only: what the other one says, skipped, not run, inconclusive or error; never better.
//
// An error that stays when it is played again is what the target does: it answers nothing. One that was not
// confirmed is no verdict.
#pragma once

#include <string>
#include <vector>

#include "play/result.h"

namespace wsspec {

/// `through`, judged beside `direct`, which it keeps.
CaseResult beside(const CaseResult& direct, CaseResult through);

/// Of the whole runs; both have the same cases in the same order. What made one of them end early is told
/// with the place: the server, or the hop.
RunResult detour(const RunResult& direct, RunResult through);

/// Of a detour: what differs to the hop's disadvantage, to be played both ways once more before anybody is
/// blamed.
std::vector<std::string> doubts(const RunResult& detour);

/// Once more, of the doubts only: a difference that came twice stands. Else a red one is flaky and any other
/// a note, where the hop is not steady; where the server by itself is not, nothing is known. One that could
/// not be played again has a note of that.
void confirm(RunResult& detour, const RunResult& direct, const RunResult& through);

/// The server does not serve any more without the hop either: since when, and what the hop had to do with
/// what it sent, nobody knows. So nothing is the hop's.
void lose_server(RunResult& detour, const std::string& why);

}  // namespace wsspec
