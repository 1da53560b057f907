// The report as one HTML file for people: overview, cases with their exchange on the wire, requirements,
// limits.
//
// The page is reports/viewer/ filled with the JSON report and, per case, the runnable transcript and the
// replay command. Long exchanges are shown without their middle, and those of passed cases then cannot be
// copied for replay: pages stay some megabytes small, and the JSON report has everything.
//
// Invariants: one file without any request to a network; works from file://; nothing that a target sent is
// ever markup or script (page.h).
#pragma once

#include <string>

#include "play/result.h"

namespace wsspec {

std::string write_html(const RunResult& run, const Gate& gate = {});

}  // namespace wsspec
