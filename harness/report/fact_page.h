// FactPage: what a hop does that is no fault (play/hop_facts.h), as lines for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include "report/json_model.h"

namespace wsspec {

struct FactPage {
  std::vector<std::string> sentences;  ///< What it calls itself and adds, then what was measured.
  std::vector<std::string> unknown;    ///< "idle, pings: not measured: ...": one line a reason.
};
/// Empty where the target is no hop.
FactPage fact_page(const RunResult& run);

/// Null where the target is no hop.
Json facts_json(const RunResult& run);

}  // namespace wsspec
