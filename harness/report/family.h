// Red results that say the same: instances of one case that failed in one way are shown once.
//
// Invariants: every red result is in exactly one group; groups stand in the order of their first results.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "play/result.h"

namespace wsspec {

/// The id without the brackets of its instance.
std::string family_of(const std::string& id);
/// The brackets alone: "[text,125]"; empty when there are none.
std::string instance_of(const std::string& id);

/// Same family, verdict, reason, expectation and actual.
std::vector<std::vector<const CaseResult*>> red_families(const RunResult& run, const Gate& gate);

/// What the red results break, most often first: the first clause each names, or that the target died of it.
/// One fault of a target can make hundreds of cases red, and most of them name the same clause.
std::vector<std::pair<std::string, std::size_t>> red_clauses(const RunResult& run, const Gate& gate);

/// "[5], [6] and 3 more": the instances behind the first of a group; empty for a group of one.
std::string others_of(const std::vector<const CaseResult*>& group, std::size_t limit = 12);

}  // namespace wsspec
