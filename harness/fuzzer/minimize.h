// Minimisation: the smallest transcript that still shows the same cause.
//
// Delta debugging over the statements, then each statement alone: bursts into lines, layouts and fields to
// what is usual, payloads shorter and plainer. What it is not: a judge; the caller says what still shows the
// cause. Invariants: the result shows it (it is the start or was tried); the number of tries is bounded.
#pragma once

#include <functional>

#include "fuzzer/input.h"

namespace wsspec {

/// Plays a transcript and says whether the cause is still there.
using FuzzTrial = std::function<bool(const FuzzTranscript&)>;

struct MinimizeLimits {
  unsigned tries = 500;
  std::function<bool()> may_go_on = [] { return true; };  ///< False: out of time.
};

FuzzTranscript minimize(FuzzTranscript start, const FuzzTrial& shows, MinimizeLimits limits = {});

}  // namespace wsspec
