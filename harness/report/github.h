// Workflow commands of GitHub Actions: annotations on the run.
//
// At most ten errors and ten warnings (a step shows no more): the worst red verdicts as errors, stale
// baseline entries and the worst of the other weak verdicts as warnings, and one notice with the outcome and
// what was left out. No file is named: the case files are ours, not part of the repository that is tested.
// Invariants: one command per line; foreign text cannot begin a command.
#pragma once

#include <string>

#include "play/result.h"

namespace wsspec {

std::string write_github(const RunResult& run, const Gate& gate = {});

}  // namespace wsspec
