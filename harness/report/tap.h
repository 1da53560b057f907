// TAP version 13: one line per case, diagnostics on `#` lines below it.
//
//   red                      not ok
//   expected by the baseline not ok ... # TODO reason
//   skipped, not run         ok ... # SKIP reason
//
// Invariants: the plan equals the number of test lines; a run that ended early ends in `Bail out!`.
#pragma once

#include <string>

#include "play/result.h"

namespace wsspec {

std::string write_tap(const RunResult& run, const Gate& gate = {});

}  // namespace wsspec
