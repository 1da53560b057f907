// The summary for a terminal: counts by topic, then each red verdict with what was expected, what came and
// how to see it again, then one line that says how the run ended.
//
// What it is not: progress (run/) and not a log; the transcript is in the files.
// Invariants: the output holds no control character except line feeds and, when asked for, our own colours:
// whatever a target sent is escaped; the last line always says why the exit code is what it is.
#pragma once

#include <string>

#include "play/result.h"

namespace wsspec {

struct TerminalStyle {
  bool colours = false;
  std::size_t shown = 50;  ///< Groups of equal red verdicts (family.h) in full; the rest is counted.
};

std::string write_terminal(const RunResult& run, const Gate& gate = {}, const TerminalStyle& style = {});

/// One line, without a line feed, on why exit_of(run, gate) is what it is: "3 of 437 judged cases are red
/// (exit 1)".
std::string outcome_line(const RunResult& run, const Gate& gate);

}  // namespace wsspec
