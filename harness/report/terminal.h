// The summary for a terminal: each cause of red verdicts with what was expected, what came and how to see it
// again; then counts by topic, what was skipped and why, what to type next, the headline, and one line that
// says how the run ended. What matters most stands last, because that is what is still on the screen.
//
// What it is not: progress (cli/progress.h) and not a log; the transcript is in the files.
// Invariants: the output holds no control character except line feeds and, when asked for, our own colours:
// whatever a target sent is escaped; the last line always says why the exit code is what it is.
#pragma once

#include <string>
#include <vector>

#include "play/result.h"

namespace wsspec {

struct TerminalStyle {
  bool colours = false;
  std::size_t width = 0;                  ///< Columns of the terminal; 0: lines are not broken.
  std::size_t shown = 50;                 ///< Causes (cause.h) in full; the rest is counted.
  std::vector<std::string> written = {};  ///< The report files there are, the one for people first.
};

std::string write_terminal(const RunResult& run, const Gate& gate = {}, const TerminalStyle& style = {});

/// One line, without a line feed, on why exit_of(run, gate) is what it is: "3 of 437 judged cases are red
/// (exit 1)".
std::string outcome_line(const RunResult& run, const Gate& gate);

}  // namespace wsspec
