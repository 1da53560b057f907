// Spread: how the first delays of a reconnecting client differ from start to start, over all cases of a run
// that ask for one (RFC 6455 7.2.3).
//
// What it is not: the look at the delays of one start; the player has that.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "play/result.h"

namespace wsspec {

/// Makes the first passed case that covers the clause weak when the first delays of all are alike, and notes
/// in it what was seen. Where too few were seen, all of them are `info`: nothing was shown.
void judge_first_delays(std::vector<CaseResult>& results, const std::map<std::string, Requirement>& ledger);

}  // namespace wsspec
