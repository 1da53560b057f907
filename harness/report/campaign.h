// The pages and documents of a fuzzing campaign: its findings by clause, its speed and its coverage over
// time.
//
// Invariants: as html.h; findings are shown by signature, worst first.
#pragma once

#include <string>

#include "report/finding.h"

namespace wsspec {

std::string write_campaign_html(const Campaign& campaign);

/// {"schema_version", "campaign", "findings": [{"signature", "cause", "verdict", "clause", "reproducer",
/// ...}], "timing"}. What a clock says stands in `timing` only.
std::string write_campaign_json(const Campaign& campaign);

/// 5 when it ended early, 130 when interrupted, 1 with a finding that fails, else 0; 4 when nothing was
/// tried.
Exit exit_of(const Campaign& campaign);

}  // namespace wsspec
