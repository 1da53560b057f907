#include "compare/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/text.h"
#include "script/glob.h"

namespace wsspec {
namespace {

bool applies(const BaselineEntry& entry, const RunResult& run) {
  return (entry.target.empty() || matches_glob(entry.target, run.target_name)) &&
         (entry.transport.empty() || entry.transport == run.transport);
}

bool matches(const BaselineEntry& entry, const CaseResult& result) {
  return matches_glob(entry.pattern, result.id) &&
         (entry.clause.empty() || std::ranges::find(result.covers, entry.clause) != result.covers.end());
}

/// The entry that counts for `result`, or null.
const BaselineEntry* entry_for(const std::vector<const BaselineEntry*>& entries, const CaseResult& result) {
  const BaselineEntry* best = nullptr;
  for (const BaselineEntry* entry : entries) {
    if (!matches(*entry, result)) continue;
    if (!best || entry->pattern == result.id || best->pattern != result.id) best = entry;
  }
  return best;
}

/// A flaky case is expected when any of its plays gave the listed verdict.
bool holds(const BaselineEntry& entry, const CaseResult& result) {
  return entry.verdict == result.verdict ||
         (result.flaky && std::ranges::find(result.repeats, entry.verdict) != result.repeats.end());
}

std::vector<const BaselineEntry*> applying(const std::vector<BaselineEntry>& entries, const RunResult& run) {
  std::vector<const BaselineEntry*> out;
  for (const auto& entry : entries)
    if (applies(entry, run)) out.push_back(&entry);
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string entry_line(const BaselineEntry& entry) {
  std::string line =
      fmt::format("{:<5} {} {}", verdict_name(entry.verdict), entry.pattern, quoted(visible(entry.reason)));
  if (!entry.clause.empty()) line += " clause=" + entry.clause;
  if (!entry.link.empty()) line += " link=" + entry.link;
  if (!entry.until.empty()) line += " until=" + entry.until;
  return line;
}

/// The cases that an entry may mean: those of the run, and those that exist and were not selected.
struct Known {
  const RunResult& run;
  std::vector<std::string_view> unselected;

  Known(const RunResult& the_run, const std::vector<std::string>& all_ids) : run(the_run) {
    std::set<std::string_view> selected;
    for (const auto& result : run.results) selected.insert(result.id);
    for (const auto& id : all_ids)
      if (!selected.contains(id)) unselected.push_back(id);
  }
  bool means_one(const BaselineEntry& entry) const {
    return std::ranges::any_of(run.results,
                               [&](const CaseResult& result) { return matches(entry, result); }) ||
           std::ranges::any_of(unselected,
                               [&](std::string_view id) { return matches_glob(entry.pattern, id); });
  }
};

void clear(RunResult& run) {
  run.stale_baseline.clear();
  for (auto& result : run.results) {
    result.baseline.reset();
    result.unexpected_pass = false;
  }
}

/// How often an entry was right and wrong about the judged cases for which it counts.
struct Score {
  int right = 0, wrong = 0;
};

std::map<const BaselineEntry*, Score> scores_of(const std::vector<const BaselineEntry*>& entries,
                                                const RunResult& run) {
  std::map<const BaselineEntry*, Score> out;
  for (const auto& result : run.results) {
    const BaselineEntry* entry = was_judged(result) ? entry_for(entries, result) : nullptr;
    if (entry) ++(holds(*entry, result) ? out[entry].right : out[entry].wrong);
  }
  return out;
}

/// Where a new entry for `run` goes: behind the section for this target if there is one.
std::size_t place_for(const std::vector<BaselineEntry>& entries, const RunResult& run, BaselineEntry& fresh) {
  std::size_t last_global = 0;
  for (std::size_t i = entries.size(); i > 0; --i) {
    const auto& entry = entries[i - 1];
    if (!entry.target.empty() && entry.target == run.target_name && applies(entry, run)) {
      fresh.target = entry.target;
      fresh.transport = entry.transport;
      return i;
    }
    if (entry.target.empty() && last_global == 0) last_global = i;
  }
  const bool sections = std::ranges::any_of(entries, [](const auto& entry) { return !entry.target.empty(); });
  if (!sections || run.target_name.empty()) return sections ? last_global : entries.size();
  fresh.target = run.target_name;
  return entries.size();
}

}  // namespace

std::string print_baseline(const Baseline& baseline) {
  std::string out = "baseline 1\n", target, transport;
  for (const auto& entry : baseline.entries) {
    const bool moved = entry.target != target || entry.transport != transport;
    for (const auto& comment : entry.comments) out += comment + "\n";
    // A section cannot be left again, so an entry for all behind one is written with the pattern for any
    // target.
    if (moved)
      out += "target " + (entry.target.empty() ? "*" : entry.target) +
             (entry.transport.empty() ? "" : " " + entry.transport) + "\n";
    target = entry.target, transport = entry.transport;
    out += entry_line(entry) + "\n";
  }
  for (const auto& comment : baseline.comments) out += comment + "\n";
  return out;
}

void apply_baseline(const Baseline& baseline, RunResult& run, const std::string& today,
                    const std::vector<std::string>& all_ids) {
  clear(run);
  const auto entries = applying(baseline.entries, run);
  for (auto& result : run.results) {
    const BaselineEntry* entry = was_judged(result) ? entry_for(entries, result) : nullptr;
    if (!entry) continue;
    if (holds(*entry, result))
      result.baseline = entry->reason;
    else
      result.unexpected_pass = true;
  }
  const Known known(run, all_ids);
  for (const BaselineEntry* entry : entries) {
    if (!entry->until.empty() && entry->until < today)
      run.stale_baseline.push_back(entry_line(*entry) + ": the date has passed");
    else if (!known.means_one(*entry))
      run.stale_baseline.push_back(entry_line(*entry) + ": matches no case");
  }
}

Baseline update_baseline(const Baseline& old, const RunResult& run, const Gate& gate,
                         const std::vector<std::string>& all_ids) {
  Baseline out;
  out.comments = old.comments;
  auto scores = scores_of(applying(old.entries, run), run);
  const Known known(run, all_ids);
  for (const auto& entry : old.entries) {
    const auto [right, wrong] = scores[&entry];
    if (!applies(entry, run) || right > 0 || (wrong == 0 && known.means_one(entry)))
      out.entries.push_back(entry);
  }
  RunResult trial = run;
  apply_baseline(out, trial, "", all_ids);
  for (const auto& result : trial.results) {
    if (!was_judged(result) || (!is_red(result, gate) && !result.unexpected_pass)) continue;
    BaselineEntry fresh;
    fresh.verdict = result.verdict;
    fresh.pattern = result.id;
    fresh.reason = "unreviewed";
    const std::size_t place = place_for(out.entries, run, fresh);
    out.entries.insert(out.entries.begin() + static_cast<std::ptrdiff_t>(place), std::move(fresh));
  }
  return out;
}

}  // namespace wsspec
