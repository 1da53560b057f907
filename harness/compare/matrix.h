// Many targets side by side: which of them behaves differently from the others, case by case.
//
// What it is not: the reports of the targets; it holds no transcripts, only verdict, reason, expected and
// actual.
//
// Invariants: the page is one self-contained file (page.h); targets stand in the order given, cases in the
// order of their first appearance; a case that a target did not play is blank, never good.
#pragma once

#include <string>
#include <vector>

#include "play/result.h"

namespace wsspec {

std::string write_matrix_html(const std::vector<RunResult>& runs);

/// The cases on which the targets differ as a table, below kMarkdownLimit.
std::string write_matrix_markdown(const std::vector<RunResult>& runs);

/// {"schema_version", "targets": [...], "cases": [{"id", "verdicts": [verdict or null per target], ...}]}
std::string write_matrix_json(const std::vector<RunResult>& runs);

}  // namespace wsspec
