// Markdown for a step summary or a pull-request comment: outcome, counts by topic, the red verdicts.
//
// Invariants: below kMarkdownLimit (GitHub refuses 1 MiB), what does not fit is counted; foreign text can
// neither form markup, links nor mentions.
#pragma once

#include <string>
#include <string_view>

#include "play/result.h"

namespace wsspec {

inline constexpr std::size_t kMarkdownLimit = 900 * 1024;

std::string write_markdown(const RunResult& run, const Gate& gate = {});

/// One line of text in which no character means anything to GitHub's Markdown; fits a table cell.
std::string markdown_text(std::string_view text, std::size_t limit = 300);
/// The same as a code span.
std::string markdown_code(std::string_view text, std::size_t limit = 300);

}  // namespace wsspec
