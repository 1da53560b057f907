#include "report/github.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/terminal.h"
#include "report/text.h"

namespace wsspec {
namespace {

constexpr std::size_t kPerKind = 10;

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '\n' || c == '\r' || (property && (c == ':' || c == ',')))
      out += fmt::format("%{:02X}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out;
}

std::string command(std::string_view kind, std::string_view title, std::string_view message) {
  return fmt::format("::{} title={}::{}\n", kind, escaped(one_line(title, 200), true),
                     escaped(message, false));
}

std::string message_of(const RunResult& run, const CaseResult& r) {
  std::string out = one_line(r.about, 200) + "\n" + one_line(r.reason);
  if (!r.clause.empty()) out += fmt::format("\n{} ({})", one_line(r.clause, 160), level_name(r.level));
  if (!r.expected.empty()) out += "\nexpected: " + one_line(r.expected);
  if (!r.actual.empty()) out += "\nactual: " + one_line(r.actual);
  return out + "\n" + one_line(replay_command(run, r), 400);
}

/// Smaller is worse: deaths, then verdicts in their order, then levels; flaky ones last within.
int rank(const CaseResult& r) {
  const auto verdict = static_cast<int>(std::ranges::find(kVerdicts, r.verdict) - std::begin(kVerdicts));
  return (r.target_died ? 0 : 100) + verdict * 10 + static_cast<int>(r.level) * 2 + r.flaky;
}

std::vector<const CaseResult*> sorted(const RunResult& run, auto wanted) {
  std::vector<const CaseResult*> out;
  for (const auto& r : run.results)
    if (wanted(r)) out.push_back(&r);
  std::ranges::stable_sort(out, {}, [](const CaseResult* r) { return rank(*r); });
  return out;
}

}  // namespace

std::string write_github(const RunResult& run, const Gate& gate) {
  const auto red = sorted(run, [&](const CaseResult& r) { return is_red(r, gate); });
  const auto weak = sorted(run, [&](const CaseResult& r) {
    return r.verdict == Verdict::weak && !r.baseline && !is_red(r, gate);
  });
  std::string out;
  for (std::size_t i = 0; i < std::min(red.size(), kPerKind); ++i)
    out += command("error", red[i]->id, message_of(run, *red[i]));
  std::size_t warnings = 0;
  for (const auto& entry : run.stale_baseline)
    if (++warnings <= kPerKind) out += command("warning", "stale baseline", one_line(entry));
  for (const CaseResult* r : weak)
    if (++warnings <= kPerKind) out += command("warning", r->id, message_of(run, *r));
  std::string notice = one_line(outcome_line(run, gate), 600);
  if (red.size() > kPerKind)
    notice += fmt::format("\n{} more red verdicts are not annotated", red.size() - kPerKind);
  if (warnings > kPerKind) notice += fmt::format("\n{} more warnings are not annotated", warnings - kPerKind);
  return out + command("notice", "wsspec", notice);
}

}  // namespace wsspec
