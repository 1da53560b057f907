// A fuzzing campaign as a page and as JSON: findings by clause, speed and coverage over time.
//
// Invariants: as html.h; findings are shown by signature, worst first.
#pragma once

#include <string>

#include "report/finding.h"

namespace wsspec {

std::string write_campaign_html(const FuzzCampaign& campaign);

/// {"schema_version", "campaign", "findings": [{"signature", "cause", "verdict", "clause", "reproducer",
/// ...}], "timing"}. What a clock says stands in `timing` only.
/// The first sentence of its reports, without a full stop: deaths before anything else.
std::string headline(const FuzzCampaign& campaign);

std::string write_campaign_json(const FuzzCampaign& campaign);

/// 5 when it ended early, 130 when interrupted, 1 with a finding that fails, else 0; 4 when nothing was
/// tried.
Exit exit_of(const FuzzCampaign& campaign);

}  // namespace wsspec
