// The baseline: which verdicts of a target are known and why, as a text file that people review.
//
//   baseline 1
//   # Comments and empty lines are kept by --update-baseline, above the entry they stand above.
//   fail  utf8.invalid[surrogate] "we leave the check out" link=https://example.org/7 until=2026-06-30
//   weak  close.code.*            "upstream answers 1000" clause=rfc6455-7.4.2-1
//   target echo-x tls             # from here on: only for this target, and here only over this transport
//   error ping.flood              "our runner has few descriptors"
//
// An entry is a contract: the verdict it lists is expected and not red; another verdict is red, except
// that `pass` makes the entry stale instead. `*` stands for any characters of an id (or of a target's
// name), `?` for one; brackets mean themselves. `clause=` narrows the entry to cases that cover that
// requirement. Where several entries match a case, an exact id counts before a pattern and a later entry
// before an earlier one. Cases without a judgement (skipped, not run) prove nothing and change nothing.
//
// Invariants: parse(print(b)) == b; a past `until` still explains its verdict (nothing about the target
// has changed) but makes the baseline stale; applying twice equals applying once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "play/result.h"
#include "protocol/error.h"

namespace wsspec {

struct BaselineEntry {
  Verdict verdict = Verdict::fail;
  std::string pattern;
  std::string reason;
  std::string clause, link, until;    ///< Empty when absent.
  std::string target, transport;      ///< Of the section; empty = any.
  std::vector<std::string> comments;  ///< Lines above the entry, as they are.
  bool operator==(const BaselineEntry&) const = default;
};

struct Baseline {
  std::vector<BaselineEntry> entries;
  std::vector<std::string> comments;  ///< Behind the last entry.
  bool operator==(const Baseline&) const = default;
};

/// Faults are named `file:line`.
Result<Baseline> parse_baseline(std::string_view text, const std::string& file = "baseline");
std::string print_baseline(const Baseline& baseline);

/// Sets `baseline`, `unexpected_pass` and `stale_baseline` of the run. `today` is an ISO date. `all_ids` is
/// the whole case set: an entry for a case that exists but was not selected is not stale; when empty, the
/// run's own ids count.
void apply_baseline(const Baseline& baseline, RunResult& run, const std::string& today,
                    const std::vector<std::string>& all_ids = {});

/// The baseline that makes this run as expected: entries that still hold stay with their reasons, entries of
/// other targets and of cases not judged stay, the rest goes, and new ones say "unreviewed".
Baseline update_baseline(const Baseline& old, const RunResult& run, const Gate& gate,
                         const std::vector<std::string>& all_ids = {});

}  // namespace wsspec
