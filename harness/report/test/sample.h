// Made-up runs for the tests of the reports: every verdict, hostile text, and many cases.
//
// Test-only code. Everything is constant: two calls give equal values.
#pragma once

#include "play/result.h"
#include "report/finding.h"

namespace wsspec::sample {

/// A believable run against a flawed server: each verdict, a baseline, a flaky case, a death, limits,
/// transcripts.
RunResult run();

/// As expected only because a baseline knows its two failures.
RunResult known();

/// Every text field filled with what breaks formats: markup, quotes, escapes, bidi, NUL, bad UTF-8, huge
/// strings.
RunResult hostile();

/// `count` cases over many topics, one in seventeen failing.
RunResult large(int count);

/// A campaign with findings of each verdict, stable and flaky, and its course.
FuzzCampaign campaign();

/// Twenty-five targets with their own faults; one died early, the last is hostile.
std::vector<RunResult> targets();

/// A plain result.
CaseResult result(std::string id, Verdict verdict, std::string reason = {});

}  // namespace wsspec::sample
