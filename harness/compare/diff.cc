#include "compare/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "report/markdown.h"
#include "report/text.h"

namespace wsspec {
namespace {

bool bad(const CaseResult& result, const Gate& gate) {
  CaseResult plain;
  plain.verdict = result.verdict;
  return is_red(plain, gate);
}

std::vector<std::string> remarks_on(const RunResult& older, const RunResult& newer) {
  std::vector<std::string> out;
  const auto differ = [&](std::string_view what, const std::string& a, const std::string& b) {
    if (a != b)
      out.push_back(fmt::format("the {} differs: {} and {}", what, one_line(a, 80), one_line(b, 80)));
  };
  differ("target", older.target_name, newer.target_name);
  differ("transport", older.transport, newer.transport);
  differ("case set", older.caseset_version, newer.caseset_version);
  differ("selection", older.filter, newer.filter);
  for (const auto* run : {&older, &newer})
    if (!run->fatal.empty() || run->interrupted)
      out.push_back(fmt::format("the {} run is incomplete", run == &older ? "older" : "newer"));
  return out;
}

void sort_in(Diff& diff, const CaseResult& before, const CaseResult& after, const Gate& gate) {
  const Change change{&before, &after};
  const bool was_bad = bad(before, gate), is_bad = bad(after, gate);
  if ((is_bad && !was_bad && was_judged(before)) ||
      (after.target_died && !before.target_died && was_judged(before)))
    diff.broken.push_back(change);
  else if (was_bad && !is_bad && was_judged(after))
    diff.fixed.push_back(change);
  else if (before.verdict != after.verdict || (after.flaky && !before.flaky))
    diff.changed.push_back(change);
}

struct Section {
  std::string_view name;
  const std::vector<Change>& changes;
};

std::vector<Section> sections_of(const Diff& diff) {
  return {{"broken", diff.broken},
          {"fixed", diff.fixed},
          {"changed", diff.changed},
          {"new", diff.fresh},
          {"gone", diff.gone}};
}

std::string verdicts(const Change& change) {
  const auto name = [](const CaseResult* r) {
    return r ? std::string(verdict_name(r->verdict)) + (r->flaky ? " (flaky)" : "") : std::string("-");
  };
  return name(change.before) + " -> " + name(change.after);
}

const CaseResult& shown(const Change& change) {
  return change.after ? *change.after : *change.before;
}

std::string counts(const Diff& diff) {
  std::string out;
  for (const auto& [name, changes] : sections_of(diff))
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", changes.size(), name);
  return out;
}

}  // namespace

Diff diff_runs(const RunResult& older, const RunResult& newer, const Gate& gate) {
  Diff diff;
  diff.remarks = remarks_on(older, newer);
  diff.newer_failed = !newer.fatal.empty();
  std::unordered_map<std::string_view, const CaseResult*> before;
  for (const auto& result : older.results) before.emplace(result.id, &result);
  for (const auto& result : newer.results) {
    const auto it = before.find(result.id);
    if (it == before.end()) {
      diff.fresh.push_back({nullptr, &result});
      continue;
    }
    sort_in(diff, *it->second, result, gate);
    before.erase(it);
  }
  for (const auto& result : older.results)
    if (before.contains(result.id)) diff.gone.push_back({&result, nullptr});
  return diff;
}

Exit exit_of(const Diff& diff) {
  if (!diff.broken.empty()) return Exit::red;
  return diff.newer_failed ? Exit::unreachable : Exit::as_expected;
}

std::string write_diff_text(const Diff& diff) {
  std::string out;
  for (const auto& remark : diff.remarks) out += "note: " + one_line(remark) + "\n";
  for (const auto& [name, changes] : sections_of(diff)) {
    if (changes.empty()) continue;
    out += fmt::format("{} ({})\n", name, changes.size());
    for (const Change& change : changes) {
      const CaseResult& r = shown(change);
      out += fmt::format("  {}  {}{}\n", one_line(r.id, 160), verdicts(change),
                         r.reason.empty() || !change.after ? "" : ": " + one_line(r.reason));
    }
  }
  return out + counts(diff) + "\n";
}

std::string write_diff_markdown(const Diff& diff) {
  std::string out = fmt::format("## wsspec: {}\n\n", diff.empty() ? "no verdict changed" : counts(diff));
  for (const auto& remark : diff.remarks) out += "- " + markdown_text(remark) + "\n";
  if (!diff.remarks.empty()) out += "\n";
  std::size_t left_out = 0;
  for (const auto& [name, changes] : sections_of(diff)) {
    if (changes.empty()) continue;
    std::string rows = fmt::format("### {}\n\n| case | verdict | seen |\n|:--|:--|:--|\n", name);
    for (const Change& change : changes) {
      if (out.size() + rows.size() > kMarkdownLimit - 8 * 1024) {
        ++left_out;
        continue;
      }
      const CaseResult& r = shown(change);
      rows += fmt::format("| {} | {} | {} |\n", markdown_code(r.id, 160), markdown_text(verdicts(change)),
                          change.after ? markdown_text(r.reason) : "");
    }
    out += rows + "\n";
  }
  if (left_out > 0) out += fmt::format("... and {} more changes\n", left_out);
  return out;
}

}  // namespace wsspec
