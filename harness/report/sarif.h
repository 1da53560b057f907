// SARIF 2.1.0 for code scanning: security findings only.
//
// From a run: `fail` verdicts of cases tagged `security` (expected ones as suppressed). From a campaign: all
// findings with verdict fail. ruleId = case id (without the instance, so that a family is one rule) or
// "fuzz/CAUSE/REQUIREMENT". GitHub's limits are kept: one run, at most kSarifResults results, worst first, at
// most 10 tags per rule; each result has a location and a stable fingerprint of rule, instance, outcome and
// target, so that uploads do not pile up.
#pragma once

#include <string>

#include "play/result.h"
#include "report/finding.h"

namespace wsspec {

inline constexpr std::size_t kSarifResults = 5000;

std::string write_sarif(const RunResult& run);
std::string write_sarif(const FuzzCampaign& campaign);

}  // namespace wsspec
