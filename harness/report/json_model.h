// The parts of the result model as JSON values, shared by the reports that are JSON or embed it.
//
// Invariants: no value depends on a clock except those of timing_json() and the *_timing ones; all strings
// are UTF-8.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "play/result.h"

namespace wsspec {

using Json = nlohmann::ordered_json;

inline constexpr std::string_view kSchemaVersion = "2.1.0";

Json run_json(const RunResult& run);
Json summary_json(const RunResult& run, const Gate& gate);
Json requirements_json(const RunResult& run);
Json result_json(const CaseResult& result);
Json timing_json(const RunResult& run);
/// What a clock or a meter said about one case: started, duration, the times of its events, its cost.
Json case_timing_json(const CaseResult& result);

/// Milliseconds with all nanoseconds kept.
double milliseconds(Duration duration);

/// Without line feeds unless indented, and without what a CI system would obey (ci_log.h); invalid UTF-8
/// cannot occur (valid()), and would be replaced.
std::string dump(const Json& value, int indent = -1);

}  // namespace wsspec
