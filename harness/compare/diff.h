// Two runs compared: which cases flipped, not which counts changed.
//
// "Bad" is what the gate would make red by its verdict alone; baselines and flakiness do not matter here.
//   broken   judged and not bad before, bad now; or the target dies now where it did not
//   fixed    bad before, judged and not bad now
//   changed  another verdict, or newly flaky, that is neither of the two (also: no longer judged)
//   fresh    only in the newer run; gone: only in the older one
// Invariants: equal runs give an empty Diff; what broke decides the exit code, and a newer run that could not
// be finished because of its target, of which nobody knows what it would have shown.
#pragma once

#include <string>
#include <vector>

#include "play/result.h"

namespace wsspec {

struct Change {
  const CaseResult* before = nullptr;  ///< Null for fresh ones.
  const CaseResult* after = nullptr;   ///< Null for gone ones.
};

/// Points into the runs, which must outlive it.
struct Diff {
  std::vector<Change> broken, fixed, changed, fresh, gone;
  bool newer_failed = false;         ///< Its target could not be reached any more.
  std::vector<std::string> remarks;  ///< Why the comparison may mislead: other target, other case set.
  bool empty() const {
    return broken.empty() && fixed.empty() && changed.empty() && fresh.empty() && gone.empty();
  }
};

Diff diff_runs(const RunResult& older, const RunResult& newer, const Gate& gate = {});
Exit exit_of(const Diff& diff);

std::string write_diff_text(const Diff& diff);
std::string write_diff_markdown(const Diff& diff);

}  // namespace wsspec
