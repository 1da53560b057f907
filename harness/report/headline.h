// The first sentence of every report: what came out, the worst first. A target that died is never below
// anything else, and what a baseline knows is never called a success.
//
// Invariants: one line; "keep the protocol" only when no judged case breaks it, known or not.
#pragma once

#include <string>
#include <vector>

#include "play/result.h"

namespace wsspec {

/// Without a full stop: "The target died in 3 cases; 33 of 2007 judged cases break the protocol, 5 causes".
std::string headline(const RunResult& run, const Gate& gate);

/// What was not judged and why, the most first: "840 cases skipped: the target does not echo messages".
std::vector<std::string> absences(const RunResult& run);

/// "1 case", "1,545 cases".
std::string counted(std::size_t number, const std::string& one, const std::string& many = {});

}  // namespace wsspec
